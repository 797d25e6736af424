/// The first byte of a line that keeps it from being text.
struct TextFlaw {
    /// What is wrong with the byte.
    enum Kind {
        /// It does not belong to well-formed UTF-8 (The Unicode Standard, table 3-7).
        case notUTF8

        /// It is NUL, which no text file holds; UTF-16 and binary files do.
        case nul
    }

    let kind: Kind

    /// The byte's offset in the line, counted from 0.
    let offset: Int

    let byte: UInt8

    /// Looks for the first flaw; `nil` when the bytes are text.
    ///
    /// - Complexity: O(bytes), eight at a time while they are ASCII.
    init?(in bytes: UnsafeBufferPointer<UInt8>) {
        var position = 0
        while position < bytes.count {
            position = Self.endOfASCII(in: bytes, from: position)
            guard position < bytes.count else { return nil }
            let length = bytes[position] == 0 ? 0 : Self.scalarLength(in: bytes, at: position)
            guard length > 0 else {
                kind = bytes[position] == 0 ? .nul : .notUTF8
                offset = position
                byte = bytes[position]
                return
            }
            position += length
        }
        return nil
    }

    /// The flaw as an error about a line.
    func error(at location: SourceLocation) -> DatasetError {
        let digits = String(byte, radix: 16, uppercase: true)
        let hexadecimal = "0x" + (byte < 16 ? "0" : "") + digits
        switch kind {
        case .notUTF8:
            return DatasetError(
                .badData, at: location,
                "byte \(offset + 1) of the line (\(hexadecimal)) is not UTF-8; "
                    + "convert the file, for example with iconv -t UTF-8")
        case .nul:
            return DatasetError(
                .badData, at: location,
                "byte \(offset + 1) of the line is NUL; expected text in UTF-8: "
                    + "the file may be UTF-16 or not text at all")
        }
    }

    /// The first position at or after `position` whose byte is NUL or not ASCII.
    private static func endOfASCII(
        in bytes: UnsafeBufferPointer<UInt8>, from position: Int
    ) -> Int {
        var position = position
        let raw = UnsafeRawBufferPointer(bytes)
        while position + 8 <= bytes.count {
            let word = raw.loadUnaligned(fromByteOffset: position, as: UInt64.self)
            // The borrow of the subtraction sets the high bit of every byte that was zero.
            let zeros = (word &- 0x0101_0101_0101_0101) & ~word
            if (word | zeros) & 0x8080_8080_8080_8080 != 0 { break }
            position += 8
        }
        while position < bytes.count, bytes[position] != 0, bytes[position] < 0x80 {
            position += 1
        }
        return position
    }

    /// The number of bytes of the well-formed scalar at `position`, or 0 when there is none.
    private static func scalarLength(
        in bytes: UnsafeBufferPointer<UInt8>, at position: Int
    ) -> Int {
        let length: Int
        var second: ClosedRange<UInt8> = 0x80...0xBF
        switch bytes[position] {
        case 0x01...0x7F: return 1
        case 0xC2...0xDF: length = 2
        case 0xE0: (length, second) = (3, 0xA0...0xBF)
        case 0xED: (length, second) = (3, 0x80...0x9F)
        case 0xE1...0xEF: length = 3
        case 0xF0: (length, second) = (4, 0x90...0xBF)
        case 0xF4: (length, second) = (4, 0x80...0x8F)
        case 0xF1...0xF3: length = 4
        default: return 0
        }
        guard position + length <= bytes.count, second.contains(bytes[position + 1]) else {
            return 0
        }
        for offset in 2..<max(length, 2) where bytes[position + offset] & 0xC0 != 0x80 {
            return 0
        }
        return length
    }
}

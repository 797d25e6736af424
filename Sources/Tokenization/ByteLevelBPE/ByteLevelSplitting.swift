/// GPT-2's split of a text into stretches that pieces do not cross (Radford et al. 2019), written
/// by hand. As a regular expression:
///
///     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
///
/// So a space belongs to what follows it, and of a run of whitespace all but the last scalar stand
/// alone. Letters and numbers are those of `ScalarTables`.
enum ByteLevelSplitting {
    /// Where the stretch ends that begins at `start`, in a text that ends at `end`.
    ///
    /// - Parameter followsSpace: whether a space is to be thought before `start`. Where that space
    ///   is a stretch of its own, the result is `start`.
    static func end(
        of bytes: UnsafeBufferPointer<UInt8>, from start: Int, to end: Int, followsSpace: Bool
    ) -> Int {
        var position = start
        if !followsSpace {
            if bytes[start] == UInt8(ascii: "'"),
                let length = contractionLength(in: bytes, at: start, to: end)
            {
                return start + length
            }
            if bytes[start] == 0x20 { position += 1 }
        }
        if position < end {
            let (kind, length) = kind(in: bytes, at: position)
            if kind != .whitespace {
                position += length
                while position < end {
                    let (next, length) = self.kind(in: bytes, at: position)
                    if next != kind { break }
                    position += length
                }
                return position
            }
        }
        // Whitespace: to its end, or up to its last scalar where something follows.
        var last = start
        var count = followsSpace ? 1 : 0
        position = start
        while position < end {
            let (kind, length) = kind(in: bytes, at: position)
            if kind != .whitespace { break }
            last = position
            position += length
            count += 1
        }
        return position == end || count == 1 ? position : last
    }

    private enum Kind: UInt8 {
        case letter
        case number
        case whitespace
        case other
    }

    private static let kindOfASCII: [Kind] = (0..<0x80).map { kind(of: $0) }

    private static func kind(of scalar: UInt32) -> Kind {
        let classes = ScalarProperties.shared[scalar]
        if classes.contains(.letter) { return .letter }
        if classes.contains(.number) { return .number }
        return classes.contains(.whitespace) ? .whitespace : .other
    }

    @inline(__always)
    private static func kind(
        in bytes: UnsafeBufferPointer<UInt8>, at position: Int
    ) -> (Kind, length: Int) {
        if bytes[position] < 0x80 { return (kindOfASCII[Int(bytes[position])], 1) }
        let scalar = decodeScalar(in: bytes, at: position)
        return (kind(of: scalar.value), scalar.end - position)
    }

    private static func contractionLength(
        in bytes: UnsafeBufferPointer<UInt8>, at start: Int, to end: Int
    ) -> Int? {
        guard start + 1 < end else { return nil }
        let first = bytes[start + 1]
        switch first {
        case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return 2
        case UInt8(ascii: "r"), UInt8(ascii: "v"), UInt8(ascii: "l"):
            guard start + 2 < end else { return nil }
            let second = first == UInt8(ascii: "l") ? first : UInt8(ascii: "e")
            return bytes[start + 2] == second ? 3 : nil
        default: return nil
        }
    }
}

/// Cuts a JSON array into its elements while it arrives: one element is in memory.
///
/// Whether an element is valid JSON, and an object, is left to its reader; brackets, quotes and commas
/// alone decide where it ends.
struct JSONArrayElements {
    /// The element last read, valid until the next one is asked for.
    private(set) var element: [UInt8] = []
    /// The line in which it begins.
    private(set) var elementLine = 0
    /// Its number, counted from 1.
    private(set) var number = 0
    /// Whether the array is not one that elements can be cut out of, so that reading has ended.
    var hasFailed: Bool { failure != nil }

    private enum State {
        case beforeArray, beforeFirst, beforeElement, inside, whole, behind, ended
    }
    private let lines: LineReader
    private var state = State.beforeArray
    private var line: Int
    /// How many brackets of the element are open; none while it is a number, a word or a string.
    private var depth = 0
    private var isInString = false
    private var isEscaped = false
    private var failure: DatasetError?

    /// Reads from where the array's opening bracket is next but for blanks.
    init(lines: LineReader) {
        self.lines = lines
        line = lines.line + 1
    }

    /// Reads the next element.
    ///
    /// - Returns: whether there is one.
    /// - Throws: ``DatasetError``, also about what stands between elements and behind the array.
    mutating func next() throws(DatasetError) -> Bool {
        while try !scanAtHand() {
            guard try lines.piece().isEmpty else { continue }
            guard state == .ended else {
                let failure = problem("the array is never closed; the file may be cut off")
                self.failure = failure
                throw failure
            }
            return false
        }
        state = .behind
        return true
    }

    /// Whether `next` would have to wait for a pipe.
    mutating func mustWait() -> Bool {
        while true {
            // What is wrong is thrown by `next`.
            guard let isWhole = try? scanAtHand() else { return false }
            if isWhole { return false }
            if lines.mustWaitForBytes { return true }
            guard let piece = try? lines.piece(), !piece.isEmpty else { return false }
        }
    }

    /// Reads the bytes at hand up to the end of an element; what is wrong with them is thrown from then
    /// on.
    ///
    /// - Returns: whether an element is whole.
    private mutating func scanAtHand() throws(DatasetError) -> Bool {
        if let failure { throw failure }
        do throws(DatasetError) { return try scan() } catch {
            failure = error
            throw error
        }
    }

    private mutating func scan() throws(DatasetError) -> Bool {
        if state == .whole { return true }
        let piece = lines.pieceAtHand
        var position = 0
        // An element's bytes are appended in stretches.
        var elementStart = 0
        defer { lines.consume(position) }
        while position < piece.count {
            let byte = piece[position]
            position += 1
            guard state == .inside else {
                if byte == 0x0A { line += 1 }
                if try readBetween(byte) { elementStart = position - 1 }
                continue
            }
            if depth == 0, !isInString, Self.endsScalar(byte) {
                // The byte behind a number or a word is read again as what parts elements.
                position -= 1
                try append(piece[elementStart..<position])
                state = .whole
                return true
            }
            if byte == 0x0A { line += 1 }
            if isInString {
                if isEscaped {
                    isEscaped = false
                } else if byte == UInt8(ascii: "\\") {
                    isEscaped = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                    guard depth == 0 else { continue }
                    try append(piece[elementStart..<position])
                    state = .whole
                    return true
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                guard depth == 0 else { continue }
                try append(piece[elementStart..<position])
                state = .whole
                return true
            default: break
            }
        }
        if state == .inside { try append(piece[elementStart...]) }
        return false
    }

    private mutating func append(_ bytes: Slice<UnsafeBufferPointer<UInt8>>) throws(DatasetError) {
        guard element.count + bytes.count <= lines.maximumLineBytes else {
            throw lines.tooLong(at: elementLine)
        }
        element.append(contentsOf: bytes)
    }

    private static func endsScalar(_ byte: UInt8) -> Bool {
        [0x20, 0x09, 0x0A, 0x0D, UInt8(ascii: ","), UInt8(ascii: "]")].contains(byte)
    }

    /// Reads a byte outside of elements.
    ///
    /// - Returns: whether it begins one.
    private mutating func readBetween(_ byte: UInt8) throws(DatasetError) -> Bool {
        switch (byte, state) {
        case (0x20, _), (0x09, _), (0x0A, _), (0x0D, _): break
        case (UInt8(ascii: "["), .beforeArray): state = .beforeFirst
        case (UInt8(ascii: ","), .behind): state = .beforeElement
        case (UInt8(ascii: "]"), .behind), (UInt8(ascii: "]"), .beforeFirst): state = .ended
        case (_, .ended):
            throw problem(
                "text stands behind the array; expected one array of objects, or one object a line "
                    + "without brackets around them")
        case (UInt8(ascii: "]"), .beforeElement):
            throw problem(
                "a comma stands behind the array's last element; remove it, or add the element that "
                    + "is missing")
        case (UInt8(ascii: ","), .beforeFirst), (UInt8(ascii: ","), .beforeElement):
            throw problem("a comma stands where an element is expected; remove it")
        case (_, .beforeFirst), (_, .beforeElement):
            element.removeAll(keepingCapacity: true)
            elementLine = line
            number += 1
            depth = byte == UInt8(ascii: "{") || byte == UInt8(ascii: "[") ? 1 : 0
            isInString = byte == UInt8(ascii: "\"")
            state = .inside
            return true
        default:
            throw problem(
                "an array's elements are not parted by a comma, or the array is not closed; check its "
                    + "commas and brackets")
        }
        return false
    }

    private func problem(_ message: String) -> DatasetError {
        DatasetError(.badData, at: SourceLocation(file: lines.name, line: line), message)
    }
}

/// Reads the tokens of JSON (RFC 8259) from bytes that may be hostile: depth is bounded, and nothing
/// beyond the grammar is taken for JSON. Whether strings are UTF-8 is left to the caller.
package struct JSONLexer {
    /// The text that is read.
    package let bytes: UnsafeBufferPointer<UInt8>
    /// The offset of the byte that is read next.
    package private(set) var position = 0
    /// How many arrays and objects may stand within each other.
    package static let deepest = 64

    /// Reads from the beginning of a text, which must outlive the lexer.
    package init(_ bytes: UnsafeBufferPointer<UInt8>) { self.bytes = bytes }

    /// The next byte that is not whitespace, where the position then is; nil at the end.
    package mutating func next() -> UInt8? {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0a, 0x0d: position += 1
            default: return bytes[position]
            }
        }
        return nil
    }

    /// Reads a mark, past whitespace.
    package mutating func expect(_ mark: Unicode.Scalar) throws(JSONProblem) {
        guard let byte = next(), UInt32(byte) == mark.value else { throw problem("\"\(mark)\"") }
        position += 1
    }

    /// Reads a mark if it is next, past whitespace.
    package mutating func skip(_ mark: Unicode.Scalar) -> Bool {
        guard let byte = next(), UInt32(byte) == mark.value else { return false }
        position += 1
        return true
    }

    /// Reads `true`, `false` or `null`.
    mutating func literal(_ text: StaticString) throws(JSONProblem) {
        for index in 0..<text.utf8CodeUnitCount {
            guard position < bytes.count, bytes[position] == text.utf8Start[index] else {
                throw problem("a JSON value")
            }
            position += 1
        }
    }

    /// Reads a number.
    ///
    /// - Returns: where its text is.
    package mutating func number() throws(JSONProblem) -> Range<Int> {
        let start = position
        if peek == UInt8(ascii: "-") { position += 1 }
        if peek == UInt8(ascii: "0") {
            position += 1
        } else if skipDigits() == 0 {
            position = start
            for word in ["NaN", "Infinity", "-Infinity"]
            where bytes[start...].starts(with: word.utf8) {
                throw JSONProblem(.notANumber(word), at: start)
            }
            throw problem("a JSON value")
        }
        if peek == UInt8(ascii: ".") {
            position += 1
            guard skipDigits() > 0 else { throw problem("a digit") }
        }
        if peek == UInt8(ascii: "e") || peek == UInt8(ascii: "E") {
            position += 1
            if peek == UInt8(ascii: "+") || peek == UInt8(ascii: "-") { position += 1 }
            guard skipDigits() > 0 else { throw problem("a digit") }
        }
        return start..<position
    }

    /// Reads a string, whose opening quote is next, and appends what it holds as UTF-8.
    package mutating func string(into text: inout [UInt8]) throws(JSONProblem) {
        position += 1
        while true {
            text.append(contentsOf: bytes[try skipPlain()])
            guard bytes[position] == UInt8(ascii: "\\") else { break }
            position += 1
            text.append(contentsOf: try escape().utf8)
        }
        position += 1
    }

    /// Reads past a string, whose opening quote is next.
    package mutating func skipString() throws(JSONProblem) {
        position += 1
        while true {
            _ = try skipPlain()
            guard bytes[position] == UInt8(ascii: "\\") else { break }
            position += 1
            _ = try escape()
        }
        position += 1
    }

    /// Reads past a value.
    ///
    /// - Parameter depth: how many arrays and objects it stands in.
    /// - Returns: where its text is.
    package mutating func skipValue(depth: Int) throws(JSONProblem) -> Range<Int> {
        guard depth < Self.deepest else {
            throw problem("a depth of at most \(Self.deepest) levels")
        }
        let first = next()
        let start = position
        switch first {
        case UInt8(ascii: "{"):
            position += 1
            if skip("}") { break }
            repeat {
                guard next() == UInt8(ascii: "\"") else { throw problem("a member's name") }
                try skipString()
                try expect(":")
                _ = try skipValue(depth: depth + 1)
            } while skip(",")
            try expect("}")
        case UInt8(ascii: "["):
            position += 1
            if skip("]") { break }
            repeat { _ = try skipValue(depth: depth + 1) } while skip(",")
            try expect("]")
        case UInt8(ascii: "\""): try skipString()
        case UInt8(ascii: "t"): try literal("true")
        case UInt8(ascii: "f"): try literal("false")
        case UInt8(ascii: "n"): try literal("null")
        default: _ = try number()
        }
        return start..<position
    }

    /// What is wrong at the position.
    package func problem(_ expected: String) -> JSONProblem {
        JSONProblem(.expected(expected), at: position)
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func skipDigits() -> Int {
        let start = position
        while let byte = peek, 0x30...0x39 ~= byte { position += 1 }
        return position - start
    }

    /// Reads the bytes of a string up to its closing quote or an escape, which then is next.
    private mutating func skipPlain() throws(JSONProblem) -> Range<Int> {
        let start = position
        while true {
            guard position < bytes.count else { throw problem("the end of a string") }
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") { return start..<position }
            guard byte >= 0x20 else { throw problem("a string without bare control characters") }
            position += 1
        }
    }

    /// Reads an escape behind its backslash.
    private mutating func escape() throws(JSONProblem) -> Unicode.Scalar {
        guard let byte = peek else { throw problem("the end of an escape") }
        let start = position - 1
        position += 1
        switch byte {
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "\""), UInt8(ascii: "/"), UInt8(ascii: "\\"):
            return Unicode.Scalar(byte)
        case UInt8(ascii: "u"): break
        default: throw problem("a known escape")
        }
        var value = try codeUnit()
        if value & 0xfc00 == 0xd800, bytes[position...].starts(with: [0x5c, 0x75]) {
            position += 2
            let low = try codeUnit()
            // Not a scalar, where the other half is none.
            value = low & 0xfc00 == 0xdc00 ? 0x10000 + (value & 0x3ff) << 10 + low & 0x3ff : value
        }
        guard let scalar = Unicode.Scalar(value) else {
            let text = String(decoding: bytes[start..<start + 6], as: UTF8.self)
            throw JSONProblem(.halfSurrogate(text), at: start)
        }
        return scalar
    }

    private mutating func codeUnit() throws(JSONProblem) -> UInt32 {
        guard bytes.count - position >= 4 else { throw problem("four hexadecimal digits") }
        var value: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
            case 0x41...0x46, 0x61...0x66: value = value << 4 | UInt32((byte | 0x20) - 0x61 + 10)
            default: throw problem("four hexadecimal digits")
            }
        }
        position += 4
        return value
    }
}

/// What keeps a text from being JSON, and where.
package struct JSONProblem: Error {
    /// What is wrong.
    package enum Kind {
        /// Something else was expected.
        case expected(String)
        /// `NaN`, `Infinity` or `-Infinity`, which many writers print and JSON does not have.
        case notANumber(String)
        /// An escape such as `\ud83d` is one half of a pair of surrogates and stands alone.
        case halfSurrogate(String)
    }

    package let kind: Kind
    /// The offset of the byte, from 0.
    package let offset: Int

    init(_ kind: Kind, at offset: Int) {
        self.kind = kind
        self.offset = offset
    }

    /// What is wrong, without the place.
    package var message: String {
        switch kind {
        case .expected(let expected): "\(expected) was expected"
        case .notANumber(let word): "\(word) is not JSON"
        case .halfSurrogate(let escape):
            "\(escape) is one half of a surrogate pair without the other, which is no character"
        }
    }
}

import Errors

/// A strict reader of the JSON that a safetensors header may hold: objects, arrays, strings and
/// unsigned integers, asked for one by one.
///
/// The caller names what must come next, so nesting is as deep as the caller's code and hostile
/// input cannot exhaust the stack. Repeated keys are errors: two readers that disagree on which
/// one counts would load different weights from one file.
struct HeaderScanner {
    private let bytes: UnsafeRawBufferPointer
    private let path: String
    private var position = 0

    init(bytes: UnsafeRawBufferPointer, path: String) {
        self.bytes = bytes
        self.path = path
    }

    /// Reads `{"key": …, …}`; `member` must read each key's value.
    mutating func object(_ member: (inout HeaderScanner, _ key: String) throws -> Void) throws {
        try expect("{")
        if skip("}") { return }
        var seen: Set<String> = []
        repeat {
            let key = try string()
            guard seen.insert(key).inserted else {
                throw problem("the key \(SafetensorsError.quoted(key)) stands twice")
            }
            try expect(":")
            try member(&self, key)
        } while skip(",")
        try expect("}")
    }

    /// Reads `[1, 2, …]`.
    mutating func unsignedIntegers() throws -> [Int] {
        try expect("[")
        if skip("]") { return [] }
        var result: [Int] = []
        repeat {
            result.append(try unsignedInteger())
        } while skip(",")
        try expect("]")
        return result
    }

    /// Reads a string, its escapes resolved.
    mutating func string() throws -> String {
        try expect("\"")
        var units: [UInt8] = []
        while position < bytes.count {
            let byte = bytes[position]
            position += 1
            switch byte {
            case UInt8(ascii: "\""):
                guard let text = String(validating: units, as: UTF8.self) else {
                    throw problem("a string is not UTF-8")
                }
                return text
            case UInt8(ascii: "\\"):
                try appendEscape(to: &units)
            case 0..<0x20:
                throw problem("a control character stands inside a string")
            default:
                units.append(byte)
            }
        }
        throw problem("a string does not end")
    }

    /// Checks that nothing but padding follows.
    mutating func end() throws {
        skipWhitespace()
        guard position == bytes.count else {
            throw problem("\(bytes.count - position) bytes follow the closing brace")
        }
    }

    private mutating func unsignedInteger() throws -> Int {
        skipWhitespace()
        let start = position
        var value = 0
        while position < bytes.count, case let digit = bytes[position] &- UInt8(ascii: "0"),
            digit < 10
        {
            let (tenfold, overflowed) = value.multipliedReportingOverflow(by: 10)
            let (sum, carried) = tenfold.addingReportingOverflow(Int(digit))
            guard !overflowed, !carried else { throw problem("a number is too large") }
            value = sum
            position += 1
        }
        let leadingZero = position - start > 1 && bytes[start] == UInt8(ascii: "0")
        let continues = position < bytes.count && Self.continuesNumber(bytes[position])
        guard position > start, !leadingZero, !continues else {
            throw problem("expected a whole number, zero or more")
        }
        return value
    }

    /// Whether `byte` would make a fraction or an exponent of the digits before it.
    private static func continuesNumber(_ byte: UInt8) -> Bool {
        byte == UInt8(ascii: ".") || byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E")
    }

    private mutating func appendEscape(to units: inout [UInt8]) throws {
        guard position < bytes.count else { throw problem("a string does not end") }
        let escape = bytes[position]
        position += 1
        switch escape {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): units.append(escape)
        case UInt8(ascii: "b"): units.append(0x08)
        case UInt8(ascii: "f"): units.append(0x0C)
        case UInt8(ascii: "n"): units.append(0x0A)
        case UInt8(ascii: "r"): units.append(0x0D)
        case UInt8(ascii: "t"): units.append(0x09)
        case UInt8(ascii: "u"): units.append(contentsOf: String(try escapedScalar()).utf8)
        default: throw problem("an unknown escape stands inside a string")
        }
    }

    /// The scalar of `\uXXXX`, or of a surrogate pair of them.
    private mutating func escapedScalar() throws -> Unicode.Scalar {
        var value = try hexadecimalUnit()
        if (0xD800..<0xDC00).contains(value), position + 1 < bytes.count,
            bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
        {
            position += 2
            let low = try hexadecimalUnit()
            guard (0xDC00..<0xE000).contains(low) else { throw problem("half a surrogate pair") }
            value = 0x10000 + (value - 0xD800) << 10 + (low - 0xDC00)
        }
        guard let scalar = Unicode.Scalar(value) else { throw problem("half a surrogate pair") }
        return scalar
    }

    private mutating func hexadecimalUnit() throws -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard position < bytes.count, let digit = Self.hexadecimalDigit(bytes[position]) else {
                throw problem("expected four hexadecimal digits")
            }
            value = value << 4 + digit
            position += 1
        }
        return value
    }

    private static func hexadecimalDigit(_ byte: UInt8) -> UInt32? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt32(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt32(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt32(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    private mutating func expect(_ scalar: Unicode.Scalar) throws {
        guard skip(scalar) else { throw problem("expected '\(scalar)'") }
    }

    /// Consumes `scalar` when it comes next, after whitespace.
    private mutating func skip(_ scalar: Unicode.Scalar) -> Bool {
        skipWhitespace()
        guard position < bytes.count, bytes[position] == UInt8(ascii: scalar) else { return false }
        position += 1
        return true
    }

    private mutating func skipWhitespace() {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x0A, 0x0D, 0x09: position += 1
            default: return
            }
        }
    }

    /// An error at the current place in the header.
    func problem(_ text: String) -> SafetensorsError {
        .damaged(path, "header byte \(position): \(text)")
    }
}

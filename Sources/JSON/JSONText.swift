/// A JSON value that is written with its keys in the order given, on one line.
///
///     let row: JSONText = ["id": "7", "probabilities": ["positive": .number(Float(0.1))]]
///     row.write() // {"id":"7","probabilities":{"positive":0.1}}
///
/// Numbers are written as the shortest text that reads back as the same number *of their own
/// type*, so that a `Float` of 0.1 is `0.1`. JSON has no infinities and no NaN: they become
/// `null`. Text is written as UTF-8; what RFC 8259, section 7, demands is escaped, and what could
/// steer a terminal or turn the direction in which a line is read: DEL, C1 controls, bidirectional
/// controls, and line and paragraph separators. Any reader gets the same text back.
package enum JSONText: Sendable {
    /// Keys and values, written in this order.
    case object([(key: String, value: JSONText)])

    /// Values, written in this order.
    case array([JSONText])

    /// As many values, each made when it is written: for arrays that would take much memory at once.
    case elements(count: Int, @Sendable (Int) -> JSONText)

    /// Text, escaped when written.
    case string(String)

    /// A whole number.
    case integer(Int)

    /// A single-precision number.
    case float(Float)

    /// A double-precision number.
    case double(Double)

    /// `true` or `false`.
    case bool(Bool)

    /// `null`.
    case null

    /// A whole number.
    package static func number(_ value: Int) -> JSONText { .integer(value) }

    /// A single-precision number.
    package static func number(_ value: Float) -> JSONText { .float(value) }

    /// A double-precision number.
    package static func number(_ value: Double) -> JSONText { .double(value) }

    /// The value as JSON, without a line break.
    ///
    /// - Complexity: O(length of the result).
    package func write() -> String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the value as JSON in UTF-8, without a line break.
    ///
    /// - Complexity: O(length of what is appended).
    package func append(to bytes: inout [UInt8]) {
        switch self {
        case .object(let members):
            bytes.append(UInt8(ascii: "{"))
            for (position, member) in members.enumerated() {
                if position > 0 { bytes.append(UInt8(ascii: ",")) }
                Self.append(string: member.key, to: &bytes)
                bytes.append(UInt8(ascii: ":"))
                member.value.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "}"))
        case .array(let elements):
            bytes.append(UInt8(ascii: "["))
            for (position, element) in elements.enumerated() {
                if position > 0 { bytes.append(UInt8(ascii: ",")) }
                element.append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .elements(let count, let element):
            bytes.append(UInt8(ascii: "["))
            for position in 0..<count {
                if position > 0 { bytes.append(UInt8(ascii: ",")) }
                element(position).append(to: &bytes)
            }
            bytes.append(UInt8(ascii: "]"))
        case .string(let text): Self.append(string: text, to: &bytes)
        case .integer(let value): bytes.append(contentsOf: value.description.utf8)
        case .float(let value):
            bytes.append(contentsOf: (value.isFinite ? value.description : "null").utf8)
        case .double(let value):
            bytes.append(contentsOf: (value.isFinite ? value.description : "null").utf8)
        case .bool(let value): bytes.append(contentsOf: (value ? "true" : "false").utf8)
        case .null: bytes.append(contentsOf: "null".utf8)
        }
    }

    private static func append(string: String, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\""))
        var string = string
        string.withUTF8 { text in
            // Text that needs no escape is copied in runs.
            var start = 0
            var position = 0
            while position < text.count {
                let control = ControlScalar.starting(at: position, in: text)
                let byte = text[position]
                guard control != nil || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
                else {
                    position += 1
                    continue
                }
                bytes.append(contentsOf: text[start..<position])
                append(escaped: control?.value ?? UInt16(byte), to: &bytes)
                position += control?.length ?? 1
                start = position
            }
            bytes.append(contentsOf: text[start...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    /// Appends an escape, the short one where JSON has one.
    static func append(escaped scalar: UInt16, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        switch scalar {
        case 0x0A: bytes.append(UInt8(ascii: "n"))
        case 0x0D: bytes.append(UInt8(ascii: "r"))
        case 0x09: bytes.append(UInt8(ascii: "t"))
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0x22, 0x5C: bytes.append(UInt8(scalar))
        default:
            let digits: StaticString = "0123456789abcdef"
            bytes.append(UInt8(ascii: "u"))
            for shift in [12, 8, 4, 0] {
                bytes.append(digits.utf8Start[Int(scalar >> shift & 15)])
            }
        }
    }
}

/// A scalar that JSON text has as an escape although RFC 8259 lets most of them stand: controls (C0,
/// DEL, C1), bidirectional controls, and line and paragraph separators.
private struct ControlScalar {
    let value: UInt16
    /// How many bytes of UTF-8 it takes.
    let length: Int

    /// The one that starts at a place in UTF-8; nil where none does.
    @inline(__always)
    static func starting(
        at position: Int, in text: UnsafeBufferPointer<UInt8>
    ) -> ControlScalar? {
        let byte = text[position]
        if byte < 0x80 {
            return byte < 0x20 || byte == 0x7F ? ControlScalar(value: UInt16(byte), length: 1) : nil
        }
        // The lead bytes of those beyond ASCII.
        guard byte == 0xC2 || byte == 0xD8 || byte == 0xE2, position + 1 < text.count else {
            return nil
        }
        let second = text[position + 1]
        switch byte {
        case 0xC2: return second < 0xA0 ? ControlScalar(value: UInt16(second), length: 2) : nil
        case 0xD8: return second == 0x9C ? ControlScalar(value: 0x061C, length: 2) : nil
        default: break
        }
        guard second == 0x80 || second == 0x81, position + 2 < text.count else { return nil }
        let value = 0x2000 | UInt16(second & 0x3F) << 6 | UInt16(text[position + 2] & 0x3F)
        switch value {
        case 0x200E...0x200F, 0x2028...0x202E, 0x2066...0x2069:
            return ControlScalar(value: value, length: 3)
        default: return nil
        }
    }
}

extension JSONText: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral,
    ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral
{
    /// An object whose keys keep the order of the literal.
    package init(dictionaryLiteral elements: (String, JSONText)...) {
        self = .object(elements.map { (key: $0.0, value: $0.1) })
    }

    /// An array.
    package init(arrayLiteral elements: JSONText...) { self = .array(elements) }

    /// Text.
    package init(stringLiteral value: String) { self = .string(value) }

    /// A whole number.
    package init(integerLiteral value: Int) { self = .integer(value) }

    /// `true` or `false`.
    package init(booleanLiteral value: Bool) { self = .bool(value) }

    /// `null`.
    package init(nilLiteral: ()) { self = .null }
}

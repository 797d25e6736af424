/// A JSON value that is written with its keys in the order given, on one line.
///
///     let row: JSONText = ["id": "7", "probabilities": ["positive": .number(Float(0.1))]]
///     row.write() // {"id":"7","probabilities":{"positive":0.1}}
///
/// Numbers are written as the shortest text that reads back as the same number *of their own
/// type*, so that a `Float` of 0.1 is `0.1`. JSON has no infinities and no NaN: they become
/// `null`. Text is written as UTF-8; only what RFC 8259, section 7, demands is escaped.
public enum JSONText: Sendable {
    /// Keys and values, written in this order.
    case object([(key: String, value: JSONText)])

    /// Values, written in this order.
    case array([JSONText])

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
    public static func number(_ value: Int) -> JSONText { .integer(value) }

    /// A single-precision number.
    public static func number(_ value: Float) -> JSONText { .float(value) }

    /// A double-precision number.
    public static func number(_ value: Double) -> JSONText { .double(value) }

    /// The value as JSON, without a line break.
    ///
    /// - Complexity: O(length of the result).
    public func write() -> String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the value as JSON in UTF-8, without a line break.
    ///
    /// - Complexity: O(length of what is appended).
    public func append(to bytes: inout [UInt8]) {
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
            for position in text.indices {
                let byte = text[position]
                guard byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
                else { continue }
                bytes.append(contentsOf: text[start..<position])
                append(escaped: byte, to: &bytes)
                start = position + 1
            }
            bytes.append(contentsOf: text[start...])
        }
        bytes.append(UInt8(ascii: "\""))
    }

    private static func append(escaped byte: UInt8, to bytes: inout [UInt8]) {
        bytes.append(UInt8(ascii: "\\"))
        switch byte {
        case UInt8(ascii: "\n"): bytes.append(UInt8(ascii: "n"))
        case UInt8(ascii: "\r"): bytes.append(UInt8(ascii: "r"))
        case UInt8(ascii: "\t"): bytes.append(UInt8(ascii: "t"))
        case 0x08: bytes.append(UInt8(ascii: "b"))
        case 0x0C: bytes.append(UInt8(ascii: "f"))
        case 0..<0x20:
            let digits: StaticString = "0123456789abcdef"
            bytes.append(contentsOf: "u00".utf8)
            bytes.append(digits.utf8Start[Int(byte >> 4)])
            bytes.append(digits.utf8Start[Int(byte & 15)])
        default: bytes.append(byte)
        }
    }
}

extension JSONText: ExpressibleByDictionaryLiteral, ExpressibleByArrayLiteral,
    ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByBooleanLiteral,
    ExpressibleByNilLiteral
{
    /// An object whose keys keep the order of the literal.
    public init(dictionaryLiteral elements: (String, JSONText)...) {
        self = .object(elements.map { (key: $0.0, value: $0.1) })
    }

    /// An array.
    public init(arrayLiteral elements: JSONText...) { self = .array(elements) }

    /// Text.
    public init(stringLiteral value: String) { self = .string(value) }

    /// A whole number.
    public init(integerLiteral value: Int) { self = .integer(value) }

    /// `true` or `false`.
    public init(booleanLiteral value: Bool) { self = .bool(value) }

    /// `null`.
    public init(nilLiteral: ()) { self = .null }
}

/// A JSON document's value.
package enum JSONValue: Sendable, Equatable {
    case null
    case boolean(Bool)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    /// The member of an object; nil where there is none, where it is null, and in other values.
    package subscript(key: String) -> JSONValue? {
        guard case .object(let members) = self, let value = members[key], value != .null else {
            return nil
        }
        return value
    }

    package var string: String? {
        if case .string(let string) = self { string } else { nil }
    }

    package var array: [JSONValue]? {
        if case .array(let array) = self { array } else { nil }
    }

    package var object: [String: JSONValue]? {
        if case .object(let object) = self { object } else { nil }
    }

    package var integer: Int? {
        if case .number(let number) = self { Int(exactly: number) } else { nil }
    }

    /// The value as an error text shows it.
    package var summary: String {
        switch self {
        case .null: "null"
        case .boolean(let value): value ? "true" : "false"
        case .number(let value): Int(exactly: value).map(String.init) ?? "\(value)"
        case .string(let value): quoted(value)
        case .array: "an array"
        case .object: "an object"
        }
    }
}

/// Reads JSON (RFC 8259) from bytes that may be hostile: depth is bounded, text must be UTF-8.
///
/// A vocabulary is an object of tens of thousands of members. It can be handed over member by
/// member, which is ten times faster than a dictionary of it.
struct JSONParser {
    /// Called with a member's name (UTF-8) and value; returns what is wrong with it, if anything.
    typealias MemberVisitor = (UnsafeBufferPointer<UInt8>, JSONValue) -> String?

    private let bytes: [UInt8]
    private let file: String
    private let visitedPath: [String]?
    private let visit: MemberVisitor
    private let allowsRepeats: Bool
    private var path: [String] = []
    private var position = 0
    /// The content of the string that was read last.
    private var text: [UInt8] = []

    /// Reads a document; the members of the object at `visitedPath` (empty: the document itself) go
    /// to `visit` instead of into the result.
    ///
    /// - Parameter allowsRepeats: whether a name may be given twice; then the last value counts.
    static func value(
        of bytes: [UInt8], file: String, visiting visitedPath: [String]? = nil,
        allowsRepeats: Bool = true, _ visit: @escaping MemberVisitor = { _, _ in nil }
    ) throws -> JSONValue {
        var parser = JSONParser(
            bytes: bytes, file: file, visitedPath: visitedPath, allowsRepeats: allowsRepeats,
            visit: visit)
        let value = try parser.value(depth: 0)
        guard parser.next() == nil else { throw parser.error("the end of the file") }
        return value
    }

    private init(
        bytes: [UInt8], file: String, visitedPath: [String]?, allowsRepeats: Bool,
        visit: @escaping MemberVisitor
    ) {
        self.allowsRepeats = allowsRepeats
        self.bytes = bytes
        self.file = file
        self.visitedPath = visitedPath
        self.visit = visit
    }

    private mutating func value(depth: Int) throws -> JSONValue {
        guard depth < 64 else { throw error("at most 64 levels") }
        switch next() {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""):
            try readString()
            return .string(String(decoding: text, as: UTF8.self))
        case UInt8(ascii: "t"): return try literal("true", .boolean(true))
        case UInt8(ascii: "f"): return try literal("false", .boolean(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        default: return try number()
        }
    }

    private mutating func object(depth: Int) throws -> JSONValue {
        position += 1
        let isVisited = path == visitedPath
        var members: [String: JSONValue] = [:]
        if next() == UInt8(ascii: "}") {
            position += 1
            return .object([:])
        }
        while true {
            guard next() == UInt8(ascii: "\"") else { throw error("a member's name") }
            try readString()
            if isVisited {
                let name = text
                try expect(":")
                let value = try value(depth: depth + 1)
                if let problem = name.withUnsafeBufferPointer({ visit($0, value) }) {
                    throw TokenizerError.malformed(file: file, line: line, problem: problem)
                }
            } else {
                let name = String(decoding: text, as: UTF8.self)
                guard allowsRepeats || members[name] == nil else {
                    throw TokenizerError.malformed(
                        file: file, line: line,
                        problem: "\(quoted(name)) is given twice; expected each name once")
                }
                try expect(":")
                path.append(name)
                members[name] = try value(depth: depth + 1)
                path.removeLast()
            }
            if next() == UInt8(ascii: "}") { break }
            try expect(",")
        }
        position += 1
        return .object(members)
    }

    private mutating func array(depth: Int) throws -> JSONValue {
        position += 1
        var elements: [JSONValue] = []
        if next() == UInt8(ascii: "]") {
            position += 1
            return .array([])
        }
        path.append("[]")
        while true {
            elements.append(try value(depth: depth + 1))
            if next() == UInt8(ascii: "]") { break }
            try expect(",")
        }
        path.removeLast()
        position += 1
        return .array(elements)
    }

    private mutating func literal(_ text: StaticString, _ value: JSONValue) throws -> JSONValue {
        for index in 0..<text.utf8CodeUnitCount {
            guard position < bytes.count, bytes[position] == text.utf8Start[index] else {
                throw error("a JSON value")
            }
            position += 1
        }
        return value
    }

    private mutating func number() throws -> JSONValue {
        let start = position
        while position < bytes.count {
            switch bytes[position] {
            case 0x30...0x39, UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: "."),
                UInt8(ascii: "e"), UInt8(ascii: "E"):
                position += 1
                continue
            default: break
            }
            break
        }
        let digits = bytes[start..<position]
        if digits.count <= 15, !digits.isEmpty, digits.allSatisfy({ 0x30...0x39 ~= $0 }) {
            return .number(Double(digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }))
        }
        guard let number = Double(String(decoding: digits, as: UTF8.self)), number.isFinite else {
            position = start
            throw error("a JSON value")
        }
        return .number(number)
    }

    /// Reads a string's content into `text`.
    private mutating func readString() throws {
        position += 1
        text.removeAll(keepingCapacity: true)
        var isASCII = true
        while true {
            guard position < bytes.count else { throw error("the end of a string") }
            let byte = bytes[position]
            if byte == UInt8(ascii: "\"") { break }
            guard byte >= 0x20 else { throw error("no bare control character in a string") }
            position += 1
            if byte == UInt8(ascii: "\\") {
                try readEscape()
            } else {
                text.append(byte)
                isASCII = isASCII && byte < 0x80
            }
        }
        position += 1
        if !isASCII, String(validating: text, as: UTF8.self) == nil {
            throw error("valid UTF-8 in the string before it")
        }
    }

    private mutating func readEscape() throws {
        guard position < bytes.count else { throw error("the end of an escape") }
        position += 1
        switch bytes[position - 1] {
        case UInt8(ascii: "n"): text.append(0x0a)
        case UInt8(ascii: "t"): text.append(0x09)
        case UInt8(ascii: "r"): text.append(0x0d)
        case UInt8(ascii: "b"): text.append(0x08)
        case UInt8(ascii: "f"): text.append(0x0c)
        case UInt8(ascii: "u"):
            var value = try readCodeUnit()
            if value & 0xfc00 == 0xd800, bytes[position...].starts(with: [0x5c, 0x75]) {
                position += 2
                let low = try readCodeUnit()
                guard low & 0xfc00 == 0xdc00 else { throw error("a pair of surrogates") }
                value = 0x10000 + (value & 0x3ff) << 10 + low & 0x3ff
            }
            guard let scalar = Unicode.Scalar(value) else { throw error("a pair of surrogates") }
            text.append(contentsOf: String(scalar).utf8)
        case let byte where [0x22, 0x2f, 0x5c].contains(byte): text.append(byte)
        default: throw error("a known escape")
        }
    }

    private mutating func readCodeUnit() throws -> UInt32 {
        guard bytes.count - position >= 4 else { throw error("four hexadecimal digits") }
        var value: UInt32 = 0
        for byte in bytes[position..<position + 4] {
            switch byte {
            case 0x30...0x39: value = value << 4 | UInt32(byte - 0x30)
            case 0x41...0x46, 0x61...0x66: value = value << 4 | UInt32((byte | 0x20) - 0x61 + 10)
            default: throw error("four hexadecimal digits")
            }
        }
        position += 4
        return value
    }

    /// The next byte that is not whitespace.
    private mutating func next() -> UInt8? {
        while position < bytes.count {
            switch bytes[position] {
            case 0x20, 0x09, 0x0a, 0x0d: position += 1
            default: return bytes[position]
            }
        }
        return nil
    }

    private mutating func expect(_ mark: Unicode.Scalar) throws {
        guard let byte = next(), UInt32(byte) == mark.value else { throw error("\"\(mark)\"") }
        position += 1
    }

    private var line: Int {
        bytes[..<min(position, bytes.count)].reduce(1) { $0 + ($1 == 0x0a ? 1 : 0) }
    }

    private func error(_ expected: String) -> TokenizerError {
        .malformed(
            file: file, line: line,
            problem:
                "this is not JSON as it should be: \(expected) was expected at byte \(position)"
        )
    }
}

import Errors

/// Reads JSON (RFC 8259) from bytes that may be hostile: depth is bounded, text must be UTF-8.
///
/// A vocabulary is an object of tens of thousands of members. It can be handed over member by
/// member, which is ten times faster than a dictionary of it.
package struct JSONParser {
    /// Called with a member's name (UTF-8) and value; returns what is wrong with it, if anything.
    package typealias MemberVisitor = (UnsafeBufferPointer<UInt8>, JSONValue) -> String?

    private var lexer: JSONLexer
    private let file: String
    private let visitedPath: [String]?
    private let visit: MemberVisitor
    private let allowsRepeats: Bool
    private var path: [String] = []
    /// The content of the string that was read last.
    private var text: [UInt8] = []

    /// Reads a document; the members of the object at `visitedPath` (empty: the document itself) go
    /// to `visit` instead of into the result.
    ///
    /// - Parameter allowsRepeats: whether a name may be given twice; then the last value counts.
    package static func value(
        of bytes: [UInt8], file: String, visiting visitedPath: [String]? = nil,
        allowsRepeats: Bool = true, _ visit: @escaping MemberVisitor = { _, _ in nil }
    ) throws -> JSONValue {
        try bytes.withUnsafeBufferPointer { bytes in
            var parser = JSONParser(
                lexer: JSONLexer(bytes), file: file, visitedPath: visitedPath,
                allowsRepeats: allowsRepeats, visit: visit)
            do {
                let value = try parser.value(depth: 0)
                guard parser.lexer.next() == nil else {
                    throw parser.lexer.problem("the end of the file")
                }
                return value
            } catch let problem as JSONProblem {
                throw JSONError(
                    file: file, line: parser.line(at: problem.offset),
                    problem:
                        "this is not JSON as it should be: \(problem.message) at byte \(problem.offset)"
                )
            }
        }
    }

    private init(
        lexer: JSONLexer, file: String, visitedPath: [String]?, allowsRepeats: Bool,
        visit: @escaping MemberVisitor
    ) {
        self.allowsRepeats = allowsRepeats
        self.lexer = lexer
        self.file = file
        self.visitedPath = visitedPath
        self.visit = visit
    }

    private mutating func value(depth: Int) throws -> JSONValue {
        guard depth < JSONLexer.deepest else {
            throw lexer.problem("a depth of at most \(JSONLexer.deepest) levels")
        }
        switch lexer.next() {
        case UInt8(ascii: "{"): return try object(depth: depth)
        case UInt8(ascii: "["): return try array(depth: depth)
        case UInt8(ascii: "\""):
            try readString()
            return .string(String(decoding: text, as: UTF8.self))
        case UInt8(ascii: "t"):
            try lexer.literal("true")
            return .boolean(true)
        case UInt8(ascii: "f"):
            try lexer.literal("false")
            return .boolean(false)
        case UInt8(ascii: "n"):
            try lexer.literal("null")
            return .null
        default: return try number()
        }
    }

    private mutating func object(depth: Int) throws -> JSONValue {
        try lexer.expect("{")
        let isVisited = path == visitedPath
        var members: [String: JSONValue] = [:]
        if lexer.skip("}") { return .object([:]) }
        repeat {
            guard lexer.next() == UInt8(ascii: "\"") else { throw lexer.problem("a member's name") }
            try readString()
            if isVisited {
                let name = text
                try lexer.expect(":")
                let value = try value(depth: depth + 1)
                if let problem = name.withUnsafeBufferPointer({ visit($0, value) }) {
                    throw JSONError(file: file, line: line, problem: problem)
                }
            } else {
                let name = String(decoding: text, as: UTF8.self)
                guard allowsRepeats || members[name] == nil else {
                    throw JSONError(
                        file: file, line: line,
                        problem: "\(quoted(name)) is given twice; expected each name once")
                }
                try lexer.expect(":")
                path.append(name)
                members[name] = try value(depth: depth + 1)
                path.removeLast()
            }
        } while lexer.skip(",")
        try lexer.expect("}")
        return .object(members)
    }

    private mutating func array(depth: Int) throws -> JSONValue {
        try lexer.expect("[")
        var elements: [JSONValue] = []
        if lexer.skip("]") { return .array([]) }
        path.append("[]")
        repeat { elements.append(try value(depth: depth + 1)) } while lexer.skip(",")
        try lexer.expect("]")
        path.removeLast()
        return .array(elements)
    }

    private mutating func number() throws -> JSONValue {
        let range = try lexer.number()
        let digits = lexer.bytes[range]
        if digits.count <= 15, digits.allSatisfy({ 0x30...0x39 ~= $0 }) {
            return .number(Double(digits.reduce(0) { $0 * 10 + Int($1 - 0x30) }))
        }
        guard let number = Double(String(decoding: digits, as: UTF8.self)), number.isFinite else {
            throw JSONProblem(.expected("a number of at most 1.8e308"), at: range.lowerBound)
        }
        // Of a fraction or an exponent there is no text that is read as an integer.
        if number.magnitude >= 0x1p53, number.magnitude <= 0x1p64,
            let whole = Int128(String(decoding: digits, as: UTF8.self)),
            Int128(exactly: number) != whole
        {
            return .wholeNumber(whole)
        }
        return .number(number)
    }

    /// Reads a string's content into `text`.
    private mutating func readString() throws {
        text.removeAll(keepingCapacity: true)
        try lexer.string(into: &text)
        guard String(validating: text, as: UTF8.self) != nil else {
            throw lexer.problem("valid UTF-8 in the string that ends here")
        }
    }

    private var line: Int { line(at: lexer.position) }

    private func line(at offset: Int) -> Int {
        lexer.bytes[..<min(offset, lexer.bytes.count)].reduce(1) { $0 + ($1 == 0x0a ? 1 : 0) }
    }
}

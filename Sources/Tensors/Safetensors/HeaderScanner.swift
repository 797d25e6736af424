import Errors
import JSON

/// Reads the JSON that a safetensors header may hold: objects, arrays, strings and unsigned integers,
/// asked for one by one.
///
/// The caller names what must come next, so that memory is taken for nothing else. Repeated keys are
/// errors: two readers that disagree on which one counts would load different weights from one file.
struct HeaderScanner {
    private var lexer: JSONLexer
    private let path: String

    init(bytes: UnsafeBufferPointer<UInt8>, path: String) {
        lexer = JSONLexer(bytes)
        self.path = path
    }

    /// Reads `{"key": …, …}`; `member` must read each key's value.
    mutating func object(_ member: (inout HeaderScanner, _ key: String) throws -> Void) throws {
        try expect("{")
        if lexer.skip("}") { return }
        var seen: Set<String> = []
        repeat {
            let key = try string()
            guard seen.insert(key).inserted else {
                throw problem("the key \(SafetensorsError.quoted(key)) stands twice")
            }
            try expect(":")
            try member(&self, key)
        } while lexer.skip(",")
        try expect("}")
    }

    /// Reads `[1, 2, …]`.
    mutating func unsignedIntegers() throws -> [Int] {
        try expect("[")
        if lexer.skip("]") { return [] }
        var result: [Int] = []
        repeat {
            result.append(try unsignedInteger())
        } while lexer.skip(",")
        try expect("]")
        return result
    }

    /// Reads a string, its escapes resolved.
    mutating func string() throws -> String {
        guard lexer.next() == UInt8(ascii: "\"") else { throw problem("expected a string") }
        var bytes: [UInt8] = []
        try read { lexer throws(JSONProblem) in try lexer.string(into: &bytes) }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw problem("a string is not UTF-8")
        }
        return text
    }

    /// Checks that nothing but padding follows.
    mutating func end() throws {
        guard lexer.next() == nil else {
            throw problem("\(lexer.bytes.count - lexer.position) bytes follow the closing brace")
        }
    }

    private mutating func unsignedInteger() throws -> Int {
        _ = lexer.next()
        let start = lexer.position
        guard lexer.bytes[start...].first != UInt8(ascii: "-"), let digits = try? lexer.number(),
            let number = Int(String(decoding: lexer.bytes[digits], as: UTF8.self)), number >= 0
        else {
            throw problem("expected a whole number, zero or more, that is not too large", at: start)
        }
        return number
    }

    private mutating func expect(_ mark: Unicode.Scalar) throws {
        try read { lexer throws(JSONProblem) in try lexer.expect(mark) }
    }

    private mutating func read<Value>(
        _ body: (inout JSONLexer) throws(JSONProblem) -> Value
    ) throws -> Value {
        do throws(JSONProblem) { return try body(&lexer) } catch {
            throw problem(error.message, at: error.offset)
        }
    }

    /// An error at the current place in the header.
    func problem(_ text: String) -> SafetensorsError { problem(text, at: lexer.position) }

    private func problem(_ text: String, at offset: Int) -> SafetensorsError {
        .damaged(path, "header byte \(offset): \(text)")
    }
}

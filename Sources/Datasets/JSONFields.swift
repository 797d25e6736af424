import JSON

/// The fields of a JSON object, checked to the last byte and decoded on demand: a field that is not
/// decoded takes no memory.
package struct JSONFields {
    private let fields: [JSONField]

    /// The fields' names as they stand in the object.
    package var names: [String] { fields.map(\.name) }

    /// Finds an object's fields.
    ///
    /// - Parameter bytes: UTF-8, which must outlive the fields.
    /// - Throws: ``JSONRowProblem`` for what is no JSON object, or has a field twice.
    package init(_ bytes: UnsafeBufferPointer<UInt8>) throws(JSONRowProblem) {
        var lexer = JSONLexer(bytes)
        var fields: [JSONField] = []
        var name: String?
        do throws(JSONProblem) {
            try lexer.expect("{")
            if !lexer.skip("}") {
                repeat {
                    name = nil
                    guard lexer.next() == UInt8(ascii: "\"") else {
                        throw lexer.problem("a field's name")
                    }
                    var text: [UInt8] = []
                    try lexer.string(into: &text)
                    let current = String(decoding: text, as: UTF8.self)
                    name = current
                    try lexer.expect(":")
                    let value = try lexer.skipValue(depth: 1)
                    fields.append(
                        JSONField(name: current, bytes: UnsafeBufferPointer(rebasing: bytes[value]))
                    )
                } while lexer.skip(",")
                name = nil
                try lexer.expect("}")
            }
            guard lexer.next() == nil else { throw lexer.problem("the end of the row") }
        } catch {
            throw JSONRowProblem(error, field: name, length: bytes.count)
        }
        if let repeated = Self.repeated(fields) {
            throw JSONRowProblem(
                message:
                    "the field \(DatasetError.quoteName(repeated)) is given twice; expected each "
                    + "once: drop one of them")
        }
        self.fields = fields
    }

    /// A field, unless there is none or it is null.
    package subscript(name: String) -> JSONField? {
        fields.first { $0.name == name && !$0.isNull }
    }

    /// Whether there is a field, null or not.
    package func contains(_ name: String) -> Bool { fields.contains { $0.name == name } }

    /// The first of several fields that is there and not null.
    package func first(of names: [String]) -> JSONField? {
        names.lazy.compactMap { self[$0] }.first
    }

    /// The fields' names for an error, sorted.
    package var listing: String {
        let shown = names.sorted().prefix(20).map { DatasetError.quote($0) }
        return shown.isEmpty
            ? "none"
            : shown.joined(separator: ", ")
                + (names.count > 20 ? ", …" : "")
    }

    private static func repeated(_ fields: [JSONField]) -> String? {
        var seen: Set<String> = []
        return fields.first { !seen.insert($0.name).inserted }?.name
    }
}

/// One field of an object: valid JSON.
package struct JSONField {
    package let name: String
    fileprivate let bytes: UnsafeBufferPointer<UInt8>

    /// How large a list or an object may be that is read as a whole: its values take many times its bytes.
    package static let largestTree = 8 << 20

    /// What sort of value it is.
    package enum Kind { case string, number, boolean, null, array, object }

    package var kind: Kind {
        switch bytes.first {
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .boolean
        case UInt8(ascii: "n"): .null
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "{"): .object
        default: .number
        }
    }

    package var isNull: Bool { kind == .null }

    /// The value as it is written: of a number its digits, of true and false the word.
    package var literal: String { String(decoding: bytes, as: UTF8.self) }

    /// Whether it is a list whose first element is an object.
    package var beginsWithObject: Bool {
        kind == .array
            && bytes.dropFirst().first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
                == UInt8(ascii: "{")
    }

    /// What a string holds; nil for other values.
    package var string: String? {
        guard kind == .string else { return nil }
        let inner = UnsafeBufferPointer(rebasing: bytes.dropFirst().dropLast())
        guard inner.contains(UInt8(ascii: "\\")) else {
            return String(decoding: inner, as: UTF8.self)
        }
        var lexer = JSONLexer(bytes)
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        // The string has been read once.
        guard (try? lexer.string(into: &text)) != nil else { return nil }
        return String(decoding: text, as: UTF8.self)
    }

    /// The whole value.
    ///
    /// - Throws: ``JSONRowProblem`` for one that is too large.
    package func value() throws(JSONRowProblem) -> JSONValue {
        guard bytes.count <= Self.largestTree else {
            throw problem("has more than \(Self.largestTree) bytes; expected fewer")
        }
        do { return try JSONValue(json: Array(bytes), file: "") } catch {
            throw problem("holds a number that is too large, or a name twice: correct it")
        }
    }

    /// The fields of an object.
    ///
    /// - Throws: ``JSONRowProblem``.
    package func fields() throws(JSONRowProblem) -> JSONFields { try JSONFields(bytes) }

    /// A problem that names the field.
    package func problem(_ text: String) -> JSONRowProblem {
        JSONRowProblem(message: "the field \(DatasetError.quoteName(name)) \(text)")
    }
}

extension JSONRowProblem {
    /// What keeps a row from being JSON.
    ///
    /// - Parameters:
    ///   - field: the field at fault, where one is known.
    ///   - length: how many bytes the row has.
    fileprivate init(_ problem: JSONProblem, field: String?, length: Int) {
        let place = field.map { "the field \(DatasetError.quoteName($0)) holds " } ?? ""
        switch problem.kind {
        case .notANumber(let word):
            self.init(
                message: "\(place)\(word), which is not JSON: write null, or leave the field out",
                offset: problem.offset)
        case .halfSurrogate(let escape):
            self.init(
                message:
                    "\(place)\(escape), one half of a surrogate pair without the other, which is no "
                    + "character (byte \(problem.offset + 1)): write the whole pair, or \\ufffd",
                offset: problem.offset)
        case .expected where problem.offset >= length:
            self.init(
                message:
                    "not valid JSON: the row ends before its object does; expected one object a line: "
                    + "jq -c . FILE writes a line for each object, and jq -c '.NAME[]' FILE for each "
                    + "element of its list NAME", offset: problem.offset)
        case .expected:
            self.init(
                message: "not valid JSON: \(problem.message) at byte \(problem.offset + 1)"
                    + (field.map { ", in or after the field \(DatasetError.quoteName($0))" } ?? "")
                    + "; check its quotes, commas, brackets and numbers", offset: problem.offset)
        }
    }
}

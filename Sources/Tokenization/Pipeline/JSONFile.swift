import Errors
import JSON

/// The content of a JSON file, or of an object in it, with the file's path for error texts.
package struct JSONFile: Sendable, Equatable {
    let path: String
    let root: JSONValue

    /// What an object names as its type.
    var type: String? { root["type"]?.string }

    /// The object that a member is; nil where there is none.
    func member(_ name: String) -> JSONFile? {
        root[name].map { JSONFile(path: path, root: $0) }
    }

    func boolean(_ name: String) throws -> Bool? {
        switch root[name] {
        case nil: return nil
        case .boolean(let value)?: return value
        case let value?: throw wrong(name, value, "true or false")
        }
    }

    func integer(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let value = root[name] else { return nil }
        guard let integer = value.integer, range.contains(integer) else {
            throw wrong(
                name, value, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return integer
    }

    func string(_ name: String) throws -> String? {
        guard let value = root[name] else { return nil }
        guard let string = value.string else { throw wrong(name, value, "a string") }
        return string
    }

    func elements(of name: String) throws -> [JSONValue] {
        guard let value = root[name] else { return [] }
        guard let array = value.array else { throw wrong(name, value, "an array") }
        return array
    }

    /// A token's content: a string, or the `content` of an object.
    func content(of value: JSONValue, named name: String) throws -> String {
        guard let content = value.string ?? value["content"]?.string, !content.isEmpty else {
            throw wrong(name, value, "a token, or an object with its \"content\"")
        }
        return content
    }

    /// Complains about a tokenizer that reads its vocabulary in a way of its own. Names of classes
    /// that read any `tokenizer.json` say nothing.
    ///
    /// - Parameters:
    ///   - known: what the names of classes begin with that read theirs as the family's does.
    func checkClass(_ known: [String], family: String) throws {
        guard let name = try string("tokenizer_class") else { return }
        let names = known.flatMap { ["\($0)Tokenizer", "\($0)TokenizerFast"] }
        guard (names + ["PreTrainedTokenizerFast", "TokenizersBackend"]).contains(name) else {
            throw TokenizerError.unsupported(
                file: path,
                problem: "tokenizer_class is \(quoted(name)); without tokenizer.json only "
                    + "\(family)'s is known: add that file, if there is one for this tokenizer")
        }
    }

    /// Complains where an option is stated otherwise than in another file; what only one states is
    /// fine.
    func requireSame(_ options: [(name: String, used: Bool)], as other: JSONFile) throws {
        for (name, used) in options {
            guard let stated = try boolean(name), stated != used else { continue }
            throw TokenizerError.malformed(
                file: path, line: nil,
                problem:
                    "\(name) is \(stated), but \(other.path) has it \(used); make the two agree")
        }
    }

    func wrong(_ name: String, _ value: JSONValue, _ expected: String) -> TokenizerError {
        .malformed(
            file: path, line: nil,
            problem: "\(quoted(name)) is \(value.summary); \(expected) was expected")
    }
}

/// Complains where a setting of a file is not the only one that is supported.
func expect(_ what: String, _ found: String?, _ expected: String, in file: JSONFile) throws {
    guard found != expected else { return }
    throw unsupported(what, found, expected, file.path)
}

/// That a setting of a file is not the only one that is supported.
func unsupported(
    _ what: String, _ found: String?, _ expected: String, _ file: String
) -> TokenizerError {
    .unsupported(
        file: file,
        problem: "the \(what) is \(found.map { quoted($0) } ?? "missing"); "
            + "\(quoted(expected)) was expected")
}

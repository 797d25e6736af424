import Errors
import JSON

/// The tokens of `model.vocab` in `tokenizer.json`, or of `vocab.json`, gathered while the file is
/// parsed.
///
/// A class, because the parser calls back and the prefix may stand behind the vocabulary.
final class VocabularyMembers {
    private var bytes: [UInt8] = []
    private var tokens: [(id: Int32, end: Int)] = []
    private let file: String

    init(file: String) { self.file = file }

    func add(_ name: UnsafeBufferPointer<UInt8>, _ value: JSONValue) -> String? {
        guard !name.isEmpty else { return "a token is empty" }
        guard let id = value.integer, 0...Int(Vocabulary.largestID) ~= id else {
            return "the token \(quoted(String(decoding: name, as: UTF8.self))) has the id "
                + "\(value.summary); "
                + "0 to \(Vocabulary.largestID) was expected"
        }
        bytes.append(contentsOf: name)
        tokens.append((Int32(id), bytes.count))
        return nil
    }

    /// Compares with the vocabulary of `vocab.txt`, without the cost of a table of its own.
    func requireSame(as vocabulary: Vocabulary, file other: String) throws {
        var start = 0
        for (id, end) in tokens {
            guard vocabulary.token(for: id) == bytes[start..<end] else {
                throw TokenizerError.malformed(
                    file: other, line: Int(id) + 1,
                    problem: "\(file) has another token for the id \(id); "
                        + "the two files must be of one model")
            }
            start = end
        }
        guard tokens.count == vocabulary.count else {
            throw TokenizerError.malformed(
                file: other, line: nil,
                problem: "has \(vocabulary.count) tokens, but \(file) has \(tokens.count); "
                    + "the two files must be of one model")
        }
    }

    /// The vocabulary of all tokens; continuing pieces begin with `prefix`, nil: there are none.
    func vocabulary(prefix: [UInt8]?) throws -> Vocabulary {
        var vocabulary = Vocabulary(prefix: prefix, capacity: tokens.count)
        guard !tokens.isEmpty else {
            throw TokenizerError.malformed(
                file: file, line: nil,
                problem: "has no vocabulary; tokens with their ids were expected")
        }
        try bytes.withUnsafeBufferPointer { bytes in
            var start = 0
            for (id, end) in tokens {
                let token = UnsafeBufferPointer(rebasing: bytes[start..<end])
                do throws(Vocabulary.Refusal) {
                    try vocabulary.add(token, id: id)
                } catch {
                    throw TokenizerError.malformed(
                        file: file, line: nil, problem: error.problem(with: token))
                }
                start = end
            }
        }
        return vocabulary
    }
}

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The tokenizer files of a Hugging Face model folder, read and checked against each other.
struct TokenizerFolder {
    private(set) var settings = TokenizerSettings()
    let vocabulary: WordPieceVocabulary
    /// The file that the vocabulary was read from.
    private(set) var vocabularyPath: String

    init(_ folder: URL) throws {
        func path(_ name: String) -> String {
            folder.appending(path: name).path(percentEncoded: false)
        }
        func json(_ name: String) throws -> JSONFile? {
            guard let bytes = try bytesOfFile(at: path(name)) else { return nil }
            let root = try JSONParser.value(of: bytes, file: path(name))
            guard root.object != nil else {
                throw TokenizerError.malformed(
                    file: path(name), line: 1, problem: "an object was expected")
            }
            return JSONFile(path: path(name), root: root)
        }
        let configuration = try json("tokenizer_config.json")
        try settings.read(
            configuration: configuration, specialTokensMap: try json("special_tokens_map.json"),
            addedTokens: try json("added_tokens.json"))

        let tokenizerPath = path("tokenizer.json")
        var listed: VocabularyMembers?
        if let bytes = try bytesOfFile(at: tokenizerPath) {
            let members = VocabularyMembers(file: tokenizerPath)
            let root = try JSONParser.value(
                of: bytes, file: tokenizerPath, visiting: ["model", "vocab"], members.add)
            try settings.read(
                tokenizer: JSONFile(path: tokenizerPath, root: root), configuration: configuration)
            listed = members
        }

        let prefix = Array(settings.continuationPrefix.utf8)
        vocabularyPath = path("vocab.txt")
        if let bytes = try bytesOfFile(at: vocabularyPath) {
            vocabulary = try WordPieceVocabulary(
                lines: bytes, file: vocabularyPath, prefix: prefix)
            try listed?.requireSame(as: vocabulary, file: vocabularyPath)
        } else if let listed {
            vocabulary = try listed.vocabulary(prefix: prefix)
            vocabularyPath = tokenizerPath
        } else {
            throw TokenizerError.unreadable(
                file: folder.path(percentEncoded: false),
                problem: "has neither vocab.txt nor tokenizer.json; "
                    + "a Hugging Face folder of a BERT model was expected")
        }
    }
}

/// The members of `model.vocab` in `tokenizer.json`, gathered while the file is parsed.
///
/// A class, because the parser calls back and the prefix may stand behind the vocabulary.
private final class VocabularyMembers {
    private var bytes: [UInt8] = []
    private var tokens: [(id: Int32, end: Int)] = []
    private let file: String

    init(file: String) { self.file = file }

    func add(_ name: UnsafeBufferPointer<UInt8>, _ value: JSONValue) -> String? {
        guard !name.isEmpty else { return "a token is empty" }
        guard let id = value.integer, 0...Int(WordPieceVocabulary.largestID) ~= id else {
            return "the token \(quoted(String(decoding: name, as: UTF8.self))) has the id "
                + "\(value.summary); "
                + "0 to \(WordPieceVocabulary.largestID) was expected"
        }
        bytes.append(contentsOf: name)
        tokens.append((Int32(id), bytes.count))
        return nil
    }

    /// Compares with the vocabulary of `vocab.txt`, without the cost of a table of its own.
    func requireSame(as vocabulary: WordPieceVocabulary, file other: String) throws {
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

    func vocabulary(prefix: [UInt8]) throws -> WordPieceVocabulary {
        var vocabulary = WordPieceVocabulary(prefix: prefix, capacity: tokens.count)
        guard !tokens.isEmpty else {
            throw TokenizerError.malformed(
                file: file, line: nil, problem: "\"model\" has no \"vocab\"; tokens were expected")
        }
        try bytes.withUnsafeBufferPointer { bytes in
            var start = 0
            for (id, end) in tokens {
                let token = UnsafeBufferPointer(rebasing: bytes[start..<end])
                do throws(WordPieceVocabulary.Refusal) {
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

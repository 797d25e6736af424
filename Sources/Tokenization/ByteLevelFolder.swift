import Errors
import JSON

/// The vocabulary and the merges of a byte-level BPE model's folder.
struct ByteLevelFolder {
    let vocabulary: Vocabulary
    private(set) var merges: MergeTable
    /// The file that the vocabulary was read from.
    let vocabularyPath: String

    /// Reads `tokenizer.json`, or `vocab.json` and `merges.txt` where there is no such file.
    init(_ files: TokenizerFiles) throws {
        if let tokenizer = files.tokenizer, let members = files.members {
            vocabularyPath = tokenizer.path
            vocabulary = try members.vocabulary(prefix: nil)
            let model = JSONFile(
                path: tokenizer.path, root: tokenizer.root["model"] ?? .null)
            let list = try model.elements(of: "merges")
            merges = MergeTable(capacity: list.count)
            for (rank, value) in list.enumerated() {
                try add(
                    try Self.pair(value, rank, model), rank: rank, file: tokenizer.path, line: nil)
            }
            return
        }
        vocabularyPath = files.path("vocab.json")
        guard let bytes = try files.bytes("vocab.json") else {
            throw TokenizerError.unreadable(
                file: files.folderPath,
                problem: "has neither tokenizer.json nor vocab.json; "
                    + "a Hugging Face folder of a RoBERTa model was expected")
        }
        let members = VocabularyMembers(file: vocabularyPath)
        _ = try JSONParser.value(
            of: bytes, file: vocabularyPath, visiting: [], members.add)
        vocabulary = try members.vocabulary(prefix: nil)
        let path = files.path("merges.txt")
        guard let lines = try files.bytes("merges.txt") else {
            throw TokenizerError.unreadable(
                file: path, problem: "is missing; vocab.json needs its merges beside it")
        }
        merges = MergeTable(capacity: lines.count / 6)
        try read(lines: lines, file: path)
    }

    /// A merge as "a b" or as ["a", "b"].
    private static func pair(
        _ value: JSONValue, _ rank: Int, _ model: JSONFile
    ) throws -> [[UInt8]] {
        let parts: [[UInt8]]
        if let text = value.string {
            parts = text.utf8.split(separator: 0x20, omittingEmptySubsequences: false)
                .map { Array($0) }
        } else {
            parts = (value.array ?? []).compactMap { $0.string.map { Array($0.utf8) } }
        }
        guard parts.count == 2, value.string != nil || value.array?.count == 2 else {
            throw model.wrong("merges[\(rank)]", value, "two tokens")
        }
        return parts
    }

    private mutating func read(lines bytes: [UInt8], file: String) throws {
        var rank = 0
        // Line by line: a file of line feeds alone would take many times its size as slices.
        var (start, index) = (0, -1)
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: 0x0a) ?? bytes.count
            var line = bytes[start..<end]
            (start, index) = (end + 1, index + 1)
            if line.last == 0x0d { line.removeLast() }
            if line.starts(with: Array("#version".utf8)) { continue }
            let parts = line.split(separator: 0x20, omittingEmptySubsequences: false)
            guard parts.count == 2 else {
                throw TokenizerError.malformed(
                    file: file, line: index + 1,
                    problem: "is \(quoted(String(decoding: line, as: UTF8.self))); two tokens with "
                        + "a space between them were expected")
            }
            try add(parts.map { Array($0) }, rank: rank, file: file, line: index + 1)
            rank += 1
        }
    }

    private mutating func add(
        _ pair: [[UInt8]], rank: Int, file: String, line: Int?
    ) throws {
        func id(_ token: [UInt8]) throws -> Int32 {
            guard let id = vocabulary.id(of: token) else {
                let text = quoted(String(decoding: token, as: UTF8.self))
                let place = line == nil ? "merges[\(rank)] needs" : "needs"
                throw TokenizerError.malformed(
                    file: file, line: line,
                    problem: "\(place) the token \(text), which the vocabulary lacks")
            }
            return id
        }
        guard let rank = UInt32(exactly: rank) else { return }
        merges.add(
            try id(pair[0]), try id(pair[1]),
            MergeTable.Merge(rank: rank, result: try id(pair[0] + pair[1])))
    }
}

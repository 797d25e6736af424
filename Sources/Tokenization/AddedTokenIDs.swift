import Errors

/// A tokenizer's added tokens with their ids, which must agree with its vocabulary.
struct AddedTokenIDs {
    /// Every added token, those with a role included.
    private(set) var tokens: [AddedToken] = []
    /// The texts of those that the vocabulary lacks.
    private(set) var contents: [Int32: String] = [:]

    /// - Parameter file: the file that the vocabulary was read from.
    /// - Throws: `TokenizerError` for a token without an id, with another token's, or with one that
    ///   Hugging Face's fast tokenizers would not give it.
    init(_ settings: TokenizerSettings, _ vocabulary: Vocabulary, file: String) throws {
        var settings = settings
        // The tokens with a role are added tokens too, whatever the files list.
        for name in settings.specialTokens.values.sorted() {
            let file = JSONFile(path: file, root: .null)
            try settings.add(.string(name), named: name, isNormalized: false, in: file)
        }
        // Fast tokenizers count a vocabulary's tokens, whatever their ids.
        var next = vocabulary.tokenCount
        for entry in settings.addedTokens {
            var token = entry.token
            let content = String(decoding: token.content, as: UTF8.self)
            let known = vocabulary.id(of: token.content)
            guard let id = known ?? entry.id.flatMap(Int32.init(exactly:)) else {
                throw TokenizerError.malformed(
                    file: file, line: nil,
                    problem: "lacks the token \(quoted(content)); one line with it was expected")
            }
            let holder = vocabulary.token(for: id).map { Array($0) }
            guard 0...Vocabulary.largestID ~= id, entry.id ?? Int(id) == Int(id),
                holder == nil || holder == token.content, contents[id] == nil
            else {
                throw TokenizerError.malformed(
                    file: entry.file, line: nil,
                    problem: "gives the token \(quoted(content)) the id \(entry.id ?? Int(id)), "
                        + "which does not agree with the vocabulary")
            }
            guard known != nil || !entry.countsOn || Int(id) == next else {
                throw TokenizerError.malformed(
                    file: entry.file, line: nil,
                    problem: "gives the token \(quoted(content)) the id \(id); \(next), the next "
                        + "one, was expected")
            }
            token.id = id
            tokens.append(token)
            if entry.countsOn { next = max(next, Int(id) + 1) }
            if known == nil { contents[id] = content }
        }
        for (content, stated, source) in settings.postProcessorIDs
        where Int(self.id(of: content)) != stated {
            throw TokenizerError.malformed(
                file: source, line: nil,
                problem: "the post_processor gives \(quoted(content)) the id \(stated); "
                    + "\(self.id(of: content)) was expected")
        }
    }

    /// The id of a token by its text, 0 where there is none.
    func id(of content: String?) -> Int32 {
        let content = Array((content ?? "").utf8)
        return tokens.first { $0.content == content }?.id ?? 0
    }

    /// One more than the largest id, here and in the vocabulary.
    func vocabularySize(_ vocabulary: Vocabulary) -> Int {
        max(vocabulary.count, (contents.keys.max().map(Int.init) ?? -1) + 1)
    }
}

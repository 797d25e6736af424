import Errors

extension TokenizerSettings {
    /// Every added token, those with a role included, with its id, which must agree with the
    /// vocabulary.
    ///
    /// - Parameter file: the file that the vocabulary was read from.
    /// - Throws: `TokenizerError` for a token without an id, with another token's, or with one that
    ///   Hugging Face's fast tokenizers would not give it.
    func addedTokens(with vocabulary: Vocabulary, of file: String) throws -> [AddedToken] {
        var settings = self
        // The tokens with a role are added tokens too, whatever the files list.
        let names = specialTokens.values.map { (vocabulary.id(of: Array($0.utf8)) ?? .max, $0) }
        for (_, name) in names.sorted(by: <) {
            let file = JSONFile(path: file, root: .null)
            try settings.add(.string(name), named: name, isNormalized: false, in: file)
        }
        var added: [AddedToken] = []
        // The ids of those that the vocabulary lacks.
        var lacking: Set<Int32> = []
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
                holder == nil || holder == token.content, !lacking.contains(id)
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
            added.append(token)
            if entry.countsOn { next = max(next, Int(id) + 1) }
            if known == nil { lacking.insert(id) }
        }
        return added
    }
}

extension [AddedToken] {
    /// The id of a token by its text, 0 where there is none.
    func id(of content: String) -> Int32 {
        let content = Array<UInt8>(content.utf8)
        return first { $0.content == content }?.id ?? 0
    }
}

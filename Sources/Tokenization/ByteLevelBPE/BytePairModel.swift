import Errors
import JSON

/// Byte-pair encoding: neighbouring pieces are merged, beginning with single bytes.
package struct BytePairModel: TokenizerModel {
    package static let type = "BPE"
    package static let olderFiles = ["vocab.json", "merges.txt"]
    package static let specialTokens = [
        "unk_token": "<unk>", "sep_token": "</s>", "pad_token": "<pad>", "cls_token": "<s>",
        "mask_token": "<mask>",
    ]

    /// Two neighbouring pieces and what they become, by their ids.
    package struct Merge: Sendable, Equatable {
        package let left: Int32
        package let right: Int32
        package let result: Int32
    }

    package let vocabulary: Vocabulary
    /// The pieces of single bytes, by their ids.
    package let byteTokenIDs: [Int32]
    /// What is merged, the earliest first.
    package let merges: [Merge]

    package static func read(
        _ files: TokenizerFiles, _ settings: inout TokenizerSettings
    ) throws -> (model: BytePairModel, vocabularyFile: String) {
        let (model, file) = try model(files)
        // Every byte has a piece, so nothing is unknown.
        if model.vocabulary.id(of: Array((settings.specialTokens["unk_token"] ?? "").utf8)) == nil {
            settings.specialTokens["unk_token"] = nil
        }
        return (model, file)
    }

    /// Reads `tokenizer.json`, or `vocab.json` and `merges.txt` where there is no such file.
    private static func model(_ files: TokenizerFiles) throws -> (BytePairModel, file: String) {
        if let tokenizer = files.tokenizer, let members = files.members {
            let options = tokenizer.member("model") ?? JSONFile(path: tokenizer.path, root: .null)
            try checkOptions(options)
            let vocabulary = try members.vocabulary(prefix: nil)
            let merges = try merges(options, vocabulary)
            return (try BytePairModel(vocabulary, merges, file: tokenizer.path), tokenizer.path)
        }
        try files.configuration?.checkClass(["Roberta", "Bart", "Longformer"], family: "RoBERTa")
        let path = files.path(olderFiles[0])
        guard let bytes = try files.bytes(olderFiles[0]) else {
            throw files.missing(among: [Self.self])
        }
        let members = VocabularyMembers(file: path)
        _ = try JSONParser.value(of: bytes, file: path, visiting: [], members.add)
        let vocabulary = try members.vocabulary(prefix: nil)
        let mergesPath = files.path(olderFiles[1])
        guard let lines = try files.bytes(olderFiles[1]) else {
            throw TokenizerError.unreadable(
                file: mergesPath, problem: "is missing; vocab.json needs its merges beside it")
        }
        let merges = try merges(lines: lines, file: mergesPath, vocabulary)
        return (try BytePairModel(vocabulary, merges, file: path), path)
    }

    private init(_ vocabulary: Vocabulary, _ merges: [Merge], file: String) throws {
        self.vocabulary = vocabulary
        self.merges = merges
        byteTokenIDs = try ByteLevelAlphabet.letters.enumerated().map { byte, letter in
            guard let id = vocabulary.id(of: Array(String(letter).utf8)) else {
                throw TokenizerError.unsupported(
                    file: file,
                    problem: "the vocabulary lacks \(quoted(String(letter))), which stands for the "
                        + "byte \(byte); a byte-level vocabulary has a token for every byte")
            }
            return id
        }
    }

    private static func checkOptions(_ model: JSONFile) throws {
        for name in ["continuing_subword_prefix", "end_of_word_suffix"] {
            try expect("model's \(name)", try model.string(name) ?? "", "", in: model)
        }
        for name in ["byte_fallback", "ignore_merges"] where try model.boolean(name) == true {
            throw TokenizerError.unsupported(
                file: model.path, problem: "the model's \(name) is true; only false is supported")
        }
        if let dropout = model.root["dropout"], dropout != .number(0) {
            throw TokenizerError.unsupported(
                file: model.path,
                problem: "the model's dropout is \(dropout.summary); no dropout was expected")
        }
    }

    package static func check(
        _ steps: PipelineSteps, of tokenizer: JSONFile, _ settings: inout TokenizerSettings,
        _ files: TokenizerFiles
    ) throws {
        let steps = try ByteLevelSteps(steps, file: tokenizer.path)
        for (role, content) in [("cls_token", steps.classifier), ("sep_token", steps.separator)] {
            try files.checkRole(role, is: content)
            settings.specialTokens[role] = content
        }
        try files.configuration?.requireSame(
            [
                ("add_prefix_space", steps.addsPrefixSpace),
                ("trim_offsets", steps.trimming?.trimsOffsets == true),
            ], as: tokenizer)
    }

    /// RoBERTa's steps, but for what `tokenizer_config.json` says: those of `transformers` 5, where
    /// the mask leaves the spaces before it alone. In version 4 it took them along.
    package static func usualSteps(
        _ settings: TokenizerSettings, _ files: TokenizerFiles,
        special: (_ role: String) -> SpecialToken
    ) throws -> PipelineSteps {
        let addsSpace = try files.configuration?.boolean("add_prefix_space") ?? false
        let trims = try files.configuration?.boolean("trim_offsets") ?? true
        return PipelineSteps(
            normalizer: nil,
            preTokenizer: .byteLevel(ByteLevelOptions(addsPrefixSpace: addsSpace)),
            postProcessor: .roberta(
                classifier: special("cls_token"), separator: special("sep_token"),
                ByteLevelOptions(addsPrefixSpace: addsSpace, trimsOffsets: trims)))
    }

    package static func tokenizer(
        _ pipeline: TokenizerPipeline<BytePairModel>, words: WordRule
    ) throws -> any Tokenizer {
        try ByteLevelBPETokenizer(pipeline, words: words)
    }
}

extension TokenizerFiles {
    /// Complains where a file other than `tokenizer.json` gives a role to another token.
    fileprivate func checkRole(_ role: String, is content: String) throws {
        for file in [configuration, specialTokensMap].compactMap({ $0 }) {
            guard let value = file.root[role] else { continue }
            let stated = try file.content(of: value, named: role)
            guard stated == content else {
                throw TokenizerError.malformed(
                    file: file.path, line: nil,
                    problem: "\(role) is \(quoted(stated)), but the post_processor in "
                        + "tokenizer.json has \(quoted(content)); make the two agree")
            }
        }
    }
}

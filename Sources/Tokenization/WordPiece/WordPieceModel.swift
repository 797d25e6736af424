import Errors

/// WordPiece: a word becomes the longest tokens that spell it, from its beginning on.
package struct WordPieceModel: TokenizerModel {
    package static let type = "WordPiece"
    package static let olderFiles = ["vocab.txt"]
    package static let specialTokens = [
        "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]",
        "mask_token": "[MASK]",
    ]

    package let vocabulary: Vocabulary
    /// The token that stands for a word that no tokens spell.
    package let unknownToken: String
    /// What tokens begin with that continue a word.
    package let continuationPrefix: String
    /// A word of more scalars than this is unknown.
    package let longestWord: Int

    /// The vocabulary is `vocab.txt`, or that of `tokenizer.json` where there is no such file; where
    /// both are there they must be the same.
    package static func read(
        _ files: TokenizerFiles, _ settings: inout TokenizerSettings
    ) throws -> (model: WordPieceModel, vocabularyFile: String) {
        if files.tokenizer == nil { try checkClass(files.configuration) }
        let model = files.tokenizer?.member("model")
        let expected = settings.specialTokens["unk_token"] ?? ""
        let unknown = try model?.string("unk_token") ?? expected
        if let model, unknown != expected {
            throw TokenizerError.malformed(
                file: model.path, line: nil,
                problem: "the unknown token is \(quoted(unknown)); \(quoted(expected)) was expected"
            )
        }
        let prefix = try model?.string("continuing_subword_prefix") ?? "##"
        let longest = try model?.integer("max_input_chars_per_word", in: 1...10_000) ?? 100
        let (vocabulary, file) = try vocabulary(files, prefix: Array(prefix.utf8))
        return (
            WordPieceModel(
                vocabulary: vocabulary, unknownToken: unknown, continuationPrefix: prefix,
                longestWord: longest), file
        )
    }

    private static func vocabulary(
        _ files: TokenizerFiles, prefix: [UInt8]
    ) throws -> (Vocabulary, file: String) {
        if let bytes = try files.bytes(olderFiles[0]) {
            let file = files.path(olderFiles[0])
            let vocabulary = try Vocabulary(lines: bytes, file: file, prefix: prefix)
            try files.members?.requireSame(as: vocabulary, file: file)
            return (vocabulary, file)
        }
        guard let members = files.members, let tokenizer = files.tokenizer else {
            throw files.missing(among: [Self.self])
        }
        return (try members.vocabulary(prefix: prefix), tokenizer.path)
    }

    /// BERT's Japanese tokenizer has a `vocab.txt` too. Its class may stand in the model's
    /// configuration alone, but how it splits stands here.
    private static func checkClass(_ file: JSONFile?) throws {
        guard let file else { return }
        try file.checkClass(["Bert", "DistilBert", "Electra", "MobileBert"], family: "BERT")
        for (name, known) in [
            ("word_tokenizer_type", "basic"), ("subword_tokenizer_type", "wordpiece"),
        ] {
            try expect(name, try file.string(name) ?? known, known, in: file)
        }
    }

    /// The steps must be BERT's; where nothing is said of the special tokens, `transformers` 5 puts
    /// BERT's there.
    package static func check(
        _ steps: PipelineSteps, of tokenizer: JSONFile, _ settings: inout TokenizerSettings,
        _ files: TokenizerFiles
    ) throws {
        try expect(
            "pre_tokenizer's type", steps.preTokenizer?.type, "BertPreTokenizer", in: tokenizer)
        if let type = steps.normalizer.map(\.type) {
            try expect("normalizer's type", type, "BertNormalizer", in: tokenizer)
        }
        let used = normalizer(of: steps)
        try files.configuration?.requireSame(
            [
                ("do_lower_case", used.lowercases), ("strip_accents", used.stripsAccents),
                ("tokenize_chinese_chars", used.separatesIdeographs),
            ], as: tokenizer)
        try checkPostProcessor(steps, of: tokenizer, settings)
    }

    private static func checkPostProcessor(
        _ steps: PipelineSteps, of file: JSONFile, _ settings: TokenizerSettings
    ) throws {
        let start = settings.specialTokens["cls_token"] ?? ""
        let end = settings.specialTokens["sep_token"] ?? ""
        switch steps.postProcessor {
        case nil: break
        case .bert(let classifier, let separator):
            try expect("post_processor's cls", classifier.content, start, in: file)
            try expect("post_processor's sep", separator.content, end, in: file)
        case .template(let template):
            let usual = PostProcessorTemplate.parts(start, end)
            for (name, found, expected) in [
                ("single", template.single, usual.single), ("pair", template.pair, usual.pair),
            ] {
                try expect("template for \(name)", found.text, expected.text, in: file)
            }
        case let other?:
            try expect("post_processor's type", other.type, "TemplateProcessing", in: file)
        }
    }

    package static func usualSteps(
        _ settings: TokenizerSettings, _ files: TokenizerFiles,
        special: (_ role: String) -> SpecialToken
    ) -> PipelineSteps {
        PipelineSteps(
            normalizer: .bert(settings.normalizer), preTokenizer: .bert,
            postProcessor: .template(
                PostProcessorTemplate(special("cls_token"), special("sep_token"))))
    }

    package static func tokenizer(
        _ pipeline: TokenizerPipeline<WordPieceModel>, words: WordRule
    ) -> any Tokenizer {
        WordPieceTokenizer(pipeline, words: words)
    }

    /// The normalisation of steps that have passed `check`.
    static func normalizer(of steps: PipelineSteps) -> BertNormalizer {
        if case .bert(let normalizer)? = steps.normalizer { normalizer } else { .none }
    }
}

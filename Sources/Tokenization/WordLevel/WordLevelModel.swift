import Errors

/// One piece for each word of a vocabulary, as recurrent encoders read texts: `WordLevel` of Hugging
/// Face's `tokenizers`, after `WhitespaceSplit` and, where the file has it, `Lowercase`.
package struct WordLevelModel: TokenizerModel {
    package static let type = "WordLevel"
    package static let olderFiles: [String] = []
    package static let specialTokens = [
        "unk_token": "<unk>", "sep_token": "</s>", "pad_token": "<pad>", "cls_token": "<s>",
    ]

    package let vocabulary: Vocabulary

    package static func read(
        _ files: TokenizerFiles, _ settings: inout TokenizerSettings
    ) throws -> (model: WordLevelModel, vocabularyFile: String) {
        guard let tokenizer = files.tokenizer, let members = files.members else {
            throw files.missing(among: [Self.self])
        }
        let unknown = try tokenizer.member("model")?.string("unk_token")
        try expect(
            "unknown token", unknown, settings.specialTokens["unk_token"] ?? "", in: tokenizer)
        return (WordLevelModel(vocabulary: try members.vocabulary(prefix: nil)), tokenizer.path)
    }

    package static func check(
        _ steps: PipelineSteps, of tokenizer: JSONFile, _ settings: inout TokenizerSettings,
        _ files: TokenizerFiles
    ) throws {
        try expect(
            "pre_tokenizer's type", steps.preTokenizer?.type, "WhitespaceSplit", in: tokenizer)
        if let normalizer = steps.normalizer {
            try expect("normalizer's type", normalizer.type, "Lowercase", in: tokenizer)
        }
        guard case .template(let template)? = steps.postProcessor else {
            throw unsupported(
                "post_processor's type", steps.postProcessor?.type, "TemplateProcessing",
                tokenizer.path)
        }
        let usual = PostProcessorTemplate.parts(
            settings.specialTokens["cls_token"] ?? "", settings.specialTokens["sep_token"] ?? "")
        for (name, found, expected) in [
            ("single", template.single, usual.single), ("pair", template.pair, usual.pair),
        ] {
            try expect("template for \(name)", found.text, expected.text, in: tokenizer)
        }
    }

    /// Never asked for: there are no older files.
    package static func usualSteps(
        _ settings: TokenizerSettings, _ files: TokenizerFiles,
        special: (_ role: String) -> SpecialToken
    ) throws -> PipelineSteps { throw files.missing(among: [Self.self]) }

    package static func tokenizer(
        _ pipeline: TokenizerPipeline<WordLevelModel>, words: WordRule
    ) -> any Tokenizer {
        WordTokenizer(pipeline, words: words)
    }
}

/// Reads a text word by word, the words between white space.
package struct WordTokenizer: Tokenizer {
    package let vocabularySize: Int
    package let classifierTokenID: Int32
    package let separatorTokenID: Int32
    package let paddingTokenID: Int32
    /// The id of a word that the vocabulary lacks.
    package let unknownTokenID: Int32
    /// A word that is left out is one that nobody knows.
    package var maskTokenID: Int32 { unknownTokenID }
    package let modelMaximumLength: Int?

    private let layout: InputLayout
    private let reader: WordReader

    /// What counts as a word of a document.
    package var words: WordRule { layout.words }

    init(_ pipeline: TokenizerPipeline<WordLevelModel>, words: WordRule) {
        vocabularySize = pipeline.vocabularySize
        classifierTokenID = pipeline.id(of: "cls_token")
        separatorTokenID = pipeline.id(of: "sep_token")
        paddingTokenID = pipeline.id(of: "pad_token")
        unknownTokenID = pipeline.id(of: "unk_token")
        modelMaximumLength = pipeline.modelMaximumLength
        layout = InputLayout(
            classifierTokenID: classifierTokenID, separatorTokenID: separatorTokenID,
            words: words)
        reader = WordReader(
            vocabulary: pipeline.model.vocabulary, unknownTokenID: unknownTokenID,
            lowercases: pipeline.steps.normalizer != nil)
    }

    package func token(for id: Int32) -> String? {
        reader.vocabulary.token(for: id).map { String(decoding: $0, as: UTF8.self) }
    }

    package func tokenize(
        _ document: String, query: String?, maximumLength: Int
    ) throws -> TokenizedDocument {
        try layout.input(document, query: query, maximumLength: maximumLength, reader)
    }
}

/// Looks the words of a text up.
private struct WordReader: PieceReading {
    let vocabulary: Vocabulary
    let unknownTokenID: Int32
    let lowercases: Bool

    func pieces(of bytes: UnsafeBufferPointer<UInt8>, limit: Int) -> PieceList {
        var pieces = PieceList(limit: limit)
        for range in WordRule.whitespace.ranges(in: bytes) {
            if pieces.isFull { break }
            var word = Array(bytes[range])
            if lowercases { word = lowercasedScalars(word) }
            pieces.append(vocabulary.id(of: word) ?? unknownTokenID, range)
        }
        return pieces
    }
}

/// UTF-8 with each scalar's own lower case: what stands beside it, as in final sigmas, has no say.
func lowercasedScalars(_ bytes: [UInt8]) -> [UInt8] {
    if bytes.allSatisfy({ $0 < 0x80 }) {
        return bytes.map { 0x41...0x5A ~= $0 ? $0 | 0x20 : $0 }
    }
    let text = String(decoding: bytes, as: UTF8.self)
    return Array(text.unicodeScalars.map(\.properties.lowercaseMapping).joined().utf8)
}

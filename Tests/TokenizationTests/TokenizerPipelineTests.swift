import Errors
import Files
import Foundation
import TestSupport
import Testing
import Tokenization

/// Pipelines hold what a tokenizer's files state, whichever files these are.
@Suite struct TokenizerPipelineTests {
    private static let wordPieceTokens = [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "film", "%%s",
    ]
    private static let bertSteps = """
        "normalizer": {"type": "BertNormalizer", "clean_text": false, "lowercase": false,
                       "handle_chinese_chars": false, "strip_accents": true},
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}
        """

    private func pipeline<Model: TokenizerModel>(
        _ files: [String: Data], _: Model.Type = Model.self
    ) throws -> TokenizerPipeline<Model> {
        try withFolder(files) { try TokenizerPipeline<Model>(FolderFiles($0)) }
    }

    /// The `tokenizer.json` of a small WordPiece tokenizer.
    private func wordPiece(
        _ steps: String = TokenizerPipelineTests.bertSteps, model: String = "WordPiece"
    ) -> [String: Data] {
        let vocabulary = Self.wordPieceTokens.enumerated().map { "\"\($1)\": \($0)" }
        let json = """
            {\(steps), "added_tokens": [{"id": 7, "content": "<t>", "lstrip": true}],
             "model": {"type": "\(model)", "continuing_subword_prefix": "%%",
                       "max_input_chars_per_word": 50,
                       "vocab": {\(vocabulary.joined(separator: ", "))}}}
            """
        return ["tokenizer.json": Data(json.utf8)]
    }

    /// The files of a recorded setting of byte-level BPE, with a step of its `tokenizer.json`
    /// replaced.
    private func byteLevel(
        _ name: String, replacing step: String? = nil, with value: String = ""
    ) throws -> [String: Data] {
        let setting = try #require(
            ByteLevelRecording.load().settings.first { $0.name == name })
        var root = try #require(
            try JSONSerialization.jsonObject(with: Data(setting.tokenizer.utf8)) as? [String: Any])
        if let step { root[step] = try JSONSerialization.jsonObject(with: Data(value.utf8)) }
        let json = try JSONSerialization.data(withJSONObject: root)
        return try ByteLevelRecording.files(String(decoding: json, as: UTF8.self), asPairs: true)
    }

    private func expectUnsupported(
        _ files: [String: Data], _ parts: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let error = try withFolder(files) { folder in
            #expect(throws: TokenizerError.self, sourceLocation: sourceLocation) {
                try openTokenizer(folder: folder)
            }
        }
        guard case .unsupported(let file, let problem)? = error else {
            Issue.record("\(error as Any)", sourceLocation: sourceLocation)
            return
        }
        #expect(file.hasSuffix("/tokenizer.json"), sourceLocation: sourceLocation)
        for part in parts {
            #expect(problem.contains(part), "\(problem)", sourceLocation: sourceLocation)
        }
    }

    @Test(.enabled(if: Outside.hasEncoder, "needs the encoder folder (WARRANT_ENCODER)"))
    func theEncodersFilesDescribeOnePipelineWithAndWithoutTokenizerJSON() throws {
        func files(_ names: [String]) throws -> [String: Data] {
            try names.reduce(into: [:]) {
                $0[$1] = try Data(contentsOf: Outside.encoder.appending(path: $1))
            }
        }
        let older = ["vocab.txt", "tokenizer_config.json", "special_tokens_map.json"]
        let stated = try pipeline(files(older + ["tokenizer.json"]), WordPieceModel.self)
        #expect(try pipeline(files(older)) == stated)
        guard case .bert(let normalizer)? = stated.steps.normalizer else {
            Issue.record("\(stated.steps)")
            return
        }
        #expect(normalizer.lowercases && normalizer.stripsAccents)
        #expect(stated.steps.preTokenizer == .bert)
        #expect(stated.addedTokens.map(\.id) == [0, 100, 101, 102, 103])
        #expect(stated.modelMaximumLength == 512)
        // One token less is another pipeline.
        var fewer = try files(older)
        fewer["vocab.txt"] = fewer["vocab.txt"].map {
            Data($0.split(separator: 0x0a).dropLast().joined(separator: [0x0a]))
        }
        #expect(try pipeline(fewer) != stated)
    }

    @Test func robertasFilesDescribeOnePipelineWithAndWithoutTokenizerJSON() throws {
        let stated = try pipeline(byteLevel("roberta"), BytePairModel.self)
        #expect(try pipeline(ByteLevelRecording.plainFiles()) == stated)
        #expect(try ByteLevelRecording.merges().count == stated.model.merges.count)
        #expect(stated.steps.normalizer == nil)
        guard
            case .roberta(let classifier, let separator, let options)? =
                stated.steps.postProcessor
        else {
            Issue.record("\(stated.steps)")
            return
        }
        #expect(classifier.content == "<s>" && classifier.id == 0)
        #expect(separator.content == "</s>" && separator.id == 2)
        #expect(options.trimsOffsets && !options.addsPrefixSpace)
        let spaced = try pipeline(byteLevel("added space, untrimmed"), BytePairModel.self)
        var plain = try ByteLevelRecording.plainFiles()
        plain["tokenizer_config.json"] = Data(
            #"{"add_prefix_space": true, "trim_offsets": false}"#.utf8)
        let configured = try pipeline(plain, BytePairModel.self)
        #expect(configured.steps.postProcessor == spaced.steps.postProcessor)
        #expect(configured != stated)
    }

    @Test func whatTokenizerJSONStatesIsInThePipeline() throws {
        let pipeline = try pipeline(wordPiece(), WordPieceModel.self)
        guard case .bert(let normalizer)? = pipeline.steps.normalizer,
            case .bert(let classifier, let separator)? = pipeline.steps.postProcessor
        else {
            Issue.record("\(pipeline.steps)")
            return
        }
        #expect(!normalizer.cleansText && !normalizer.lowercases)
        #expect(!normalizer.separatesIdeographs && normalizer.stripsAccents)
        #expect(classifier.content == "[CLS]" && classifier.id == 2)
        #expect(separator.content == "[SEP]" && separator.id == 3)
        #expect(pipeline.steps.preTokenizer == .bert)
        #expect(pipeline.model.longestWord == 50)
        #expect(pipeline.model.continuationPrefix == "%%")
        #expect(pipeline.model.unknownToken == "[UNK]")
        // Those with a role are added tokens after those that the file lists.
        #expect(pipeline.addedTokens.map(\.id) == [7, 0, 1, 2, 3, 4])
        let tag = pipeline.addedTokens[0]
        #expect(tag.content == Array("<t>".utf8))
        #expect(tag.stripsLeft && !tag.stripsRight && !tag.isSingleWord && tag.isNormalized)
        #expect(pipeline.addedTokens.dropFirst().allSatisfy { !$0.isNormalized })
        #expect(pipeline.modelMaximumLength == nil)
    }

    @Test func aModelOfAnotherKindIsNamedWithThoseThatAreSupported() throws {
        try expectUnsupported(wordPiece(model: "Unigram"), "Unigram", "WordPiece", "BPE")
        let error = #expect(throws: TokenizerError.self) {
            try pipeline(wordPiece(), BytePairModel.self)
        }
        #expect(error?.problem.contains("\"WordPiece\"; \"BPE\"") == true)
    }

    @Test func aStepThatIsNotSupportedIsNamedWithThoseThatAre() throws {
        let steps = Self.bertSteps
        for (step, other, supported) in [
            ("BertNormalizer", "NFC", "normalizer"),
            ("BertPreTokenizer", "ByteLevel", "pre_tokenizer"),
            ("BertPreTokenizer", "Metaspace", "pre_tokenizer"),
        ] {
            try expectUnsupported(
                wordPiece(steps.replacing("\"\(step)\"", with: "\"\(other)\"")), supported, other,
                step)
        }
        try expectUnsupported(
            wordPiece(steps.replacing("BertProcessing", with: "RobertaProcessing")),
            "post_processor", "RobertaProcessing", "TemplateProcessing")
        for (step, type, supported) in [
            ("normalizer", "BertNormalizer", "without"), ("normalizer", "Precompiled", "without"),
            ("pre_tokenizer", "BertPreTokenizer", "ByteLevel"),
            ("post_processor", "Contrastive", "RobertaProcessing"),
        ] {
            try expectUnsupported(
                byteLevel("roberta", replacing: step, with: "{\"type\": \"\(type)\"}"), step, type,
                supported)
        }
    }

    @Test func aTokenMayHaveTwoRoles() throws {
        let files = [
            "vocab.txt": Data("[PAD]\n[UNK]\n[SEP]\n[MASK]\nfilm".utf8),
            "tokenizer_config.json": Data(#"{"cls_token": "[SEP]"}"#.utf8),
        ]
        try withFolder(files) { folder in
            let tokenizer = try openTokenizer(folder: folder)
            #expect(try tokenizer.tokenize("film", maximumLength: 9).ids == [2, 4, 2])
        }
    }
}

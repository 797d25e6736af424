import Errors
import Foundation
import TestSupport
import Testing
import Tokenization

/// Options of a tokenizer's folder, and folders that are broken or hostile.
@Suite struct TokenizerFolderTests {
    private static let special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    private static let vocabulary =
        (special + ["film", "Film", "é", "e", "#", "fi", "##lm"]).joined(separator: "\n")

    private func tokenizer(_ files: [String: String]) throws -> WordPieceTokenizer {
        try withFolder(["vocab.txt": Self.vocabulary].merging(files) { $1 }) {
            try WordPieceTokenizer(folder: $0)
        }
    }

    private func pieces(_ text: String, _ tokenizer: WordPieceTokenizer) -> [String] {
        tokenizer.tokenize(text, maximumLength: 99).ids.dropFirst().dropLast()
            .map { tokenizer.token(for: $0) ?? "?" }
    }

    /// BERT's template, with these ids.
    private static func template(start: String = "[2]", end: String = "[3]") -> String {
        func part(_ kind: String, _ id: String, _ type: Int) -> String {
            #"{"\#(kind)": {"id": "\#(id)", "type_id": \#(type)}}"#
        }
        let single = [
            part("SpecialToken", "[CLS]", 0), part("Sequence", "A", 0),
            part("SpecialToken", "[SEP]", 0),
        ]
        let pair = single + [part("Sequence", "B", 1), part("SpecialToken", "[SEP]", 1)]
        return """
            {"type": "TemplateProcessing", "single": [\(single.joined(separator: ", "))],
             "pair": [\(pair.joined(separator: ", "))],
             "special_tokens": {"[CLS]": {"ids": \(start)}, "[SEP]": {"ids": \(end)}}}
            """
    }

    /// A `tokenizer.json` with parts replaced.
    private func tokenizerJSON(
        normalizer: String = #"{"type": "BertNormalizer", "clean_text": true, "lowercase": true}"#,
        model: String = #""type": "WordPiece", "unk_token": "[UNK]""#,
        vocabulary: String = TokenizerFolderTests.vocabulary, added: String = "[]",
        postProcessor: String = TokenizerFolderTests.template()
    ) -> String {
        let members = vocabulary.split(separator: "\n").enumerated().map { "\"\($1)\": \($0)" }
        return """
            {"normalizer": \(normalizer), "pre_tokenizer": {"type": "BertPreTokenizer"},
             "post_processor": \(postProcessor), "added_tokens": \(added),
             "model": {\(model), "vocab": {\(members.joined(separator: ", "))}}}
            """
    }

    private func expectError(
        _ files: [String: String], _ parts: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        do {
            _ = try tokenizer(files)
            Issue.record("no error", sourceLocation: sourceLocation)
        } catch {
            let text = "\(error)"
            #expect(error is any DescribedError, sourceLocation: sourceLocation)
            #expect(!text.contains("\n"), sourceLocation: sourceLocation)
            #expect(text.utf8.count < 600, sourceLocation: sourceLocation)
            for part in parts {
                #expect(text.contains(part), "\(text)", sourceLocation: sourceLocation)
            }
        }
    }

    @Test func caseAndAccentsFollowTheConfiguration() throws {
        let uncased = try tokenizer([:])
        #expect(pieces("FILM é", uncased) == ["film", "e"])
        let cased = try tokenizer(["tokenizer_config.json": #"{"do_lower_case": false}"#])
        #expect(pieces("Film FILM é", cased) == ["Film", "[UNK]", "é"])
        let accents = try tokenizer([
            "tokenizer_config.json": #"{"do_lower_case": true, "strip_accents": false}"#
        ])
        #expect(pieces("É", accents) == ["é"])
    }

    @Test func specialTokensMayHaveOtherNames() throws {
        let names = ["<p>", "<u>", "<s>", "</s>", "<m>", "film"].joined(separator: "\n")
        let configuration = """
            {"pad_token": "<p>", "unk_token": {"content": "<u>", "lstrip": false},
             "cls_token": "<s>", "mask_token": "<m>"}
            """
        let tokenizer = try tokenizer([
            "vocab.txt": names, "tokenizer_config.json": configuration,
            "special_tokens_map.json": #"{"sep_token": {"content": "</s>"}, "cls_token": "[X]"}"#,
        ])
        #expect(tokenizer.tokenize("film x", maximumLength: 9).ids == [2, 5, 1, 3])
    }

    @Test(arguments: [
        ("512", 512), ("1000000000000000019884624838656", nil), ("1e30", nil), ("null", nil),
    ])
    func modelMaximumLengthIsTakenWhereItIsSane(text: String, expected: Int?) throws {
        let files = ["tokenizer_config.json": "{\"model_max_length\": \(text)}"]
        #expect(try tokenizer(files).modelMaximumLength == expected)
    }

    @Test func addedTokensAreFoundInTheText() throws {
        let plain = try tokenizer(["added_tokens.json": #"{"<Tag>": 12, "two words": 13}"#])
        // Listed there, a token is looked for in the normalised text.
        #expect(pieces("film<tag>TWO words", plain) == ["film", "<Tag>", "two words"])
        #expect(plain.vocabularySize == 14)
        let configuration = """
            {"added_tokens_decoder": {
              "12": {"content": "<t>", "special": true, "normalized": false, "lstrip": true,
                     "rstrip": true, "single_word": false},
              "13": {"content": "XY", "special": false, "normalized": false, "single_word": true}}}
            """
        let described = try tokenizer(["tokenizer_config.json": configuration])
        #expect(pieces("film <t>  film<T>", described).prefix(3) == ["film", "<t>", "film"])
        let document = described.tokenize("film <t>  film", maximumLength: 9)
        #expect(document.offsets[2] == 4..<10)
        #expect(pieces("XY aXY XYé", described) == ["XY", "[UNK]", "[UNK]"])
        // A dash is no part of a word, and nor is a letter that is younger than the reference's
        // Unicode, though Swift knows it.
        for scalar in ["\u{2014}", "\u{323b0}", "\u{88f}", "\u{10940}"] {
            #expect(pieces("XY\(scalar)", described).first == "XY", "\(scalar)")
        }
    }

    // Fast tokenizers put these ids around a text, whatever the vocabulary says.
    @Test func thePostProcessorMustPutTheVocabularysTokensAroundAText() throws {
        let json = tokenizerJSON(
            postProcessor: #"{"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]}"#)
        let bert = try tokenizer(["tokenizer.json": json])
        #expect(bert.tokenize("film", maximumLength: 9).ids == [2, 5, 3])
        let none = try tokenizer(["tokenizer.json": tokenizerJSON(postProcessor: "null")])
        #expect(none.tokenize("film", maximumLength: 9).ids == [2, 5, 3])
        let problems = [
            (#"{"type": "BertProcessing", "sep": ["film", 5], "cls": ["[CLS]", 2]}"#, "film"),
            (#"{"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 7]}"#, "7"),
            (#"{"type": "BertProcessing", "sep": ["[SEP]", 3]}"#, "cls"),
            (Self.template(start: "[7]"), "7"), (Self.template(end: "[3, 3]"), "[SEP]"),
            (#"{"type": "Sequence"}"#, "Sequence"),
        ]
        for (postProcessor, part) in problems {
            expectError(
                ["tokenizer.json": tokenizerJSON(postProcessor: postProcessor)],
                "tokenizer.json: ", "post_processor", part)
        }
    }

    // They number the tokens that the vocabulary lacks themselves.
    @Test func addedTokensOfTokenizerJSONCountOn() throws {
        func added(_ ids: Int...) -> [String: String] {
            let tokens = ids.map { #"{"id": \#($0), "content": "<\#($0)>"}"# }
            return [
                "tokenizer.json": tokenizerJSON(added: "[\(tokens.joined(separator: ", "))]")
            ]
        }
        #expect(try tokenizer(added(12, 13)).vocabularySize == 14)
        expectError(added(13), "tokenizer.json: ", "<13>", "12")
        expectError(added(12, 14), "tokenizer.json: ", "<14>", "13")
        // Of 7 tokens, the last of which has the id 9, the next one is the 7th.
        let special = Self.special.enumerated().map { #""\#($1)": \#($0)"# }
            .joined(separator: ", ")
        func withHole(_ id: Int) throws -> Int {
            let json = tokenizerJSON(added: #"[{"id": \#(id), "content": "<t>"}]"#).replacing(
                /"vocab": \{[^}]*\}/,
                with: #""vocab": {\#(special), "film": 5, "lm": 9}"#)
            return try withFolder(["tokenizer.json": json]) {
                try WordPieceTokenizer(folder: $0).vocabularySize
            }
        }
        #expect(try withHole(7) == 10)
        #expect(throws: TokenizerError.self) { try withHole(10) }
    }

    @Test func tokenizerJSONDecidesWhereItIsThere() throws {
        let cased = #"{"type": "BertNormalizer", "lowercase": false, "strip_accents": null}"#
        let added = #"[{"id": 12, "content": "<t>", "normalized": false, "special": true}]"#
        let json = tokenizerJSON(normalizer: cased, added: added)
        let tokenizer = try tokenizer(["tokenizer.json": json])
        #expect(pieces("Film é<t>", tokenizer) == ["Film", "é", "<t>"])
        let none = try self.tokenizer(["tokenizer.json": tokenizerJSON(normalizer: "null")])
        #expect(pieces("Film é fi\u{200b}lm", none) == ["Film", "é", "[UNK]"])
    }

    @Test func escapesInTokenizerJSONAreRead() throws {
        let vocabulary = (Self.special + [#"\u00e9"#, #"\""#, #"\ud83d\ude00"#, #"\\"#])
            .joined(separator: "\n")
        let json = tokenizerJSON(
            normalizer: "null", vocabulary: vocabulary)
        let tokenizer = try withFolder(["tokenizer.json": json]) {
            try WordPieceTokenizer(folder: $0)
        }
        #expect(pieces("é \" 😀 \\", tokenizer) == ["é", "\"", "😀", "\\"])
    }

    @Test func filesThatDisagreeAreErrors() {
        expectError(
            [
                "tokenizer.json": tokenizerJSON(),
                "tokenizer_config.json": #"{"do_lower_case": false}"#,
            ],
            "tokenizer_config.json", "do_lower_case", "tokenizer.json")
        let other = Self.vocabulary.replacing("fi\n", with: "fo\n")
        expectError(["tokenizer.json": tokenizerJSON(vocabulary: other)], "vocab.txt:11:", "10")
        expectError(
            ["tokenizer.json": tokenizerJSON(vocabulary: Self.vocabulary + "\nmore")],
            "vocab.txt", "12")
        expectError(["added_tokens.json": #"{"film": 3}"#], "added_tokens.json", "film", "3")
        expectError(["added_tokens.json": #"{"<t>": 3}"#], "added_tokens.json", "<t>", "3")
        expectError(["added_tokens.json": #"{"<t>": 12, "<u>": 12}"#], "added_tokens.json", "12")
    }

    @Test func modelsOfAnotherKindAreErrors() throws {
        expectError(
            ["tokenizer.json": tokenizerJSON(model: #""type": "BPE""#)], "tokenizer.json", "BPE",
            "WordPiece")
        expectError(
            ["tokenizer.json": tokenizerJSON(normalizer: #"{"type": "Sequence"}"#)], "Sequence",
            "BertNormalizer")
        expectError(
            [
                "tokenizer.json": tokenizerJSON(
                    model: #""type": "WordPiece", "max_input_chars_per_word": 0"#)
            ], "max_input_chars_per_word", "1 to")
        expectError(["tokenizer_config.json": #"{"do_basic_tokenize": false}"#], "do_basic")
        expectError(["tokenizer_config.json": #"{"never_split": ["film"]}"#], "never_split")
        expectError(["tokenizer_config.json": #"{"split_special_tokens": true}"#], "split_special")
        for (japanese, part) in [
            (#"{"tokenizer_class": "BertJapaneseTokenizer"}"#, "BertJapaneseTokenizer"),
            (#"{"do_lower_case": false, "word_tokenizer_type": "mecab"}"#, "mecab"),
            (#"{"subword_tokenizer_type": "character"}"#, "character"),
        ] {
            expectError(["tokenizer_config.json": japanese], "tokenizer_config.json", part)
        }
        // trim leaves a folder of the last kind its vocab.txt alone.
        for name in ["BertTokenizer", "DistilBertTokenizerFast", "PreTrainedTokenizerFast"] {
            let files = ["tokenizer_config.json": #"{"tokenizer_class": "\#(name)"}"#]
            #expect(try pieces("film", tokenizer(files)) == ["film"])
        }
    }

    @Test func aFolderWithoutAVocabularyIsAnError() throws {
        try withFolder([String: String]()) { folder in
            let error = #expect(throws: TokenizerError.self) {
                try WordPieceTokenizer(folder: folder)
            }
            #expect(String(describing: error).contains("vocab.txt"))
            #expect(throws: TokenizerError.self) {
                try WordPieceTokenizer(folder: folder.appending(path: "missing"))
            }
            try FileManager.default.createDirectory(
                at: folder.appending(path: "vocab.txt"), withIntermediateDirectories: false)
            #expect(throws: TokenizerError.self) { try WordPieceTokenizer(folder: folder) }
        }
    }

    @Test func brokenVocabulariesAreErrorsWithTheirLine() throws {
        for token in Self.special {
            let lines = Self.vocabulary.split(separator: "\n").filter { $0 != token }
            expectError(["vocab.txt": lines.joined(separator: "\n")], "vocab.txt", token)
        }
        expectError(["vocab.txt": ""], "vocab.txt")
        expectError(["vocab.txt": Self.vocabulary + "\nfilm\n"], "vocab.txt:13:", "film", "5")
        expectError(["vocab.txt": "[PAD]\n\n" + Self.vocabulary], "vocab.txt:2:", "empty")
        let invalid = Data(Self.vocabulary.utf8) + [0x0a, 0xff, 0xfe]
        try withFolder(["vocab.txt": invalid]) { folder in
            let error = #expect(throws: TokenizerError.self) {
                try WordPieceTokenizer(folder: folder)
            }
            #expect(String(describing: error).contains("vocab.txt:13: is not valid UTF-8"))
        }
    }

    @Test func linesMayEndInCarriageReturns() throws {
        let chunks = Self.vocabulary.replacing("\n", with: "\r\n") + "\r\n"
        #expect(pieces("film", try tokenizer(["vocab.txt": chunks])) == ["film"])
    }

    @Test(arguments: [
        "", "[]", "{", "{\"a\"}", "{\"a\": }", "{\"a\": 1,}", "{\"a\": \"\u{1}\"}", "{} x",
        "{\"a\": \"\\ud800\"}", "{\"a\": \"\\x\"}", "{\"a\": -}", "{\"a\": 1e999}", "{'a': 1}",
        String(repeating: "[", count: 100_000), "{\"a\": \"unfinished",
    ])
    func brokenJSONIsAnErrorThatNamesTheFile(json: String) {
        expectError(["tokenizer_config.json": json], "tokenizer_config.json")
        expectError(["tokenizer.json": json], "tokenizer.json")
        expectError(["added_tokens.json": json], "added_tokens.json")
    }

    @Test(arguments: [
        #""do_lower_case": "yes""#, #""strip_accents": 1"#, #""model_max_length": 2"#,
        #""model_max_length": -1"#, #""model_max_length": 3.5"#, #""model_max_length": "512""#,
        #""unk_token": 7"#, #""unk_token": """#, #""sep_token": {"text": "[SEP]"}"#,
        #""never_split": "film""#, #""added_tokens_decoder": {"x": {"content": "y"}}"#,
        #""added_tokens_decoder": {"99999999999": {"content": "y"}}"#,
        #""added_tokens_decoder": {"-7": {"content": "y"}}"#,
        #""additional_special_tokens": [1]"#, #""mask_token": "absent\nmask""#,
    ])
    func optionsOutOfRangeAreErrors(option: String) {
        let name = option.split(separator: "\"")[0]
        let expected = name == "mask_token" ? "absent" : "tokenizer_config.json"
        expectError(["tokenizer_config.json": "{\(option)}"], expected)
    }

    @Test(arguments: [#""film": 99999999999"#, #""film": -1"#, #""film": "5""#, #""": 5"#])
    func vocabularyMembersOutOfRangeAreErrors(member: String) {
        let json = #"{"model": {"type": "WordPiece", "vocab": {\#(member)}}}"#
        expectError(["tokenizer.json": json], "tokenizer.json:1:")
    }
}

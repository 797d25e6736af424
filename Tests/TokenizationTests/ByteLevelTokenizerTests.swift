import Errors
import Foundation
import TestSupport
import Testing
import Tokenization

/// What byte-level BPE does beyond the reference: words, limits, folders that are broken.
@Suite struct ByteLevelTokenizerTests {
    private static let letters: [String] = ByteLevelFiles.vocabulary([])
        .sorted { $0.value < $1.value }.map(\.key).filter { !$0.hasPrefix("<") || $0.count == 1 }
    private static let tokens =
        ["<s>", "<pad>", "</s>", "<unk>"] + letters
        + ["fi", "fil", "film", "Ġfilm", "ĠĠ", "<mask>"]

    private static let model = #""type": "BPE""#
    private static let preTokenizer =
        #"{"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true}"#
    private static let postProcessor = """
        {"type": "RobertaProcessing", "sep": ["</s>", 2], "cls": ["<s>", 0], "trim_offsets": true,
         "add_prefix_space": false}
        """

    private func json(
        model: String = ByteLevelTokenizerTests.model, normalizer: String = "null",
        preTokenizer: String = ByteLevelTokenizerTests.preTokenizer,
        postProcessor: String = ByteLevelTokenizerTests.postProcessor,
        tokens: [String] = ByteLevelTokenizerTests.tokens,
        merges: String = #"["f i", "fi l", "fil m", "Ġ film", "Ġ Ġ"]"#
    ) throws -> String {
        let vocabulary = String(
            decoding: try JSONEncoder().encode(
                Dictionary(uniqueKeysWithValues: tokens.enumerated().map { ($1, $0) })),
            as: UTF8.self)
        return """
            {"normalizer": \(normalizer), "pre_tokenizer": \(preTokenizer),
             "post_processor": \(postProcessor), "added_tokens": [],
             "model": {\(model), "vocab": \(vocabulary), "merges": \(merges)}}
            """
    }

    private func tokenizer(_ files: [String: String] = [:]) throws -> ByteLevelBPETokenizer {
        try withFolder(["tokenizer.json": json()].merging(files) { $1 }) {
            try ByteLevelBPETokenizer(folder: $0)
        }
    }

    private func expectError(
        _ files: [String: String], _ parts: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let error = try withFolder(files) { folder in
            #expect(throws: (any Error).self, sourceLocation: sourceLocation) {
                try ByteLevelBPETokenizer(folder: folder)
            }
        }
        #expect(error is any DescribedError, sourceLocation: sourceLocation)
        let text = error.map { "\($0)" } ?? ""
        #expect(!text.contains("\n") && text.utf8.count < 600, sourceLocation: sourceLocation)
        for part in parts {
            #expect(text.contains(part), "\(text)", sourceLocation: sourceLocation)
        }
    }

    @Test func piecesBelongToTheWordThatTheyAreIn() throws {
        let tokenizer = try tokenizer()
        let document = tokenizer.tokenize("film  film\n film ", maximumLength: 99)
        #expect(
            document.ids.dropFirst().dropLast().map { tokenizer.token(for: $0) }
                == ["film", "Ġ", "Ġfilm", "Ċ", "Ġfilm", "Ġ"])
        #expect(document.words == [0..<4, 6..<10, 12..<16])
        // A piece of whitespace alone counts to no word.
        #expect(document.wordIndices == [-1, 0, -1, 1, -1, 2, -1, -1])
        let offsets = [0..<4, 5..<5, 6..<10, 10..<11, 12..<16, 17..<17]
        #expect(document.offsets == [0..<0] + offsets + [0..<0])
        #expect(!document.isTruncated)
    }

    @Test func bytesOfAScalarBelongToItsWord() throws {
        let document = try tokenizer().tokenize("a é日", maximumLength: 99)
        #expect(document.wordIndices == [-1, 0, -1, 1, 1, 1, 1, 1, -1])
        #expect(document.offsets.dropFirst(3).dropLast() == [2..<4, 2..<4, 4..<7, 4..<7, 4..<7])
    }

    @Test(arguments: [2, 3, 4, 5, 6, 7, 8])
    func aLimitCutsTheDocumentsPieces(maximumLength: Int) throws {
        let tokenizer = try tokenizer()
        let text = "film abc film"
        let whole = tokenizer.tokenize(text, maximumLength: 99)
        let cut = tokenizer.tokenize(text, maximumLength: maximumLength)
        #expect(cut.ids == whole.ids.dropLast().prefix(maximumLength - 1) + [2])
        #expect(cut.readWords == [0, 1, 1, 1, 1, 2, 3][maximumLength - 2])
    }

    @Test func aQueryIsToldFromTheDocumentBySeparators() throws {
        let tokenizer = try tokenizer()
        let document = try tokenizer.tokenize("film a", query: "film", maximumLength: 8)
        let film = try #require(document.ids.dropFirst().first)
        #expect(document.ids.prefix(6) == [0, film, 2, 2, film, document.ids[5]])
        #expect(document.ids.count == 8 && document.ids.last == 2)
        #expect(document.segmentIDs.allSatisfy { $0 == 0 })
        #expect(document.wordIndices == [-1, -1, -1, -1, 0, -1, 1, -1])
        #expect(throws: TokenizerError.noRoomForDocument(maximumLength: 5)) {
            try tokenizer.tokenize("film", query: "film", maximumLength: 5)
        }
    }

    /// A quadratic algorithm would take hours here.
    @Test func aWordOfAMegabyteIsTokenized() throws {
        let tokenizer = try tokenizer()
        let word = String(repeating: "film", count: 1 << 18)
        let document = tokenizer.tokenize(word, maximumLength: .max)
        #expect(document.ids.count == 1 << 18 + 2)
        #expect(document.words.count == 1)
        let spaces = String(repeating: " ", count: 1 << 20)
        #expect(tokenizer.tokenize(spaces, maximumLength: .max).ids.count == 1 << 19 + 2)
    }

    @Test func theFilesPresentChooseTheKind() throws {
        let wordPiece = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nfilm\n"
        func isByteLevel(_ files: [String: String]) throws -> Bool {
            try withFolder(files) { try openTokenizer(folder: $0) } is ByteLevelBPETokenizer
        }
        let plain = try ByteLevelRecording.plainFiles()
            .mapValues { String(decoding: $0, as: UTF8.self) }
        #expect(try isByteLevel(["tokenizer.json": json()]))
        #expect(try isByteLevel(plain))
        #expect(try isByteLevel(["tokenizer.json": json(model: #""dropout": null"#)]))
        #expect(try !isByteLevel(["vocab.txt": wordPiece]))
        #expect(try !isByteLevel(plain.merging(["vocab.txt": wordPiece]) { $1 }))
        let other = try json(model: #""type": "Unigram""#)
        let error = try withFolder(["tokenizer.json": other]) { folder in
            #expect(throws: TokenizerError.self) { try openTokenizer(folder: folder) }
        }
        #expect("\(error as Any)".contains("Unigram"))
    }

    @Test(arguments: ["special_tokens_map.json", "tokenizer_config.json"])
    func aRoleSaysHowItsTokenIsLookedFor(file: String) throws {
        var files = try ByteLevelRecording.plainFiles()
        func pieces() throws -> [String?] {
            try withFolder(files) { folder in
                let tokenizer = try openTokenizer(folder: folder)
                let document = try tokenizer.tokenize("a \t<mask>", maximumLength: 99)
                return document.ids.dropFirst().dropLast().map { tokenizer.token(for: $0) }
            }
        }
        #expect(try pieces() == ["a", "Ġ", "ĉ", "<mask>"])
        files[file] = Data(#"{"mask_token": {"content": "<mask>", "lstrip": true}}"#.utf8)
        #expect(try pieces() == ["a", "<mask>"])
        files["added_tokens.json"] = Data(#"{"<mask>": 7}"#.utf8)
        #expect(throws: TokenizerError.self) { try pieces() }
    }

    @Test(arguments: [
        #""byte_fallback": true"#, #""ignore_merges": true"#, #""dropout": 0.1"#,
        #""end_of_word_suffix": "</w>""#, #""continuing_subword_prefix": "@@""#,
    ])
    func optionsOfTheModelThatAreNotSupportedAreErrors(option: String) throws {
        try expectError(
            ["tokenizer.json": json(model: Self.model + ", " + option)], "tokenizer.json",
            String(option.split(separator: "\"")[0]))
    }

    @Test func otherStepsAreErrors() throws {
        try expectError(["tokenizer.json": json(normalizer: #"{"type": "NFC"}"#)], "NFC")
        try expectError(
            ["tokenizer.json": json(preTokenizer: #"{"type": "Sequence"}"#)], "Sequence",
            "ByteLevel")
        try expectError(
            ["tokenizer.json": json(preTokenizer: #"{"type": "ByteLevel", "use_regex": false}"#)],
            "use_regex")
        for processor in [
            "null", #"{"type": "ByteLevel"}"#, #"{"type": "TemplateProcessing"}"#,
            #"{"type": "Sequence", "processors": []}"#,
            #"{"type": "RobertaProcessing", "sep": ["</s>"], "cls": ["<s>", 0]}"#,
            #"{"type": "RobertaProcessing", "sep": ["</s>", 3], "cls": ["<s>", 0]}"#,
            #"{"type": "RobertaProcessing", "sep": ["</x>", 2], "cls": ["<s>", 0]}"#,
        ] {
            try expectError(["tokenizer.json": json(postProcessor: processor)], "tokenizer.json")
        }
    }

    @Test func filesThatDisagreeAreErrors() throws {
        for option in [
            #""add_prefix_space": true"#, #""trim_offsets": false"#, #""cls_token": "</s>""#,
        ] {
            try expectError(
                ["tokenizer.json": json(), "tokenizer_config.json": "{\(option)}"],
                "tokenizer_config.json", "make the two agree")
        }
        let tokenizer = try tokenizer([
            "tokenizer_config.json": #"{"cls_token": "<s>", "model_max_length": 512}"#
        ])
        #expect(tokenizer.modelMaximumLength == 512)
    }

    @Test func brokenVocabulariesAndMergesAreErrors() throws {
        for token in ["<s>", "</s>", "<pad>", "<mask>", "f", "Ġ", "film"] {
            let rest = Self.tokens.filter { $0 != token }
            try expectError(["tokenizer.json": json(tokens: rest)], "tokenizer.json", token)
        }
        for merges in [
            #"["f"]"#, #"["f i l"]"#, #"[["f"]]"#, #"[["f", 1]]"#, "[3]", "7", #"["f m"]"#,
            #"["f  i"]"#, #"["x y"]"#,
        ] {
            try expectError(["tokenizer.json": json(merges: merges)], "tokenizer.json", "merges")
        }
        var files = try ByteLevelRecording.plainFiles()
            .mapValues { String(decoding: $0, as: UTF8.self) }
        let lines = files["merges.txt"] ?? ""
        for (line, problem) in [("e", "two tokens"), ("", "two tokens"), ("e zzzz", "zzzz")] {
            files["merges.txt"] = "#version: 0.2\n\(line)\n" + lines
            try expectError(files, "merges.txt:2:", problem)
        }
        files["merges.txt"] = nil
        try expectError(files, "merges.txt", "missing")
        files["merges.txt"] = lines
        files["tokenizer_config.json"] = #"{"tokenizer_class": "CLIPTokenizer"}"#
        try expectError(files, "CLIPTokenizer")
        files["tokenizer_config.json"] = #"{"tokenizer_class": "RobertaTokenizerFast"}"#
        files["vocab.json"] = #"{"a": {"b": 1}}"#
        try expectError(files, "vocab.json")
        files["vocab.json"] = "[]"
        try expectError(files, "vocab.json")
        try expectError([:], "vocab.json")
    }

    @Test func chunksHoldEveryWordWhateverWhiteSpaceStandsBetween() throws {
        let tokenizer = try tokenizer()
        let size = ChunkSize(length: 12, stride: 8)
        for space in [" ", "  ", "\n\n\n", "\n \t ", String(repeating: "\n", count: 40)] {
            for count in [1, 2, 7, 20] {
                let words = Array(repeating: "film", count: count).joined(separator: space)
                let document = try tokenizer.chunks(
                    of: space + words + space, query: count == 7 ? "film" : nil, size)
                var read = Set<Int>()
                for chunk in document.chunks {
                    #expect(chunk.ids.count <= size.length)
                    #expect(chunk.ids.first == 0 && chunk.ids.last == 2)
                    for word in chunk.wholeWords {
                        let pieces = chunk.wordIndices.count { Int($0) == word }
                        if pieces > 0 { read.insert(word) }
                    }
                }
                #expect(read == Set(0..<count), "\(count) words between \(space.debugDescription)")
                #expect(
                    document.chunks.allSatisfy { $0.wordIndices.contains { $0 >= 0 } })
                #expect(document.readWords == count && document.isReadable)
                #expect(
                    document.mean(document.chunks.map { $0.wholeWords.map { _ in 1 } })
                        == Array(repeating: 1, count: count))
            }
        }
        // Nothing but white space, far more of it than fits.
        let empty = try tokenizer.chunks(
            of: String(repeating: "\n", count: 100), query: nil, size)
        #expect(empty.chunks.count == 1 && empty.chunks[0].ids.count <= size.length)
        #expect(!empty.isReadable)
    }
}

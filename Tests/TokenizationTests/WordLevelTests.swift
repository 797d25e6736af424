import Foundation
import TestSupport
import Testing
import Tokenization

@Suite("Tokenizers of whole words")
struct WordLevelTests {
    private static let texts = ["A Dull film", "a film  of\tfilms", "Ärger, a film", "zeal"]

    private func open(_ vocabulary: WordVocabulary) throws -> any Tokenizer {
        try withFolder(["tokenizer.json": Data(vocabulary.tokenizerJSON())]) {
            try openTokenizer(folder: $0)
        }
    }

    @Test func wordsStandInEnoughTextsAndInOrder() {
        let special = WordVocabulary.specialWords
        let all = WordVocabulary(of: Self.texts, minimumDocuments: 1)
        #expect(all.words == special + ["a", "dull", "film", "films", "of", "zeal", "ärger,"])
        let frequent = WordVocabulary(of: Self.texts, minimumDocuments: 2)
        #expect(frequent.words == special + ["a", "film"])
        let cased = WordVocabulary(of: Self.texts, minimumDocuments: 3, lowercases: false)
        #expect(cased.words == special + ["film"])
        let hostile = WordVocabulary(of: ["<s> x </s> <pad>"], minimumDocuments: 1)
        #expect(hostile.words == special + ["x"], "special words stay at their places")
    }

    @Test func aTextIsStartWordsEnd() throws {
        let tokenizer = try open(WordVocabulary(of: Self.texts, minimumDocuments: 1))
        let text = "ÄRGER, film unseen\nA"
        let read = try tokenizer.tokenize(text, maximumLength: 100)
        #expect(read.ids == [2, 10, 6, 1, 4, 3])
        #expect(read.wordIndices == [-1, 0, 1, 2, 3, -1])
        #expect(read.offsets == [0..<0, 0..<7, 8..<12, 13..<19, 20..<21, 0..<0])
        #expect(tokenizer.vocabularySize == 11 && tokenizer.maskTokenID == 1)
        #expect(tokenizer.token(for: 10) == "ärger,")
        let cut = try tokenizer.tokenize(text, maximumLength: 4)
        #expect(cut.ids == [2, 10, 6, 3] && cut.readWords == 2 && cut.isTruncated)
        let pair = try tokenizer.tokenize("film", query: "dull A", maximumLength: 10)
        #expect(pair.ids == [2, 5, 4, 3, 6, 3] && pair.segmentIDs == [0, 0, 0, 0, 1, 1])
    }

    @Test func caseIsKeptWhereTheFileSaysNothing() throws {
        let tokenizer = try open(
            WordVocabulary(of: ["A a"], minimumDocuments: 1, lowercases: false))
        #expect(try tokenizer.tokenize("a A b", maximumLength: 9).ids == [2, 5, 4, 1, 3])
    }

    @Test func otherStepsAreRefused() throws {
        let sound = String(
            decoding: WordVocabulary(of: ["a"], minimumDocuments: 1).tokenizerJSON(),
            as: UTF8.self)
        for (part, other, named) in [
            ("WhitespaceSplit", "Whitespace", "pre_tokenizer"),
            ("\"Lowercase\"", "\"NFC\"", "normalizer"),
            ("\"unk_token\":\"<unk>\"", "\"unk_token\":\"a\"", "unknown token"),
            ("\"type_id\":1", "\"type_id\":0", "template for pair"),
        ] {
            let text = sound.replacing(part, with: other)
            #expect(text != sound)
            let error = try withFolder(["tokenizer.json": Data(text.utf8)]) { folder in
                #expect(throws: TokenizerError.self) { try openTokenizer(folder: folder) }
            }
            #expect(error?.description.contains(named) == true, "\(error as Any)")
        }
    }
}

import Foundation
import TestSupport
import Testing
import Tokenization

/// Truncation, pairs and words, with a vocabulary of a few tokens.
@Suite struct WordPieceTokenizerTests {
    private static let tokens = [
        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "a", "dull", "film", "##s", "##ing", "wast",
        ".", ",", "why", "?", "b",
    ]
    private let tokenizer: WordPieceTokenizer

    init() throws {
        tokenizer = try withFolder(["vocab.txt": Self.tokens.joined(separator: "\n") + "\n"]) {
            try WordPieceTokenizer(folder: $0)
        }
    }

    private func pieces(_ document: TokenizedDocument) -> [String] {
        document.ids.map { tokenizer.token(for: $0) ?? "?" }
    }

    @Test func wordsAreSplitGreedilyAndKnowTheirWord() {
        let document = tokenizer.tokenize("A dull, wasting FILM.", maximumLength: 512)
        #expect(
            pieces(document) == [
                "[CLS]", "a", "dull", ",", "wast", "##ing", "film", ".", "[SEP]",
            ])
        #expect(document.wordIndices == [-1, 0, 1, 1, 2, 2, 3, 3, -1])
        #expect(document.words == [0..<1, 2..<7, 8..<15, 16..<21])
        #expect(
            document.offsets == [
                0..<0, 0..<1, 2..<6, 6..<7, 8..<12, 12..<15, 16..<20, 20..<21, 0..<0,
            ])
        #expect(document.segmentIDs.allSatisfy { $0 == 0 })
        #expect(document.readWords == 4)
        #expect(!document.isTruncated)
    }

    @Test func truncationKeepsAllWordsAndCountsThoseReadWhole() {
        let text = "a wasting film. a"
        let whole = tokenizer.tokenize(text, maximumLength: 8)
        #expect(!whole.isTruncated)
        // The number of words whose pieces all fit, at each maximum length.
        for (maximum, readWords) in [(2, 0), (3, 1), (4, 1), (5, 2), (6, 2), (7, 3)] {
            let document = tokenizer.tokenize(text, maximumLength: maximum)
            #expect(document.ids.count == maximum)
            #expect(document.ids.dropLast() == whole.ids.prefix(maximum - 1))
            #expect(document.ids.last == tokenizer.separatorTokenID)
            #expect(document.readWords == readWords, "maximum length \(maximum)")
            #expect(document.words == whole.words)
            #expect(document.isTruncated)
        }
    }

    @Test func onlyTheDocumentOfAPairIsTruncated() throws {
        let whole = try tokenizer.tokenize("a dull film", query: "why?", maximumLength: 8)
        #expect(
            pieces(whole) == ["[CLS]", "why", "?", "[SEP]", "a", "dull", "film", "[SEP]"])
        #expect(whole.segmentIDs == [0, 0, 0, 0, 1, 1, 1, 1])
        #expect(whole.wordIndices == [-1, -1, -1, -1, 0, 1, 2, -1])
        #expect(
            whole.offsets == [0..<0, 0..<3, 3..<4, 0..<0, 0..<1, 2..<6, 7..<11, 0..<0])
        #expect(!whole.isTruncated)
        let cut = try tokenizer.tokenize("a dull film", query: "why?", maximumLength: 6)
        #expect(pieces(cut) == ["[CLS]", "why", "?", "[SEP]", "a", "[SEP]"])
        #expect(cut.readWords == 1)
        #expect(cut.words.count == 3)
    }

    @Test func aQueryThatFillsTheLimitIsAnError() {
        for maximum in [-1, 0, 2, 5] {
            #expect(throws: TokenizerError.noRoomForDocument(maximumLength: maximum)) {
                try tokenizer.tokenize("a", query: "why?", maximumLength: maximum)
            }
        }
    }

    @Test func noQueryIsASingleText() throws {
        let document = try tokenizer.tokenize("a film", query: nil, maximumLength: 9)
        #expect(document == tokenizer.tokenize("a film", maximumLength: 9))
    }

    @Test func aWordWithoutPiecesIsReadWhereItLiesBeforeTheCut() {
        let document = tokenizer.tokenize("a \u{200b}\u{200b} b film", maximumLength: 4)
        #expect(pieces(document) == ["[CLS]", "a", "b", "[SEP]"])
        #expect(document.wordIndices == [-1, 0, 2, -1])
        #expect(document.words.count == 4)
        #expect(document.readWords == 3)
        let empty = tokenizer.tokenize("\u{200b} \u{7}", maximumLength: 2)
        #expect(empty.ids.count == 2)
        #expect(empty.readWords == 2)
    }

    @Test func aPieceOverTwoWordsBelongsToTheFirst() {
        // A form feed ends a word but is dropped from the text, so one piece spans it.
        let document = tokenizer.tokenize("du\u{c}ll film", maximumLength: 9)
        #expect(pieces(document) == ["[CLS]", "dull", "film", "[SEP]"])
        #expect(document.words == [0..<2, 3..<5, 6..<10])
        #expect(document.wordIndices == [-1, 0, 2, -1])
        #expect(document.offsets[1] == 0..<5)
    }

    @Test func specialTokensInTheTextAreReadVerbatim() {
        let document = tokenizer.tokenize("a[SEP]b [sep]", maximumLength: 20)
        #expect(
            pieces(document) == [
                "[CLS]", "a", "[SEP]", "b", "[UNK]", "[UNK]", "[UNK]", "[SEP]",
            ])
        #expect(document.wordIndices == [-1, 0, 0, 0, 1, 1, 1, -1])
    }

    @Test func theTokenOfEveryIDIsKnown() {
        #expect(tokenizer.vocabularySize == Self.tokens.count)
        for (id, token) in Self.tokens.enumerated() {
            #expect(tokenizer.token(for: Int32(id)) == token)
        }
        #expect(tokenizer.token(for: -1) == nil)
        #expect(tokenizer.token(for: Int32(Self.tokens.count)) == nil)
        #expect(tokenizer.paddingTokenID == 0)
        #expect(tokenizer.unknownTokenID == 1)
        #expect(tokenizer.classifierTokenID == 2)
        #expect(tokenizer.separatorTokenID == 3)
        #expect(tokenizer.maskTokenID == 4)
    }

    @Test func aPrefixOfALimitIsAPrefixOfTheWhole() {
        // Many kinds of runs, so that the cut falls into each of them.
        let text = "a dull[MASK]films, wasting éa 日b\u{200b} \u{301}wast.ing??? "
        let whole = tokenizer.tokenize(text, maximumLength: 1000)
        for maximum in 2..<whole.ids.count {
            let cut = tokenizer.tokenize(text, maximumLength: maximum)
            #expect(cut.ids.dropLast() == whole.ids.prefix(maximum - 1))
            #expect(cut.offsets.dropLast() == whole.offsets.prefix(maximum - 1))
            #expect(cut.wordIndices.dropLast() == whole.wordIndices.prefix(maximum - 1))
            #expect(Int32(cut.readWords) == whole.wordIndices[maximum - 1])
        }
    }
}

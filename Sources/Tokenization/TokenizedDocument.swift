/// One text, or a query and a document, as an encoder's input: pieces, and the way back to words.
public struct TokenizedDocument: Sendable, Equatable {
    /// The piece ids, special tokens included.
    public let ids: [Int32]
    /// The segment (token type) of each piece: 0 for the first text, 1 for the second.
    public let segmentIDs: [Int32]
    /// The UTF-8 byte range of each piece in its own text; `0..<0` for special tokens.
    public let offsets: [Range<Int>]
    /// The index into `words` of each piece of the document; -1 for special tokens, the query, and
    /// pieces of white space alone, which byte-level vocabularies have.
    public let wordIndices: [Int32]
    /// Every word of the document, also past the limit, as UTF-8 byte ranges.
    public let words: [Range<Int>]
    /// The words that were read whole: all of their pieces are in `ids`.
    public let wholeWords: Range<Int>

    /// How many words were read whole.
    public var readWords: Int { wholeWords.count }

    /// Whether the limit cut the document.
    public var isTruncated: Bool { readWords < words.count }

    /// Puts a tokenized document together from its parts.
    ///
    /// `ids`, `segmentIDs`, `offsets` and `wordIndices` have one element a piece; word indices are
    /// below `words.count`; words are in order and do not overlap.
    public init(
        ids: [Int32], segmentIDs: [Int32], offsets: [Range<Int>], wordIndices: [Int32],
        words: [Range<Int>], readWords: Int
    ) {
        precondition(readWords >= 0, "a number of words is not negative")
        self.init(
            ids: ids, segmentIDs: segmentIDs, offsets: offsets, wordIndices: wordIndices,
            words: words, wholeWords: 0..<readWords)
    }

    /// Puts a chunk of a tokenized document together: of its words, `wholeWords` were read whole.
    public init(
        ids: [Int32], segmentIDs: [Int32], offsets: [Range<Int>], wordIndices: [Int32],
        words: [Range<Int>], wholeWords: Range<Int>
    ) {
        precondition(segmentIDs.count == ids.count, "one segment id a piece is needed")
        precondition(offsets.count == ids.count, "one offset range a piece is needed")
        precondition(wordIndices.count == ids.count, "one word index a piece is needed")
        precondition(
            wordIndices.allSatisfy { $0 >= -1 && $0 < words.count },
            "a word index is -1 or below the number of words")
        precondition(
            zip(words, words.dropFirst()).allSatisfy { $0.upperBound <= $1.lowerBound },
            "words are in order and do not overlap")
        precondition(
            wholeWords.upperBound <= words.count, "words that were read are words of the document")
        self.init(
            pieces: (ids, segmentIDs, offsets, wordIndices), of: words, wholeWords: wholeWords)
    }

    /// A part of a document that was checked as a whole.
    init(
        pieces: (
            ids: [Int32], segmentIDs: [Int32], offsets: [Range<Int>], wordIndices: [Int32]
        ), of words: [Range<Int>], wholeWords: Range<Int>
    ) {
        ids = pieces.ids
        segmentIDs = pieces.segmentIDs
        offsets = pieces.offsets
        wordIndices = pieces.wordIndices
        self.words = words
        self.wholeWords = wholeWords
    }
}

/// One text, or a query and a document, as an encoder's input: pieces, and the way back to words.
public struct TokenizedDocument: Sendable, Equatable {
    /// The piece ids, special tokens included.
    public let ids: [Int32]
    /// The segment (token type) of each piece: 0 for the first text, 1 for the second.
    public let segmentIDs: [Int32]
    /// The UTF-8 byte range of each piece in its own text; `0..<0` for special tokens.
    public let offsets: [Range<Int>]
    /// The index into `words` of each piece of the document; -1 for special tokens and the query.
    public let wordIndices: [Int32]
    /// Every word of the document, also past the limit, as UTF-8 byte ranges.
    public let words: [Range<Int>]
    /// `words[0..<readWords]` were read whole: all of their pieces are in `ids`.
    public let readWords: Int

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
            readWords >= 0 && readWords <= words.count, "readWords is at most the number of words")
        self.ids = ids
        self.segmentIDs = segmentIDs
        self.offsets = offsets
        self.wordIndices = wordIndices
        self.words = words
        self.readWords = readWords
    }
}

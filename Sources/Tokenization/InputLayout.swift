/// How the pieces of one text, or of a query and a document, become an input: the special tokens
/// around them, the segments, and the words that the document's pieces belong to.
///
/// BERT: `[CLS] query [SEP] document [SEP]`, the document in segment 1. RoBERTa:
/// `<s> query </s></s> document </s>`, all in segment 0.
struct InputLayout: Sendable {
    let classifierTokenID: Int32
    let separatorTokenID: Int32
    /// How many separators stand between a query and a document.
    var separatorsBetween = 1
    /// The segment of a document that follows a query.
    var documentSegment: Int32 = 1
    /// What counts as a word of a document.
    var words = WordRule.whitespace

    /// A document alone, cut to `maximumLength` pieces (at least 2) in all.
    func input(
        _ document: String, maximumLength: Int, _ reader: some PieceReading
    ) -> TokenizedDocument {
        precondition(
            maximumLength >= 2, "the special tokens need a maximum length of at least 2")
        return assemble(query: nil, document, room: maximumLength - 2, reader)
    }

    /// A document, after a query where there is one; only the document is cut to keep within
    /// `maximumLength` pieces.
    ///
    /// - Throws: `TokenizerError.noRoomForDocument`.
    func input(
        _ document: String, query: String?, maximumLength: Int, _ reader: some PieceReading
    ) throws -> TokenizedDocument {
        guard let query else { return input(document, maximumLength: maximumLength, reader) }
        let room = maximumLength - 2 - separatorsBetween
        let (ids, offsets) = withUTF8Bytes(of: query) { bytes in
            let pieces = reader.pieces(of: bytes, limit: max(room, 0))
            return (pieces.ids, reader.offsets(of: pieces, in: bytes))
        }
        guard ids.count < room else {
            throw TokenizerError.noRoomForDocument(maximumLength: maximumLength)
        }
        return assemble(query: (ids, offsets), document, room: room - ids.count, reader)
    }

    private func assemble(
        query: (ids: [Int32], offsets: [Range<Int>])?, _ document: String, room: Int,
        _ reader: some PieceReading
    ) -> TokenizedDocument {
        withUTF8Bytes(of: document) { bytes in
            let words = words.ranges(in: bytes)
            var pieces = reader.pieces(of: bytes, limit: room)
            var first = [classifierTokenID]
            var firstOffsets = [0..<0]
            if let query {
                first += query.ids
                firstOffsets += query.offsets
                first += Array(repeating: separatorTokenID, count: separatorsBetween)
                firstOffsets += Array(repeating: 0..<0, count: separatorsBetween)
            }
            let firstCount = first.count
            var offsets = firstOffsets
            offsets.reserveCapacity(firstCount + pieces.offsets.count + 1)
            offsets += reader.offsets(of: pieces, in: bytes)
            offsets.append(0..<0)
            // In place: of a long text every copy counts.
            var ids = pieces.takeIDs()
            ids.insert(contentsOf: first, at: 0)
            ids.append(separatorTokenID)

            var wordIndices = Array(repeating: Int32(-1), count: firstCount)
            wordIndices.reserveCapacity(ids.count)
            // Pieces come in order, so one pass over the words finds the first that each overlaps.
            var word = 0
            for offset in pieces.offsets {
                while word < words.count, words[word].upperBound <= offset.lowerBound { word += 1 }
                let isWord =
                    word < words.count
                    && (offset.isEmpty || words[word].lowerBound < offset.upperBound)
                wordIndices.append(isWord ? Int32(word) : -1)
            }
            wordIndices.append(-1)
            var readWords = words.count
            if let firstDropped = pieces.firstDropped {
                readWords = words.firstIndex { $0.upperBound > firstDropped } ?? words.count
            }
            var segmentIDs = [Int32](
                repeating: query == nil ? 0 : documentSegment, count: ids.count)
            for index in 0..<firstCount { segmentIDs[index] = 0 }
            return TokenizedDocument(
                ids: ids, segmentIDs: segmentIDs, offsets: offsets, wordIndices: wordIndices,
                words: words, readWords: readWords)
        }
    }
}

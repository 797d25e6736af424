/// How long documents are read: in overlapping chunks, none longer than the encoder's limit.
public struct ChunkSize: Sendable, Hashable {
    /// The most tokens of a chunk, the query and special tokens included.
    public let length: Int
    /// The most tokens from the beginning of one chunk to that of the next; nil: a document is cut
    /// after its first chunk, as models of format 1 do.
    public let stride: Int?

    /// Chunks of at most `length` tokens that begin at most `stride` tokens apart.
    public init(length: Int, stride: Int?) {
        precondition(
            length >= 3 && (1...length).contains(stride ?? 1),
            "a chunk has room for a piece, and chunks leave no gaps")
        self.length = length
        self.stride = stride
    }

    /// More tokens than any document has: every document is one chunk.
    package static let whole = ChunkSize(length: 1 << 30)

    /// Chunks that share at least a quarter with the next.
    public init(length: Int) { self.init(length: length, stride: max(1, length * 3 / 4)) }
}

/// A document as an encoder reads it: in one chunk, or in several that overlap.
package struct ChunkedDocument: Sendable, Equatable {
    /// The chunks in order; at least one. Word indices count from the document's first word.
    package let chunks: [TokenizedDocument]

    /// A document of `chunks`, at least one.
    package init(chunks: [TokenizedDocument]) {
        precondition(!chunks.isEmpty, "a document has a chunk")
        self.chunks = chunks
    }

    /// Every word of the document as UTF-8 byte ranges.
    package var words: [Range<Int>] { chunks[0].words }
    /// How many of the words were read.
    package var readWords: Int { chunks[chunks.count - 1].wholeWords.upperBound }
    /// Whether the rest of the document is not read.
    package var isTruncated: Bool { readWords < words.count }
    /// The tokens of all chunks.
    package var tokens: Int { chunks.reduce(0) { $0 + $1.ids.count } }
    /// Whether there is a piece of a word to read.
    package var isReadable: Bool { hasPiece.contains(true) }

    /// For each word that was read whether it has a piece, or a part of one: characters that tokenizers
    /// drop have none.
    package var hasPiece: [Bool] { leads.map { $0 >= 0 } }

    /// For each word that was read the word that its pieces count for: itself or, where the word has
    /// none of its own, an earlier one whose piece goes on into it; -1 where there is no piece.
    ///
    /// Only words that touch each other, as those of `WordRule.unicode` may, have a piece in common.
    private var leads: [Int32] {
        var leads = [Int32](repeating: -1, count: readWords)
        for chunk in chunks {
            for word in chunk.wordIndices where chunk.wholeWords.contains(Int(word)) {
                leads[Int(word)] = word
            }
        }
        let words = words
        for chunk in chunks {
            for (offset, lead) in zip(chunk.offsets, chunk.wordIndices)
            where lead >= 0 && Int(lead) < readWords && leads[Int(lead)] == lead {
                var word = Int(lead) + 1
                while word < readWords, words[word].lowerBound == words[word - 1].upperBound,
                    words[word].lowerBound < offset.upperBound
                {
                    if leads[word] < 0 { leads[word] = lead }
                    word += 1
                }
            }
        }
        return leads
    }

    /// Gives words that have a piece in common the mean of their scores: a piece counts for the first of
    /// them alone.
    ///
    /// - Parameter scores: one for each of `words[0..<readWords]`.
    package func sharingPieces(_ scores: [Float]) -> [Float] {
        let leads = leads
        guard leads.indices.contains(where: { leads[$0] >= 0 && Int(leads[$0]) != $0 }) else {
            return scores
        }
        var sums = [Float](repeating: 0, count: scores.count)
        var counts = [Float](repeating: 0, count: scores.count)
        for (word, lead) in leads.enumerated() where lead >= 0 {
            sums[Int(lead)] += scores[word]
            counts[Int(lead)] += 1
        }
        return zip(scores, leads).map { score, lead in
            lead < 0 ? score : sums[Int(lead)] / counts[Int(lead)]
        }
    }

    /// For each word that was read the mean over the chunks that hold it.
    ///
    /// - Parameter scores: for each chunk, one score for each of its `wholeWords`.
    /// - Returns: one for each of `words[0..<readWords]`.
    package func mean(_ scores: [[Float]]) -> [Float] {
        precondition(scores.count == chunks.count, "scores for each chunk")
        if chunks.count == 1 { return scores[0] }
        var sums = [Double](repeating: 0, count: readWords)
        var counts = [Int](repeating: 0, count: readWords)
        for (chunk, scores) in zip(chunks, scores) {
            precondition(scores.count == chunk.wholeWords.count, "a score for each word")
            for (word, score) in zip(chunk.wholeWords, scores) {
                sums[word] += Double(score)
                counts[word] += 1
            }
        }
        return zip(sums, counts).map { $1 == 0 ? 0 : Float($0 / Double($1)) }
    }
}

extension Tokenizer {
    /// Tokenizes a document into chunks of about the same length, each after the query where there
    /// is one. Every piece is in a chunk; a document that fits is one chunk.
    ///
    /// Chunks begin and end between words. Only a word that is longer than a chunk by itself is
    /// taken apart; each of its chunks then counts the part that it holds as the word.
    ///
    /// - Throws: `TokenizerError.noRoomForDocument` where the query and the special tokens leave no
    ///   room for a piece of the document, `TokenizerError.littleRoomForChunks` where a document
    ///   would be read a few pieces at a time.
    /// - Complexity: O(pieces · length / stride + chunks · words).
    package func chunks(
        of document: String, query: String?, _ size: ChunkSize
    ) throws -> ChunkedDocument {
        func first() throws -> TokenizedDocument {
            try tokenize(document, query: query, maximumLength: size.length)
        }
        guard let stride = size.stride else { return ChunkedDocument(chunks: [try first()]) }
        do {
            // Not kept beside the whole: the words of a long text take much memory.
            let first = try first()
            if first.ids.count < size.length { return ChunkedDocument(chunks: [first]) }
        }
        let whole = try tokenize(document, query: query, maximumLength: .max)
        guard whole.ids.count > size.length else { return ChunkedDocument(chunks: [whole]) }
        // What stands around an empty document stands around every chunk; one token ends it.
        let prefix = try tokenize("", query: query, maximumLength: size.length).ids.count - 1
        // Every chunk repeats the query: its cost is bounded only where it is a part of a chunk.
        guard (size.length - prefix - 1) * 4 >= size.length || query == nil else {
            throw TokenizerError.littleRoomForChunks(length: size.length)
        }
        return ChunkedDocument(
            chunks: try whole.chunks(length: size.length, stride: stride, after: prefix)
                ?? [first()])
    }
}

extension TokenizedDocument {
    /// The chunks of a document that was tokenized without a limit, from its first word's first piece
    /// to its last word's last; nil where it has no words. White space, which has pieces in byte-level
    /// vocabularies, is left out at both ends, and makes no chunk by itself.
    ///
    /// - Parameter prefix: how many tokens come before the document's.
    func chunks(length: Int, stride: Int, after prefix: Int) -> [TokenizedDocument]? {
        guard let first = wordIndices.firstIndex(where: { $0 >= 0 }),
            let last = wordIndices.lastIndex(where: { $0 >= 0 })
        else { return nil }
        let pieces = last + 1 - first
        let room = length - prefix - 1
        precondition(room > 0, "the query leaves no room for the document")
        // As many chunks as the stride asks for, and then all about as long as each other. Where the
        // query takes much of the room, the overlap is as large a part of what is left.
        let overlap = min(length - stride, room - max(1, room * stride / length))
        let count = 1 + max(0, pieces - overlap - 1) / (room - overlap)
        let usual = min(room, (pieces + (count - 1) * overlap + count - 1) / count)

        var chunks: [TokenizedDocument] = []
        var (start, end) = (first, first)
        while true {
            end = self.end(from: start, after: end, usual: usual, room: room, last: last)
            if wordIndices[start..<end].contains(where: { $0 >= 0 }) {
                chunks.append(chunk(start..<end, of: first...last, after: prefix))
            }
            if end > last { return chunks }
            start = self.start(after: start, end: end, overlap: overlap, room: room, last: last)
        }
    }

    /// The beginning of the chunk after one that ends at `end`: between words, with about `overlap`
    /// pieces in common, and late enough for the word at `end` to have room.
    private func start(after start: Int, end: Int, overlap: Int, room: Int, last: Int) -> Int {
        // A word without room in any chunk needs none in this one.
        let nextWord =
            (end + 1..<min(end + room, last) + 1).first { beginsWord($0) }
            ?? (end + room > last ? last + 1 : end)
        let earliest = max(start + 1, nextWord - room)
        let wanted = max(end - overlap, earliest)
        return (earliest...wanted).last { beginsWord($0) }
            ?? (wanted...max(wanted, end)).first { beginsWord($0) } ?? wanted
    }

    /// The end of a chunk: between words, about `usual` pieces away, never more than `room`, and
    /// past the end of the chunk before.
    private func end(from start: Int, after previous: Int, usual: Int, room: Int, last: Int) -> Int
    {
        let furthest = start + room
        if furthest > last { return last + 1 }
        let wanted = min(max(start + usual, previous + 1), furthest)
        return (wanted...furthest).first { beginsWord($0) }
            ?? (previous + 1..<wanted).last { beginsWord($0) } ?? furthest
    }

    private func beginsWord(_ piece: Int) -> Bool { wordIndices[piece] != wordIndices[piece - 1] }

    /// The pieces `range` of the document, which has the pieces `all`, between what stands around it.
    private func chunk(
        _ range: Range<Int>, of all: ClosedRange<Int>, after prefix: Int
    ) -> TokenizedDocument {
        func part<Element>(_ array: [Element]) -> [Element] {
            Array(array[..<prefix] + array[range] + array.suffix(1))
        }
        let first = wordIndices[range].first { $0 >= 0 } ?? 0
        let begin = range.lowerBound == all.lowerBound ? 0 : Int(first)
        let end = (wordIndices[range].last { $0 >= 0 }).map { Int($0) + 1 } ?? begin
        let isLast = range.upperBound > all.upperBound
        return TokenizedDocument(
            pieces: (part(ids), part(segmentIDs), part(offsets), part(wordIndices)), of: words,
            wholeWords: begin..<(isLast ? wholeWords.upperBound : max(begin, end)))
    }
}

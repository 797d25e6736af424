import Tensors

/// Documents of a batch, each without one of its tokens, laid end to end as a batch of their own. A
/// document may be there any number of times.
package struct ShorterDocuments {
    /// What is left out: rows of the whole batch.
    package let omitted: [Int]
    /// The rows of the whole batch that the shorter documents are made of.
    package let kept: [Int]
    /// The number of each one's document in the whole batch.
    package let documents: [Int]
    /// The shorter documents.
    package let batch: PackedBatch

    /// The documents that the rows belong to, each without its row.
    ///
    /// - Parameter rows: ascending.
    package init(_ whole: PackedBatch, leavingOut rows: [Int]) {
        var (kept, documents, lengths): ([Int], [Int], [Int]) = ([], [], [])
        var document = 0
        for row in rows {
            precondition(
                row >= whole.starts[document] && row < whole.tokens, "ascending rows of the batch")
            while row >= whole.starts[document + 1] { document += 1 }
            let range = whole.range(document)
            precondition(range.count > 1, "a document keeps a token")
            kept += range.lowerBound..<row
            kept += (row + 1)..<range.upperBound
            documents.append(document)
            lengths.append(range.count - 1)
        }
        omitted = rows
        self.kept = kept
        self.documents = documents
        batch = PackedBatch(rows: kept, of: whole, lengths: lengths)
    }
}

/// The states of a batch's documents, and of the same documents each without one of its tokens: what
/// leave-one-out importance is computed from.
package struct OmissionStates {
    /// h of the whole documents [tokens, D].
    package let whole: Variable
    /// h of shorter documents of the batch [their tokens, D].
    package let shorter: (ShorterDocuments) -> Variable
}

extension WordEncoder {
    /// Encodes each shorter document anew, from the embeddings that it shares with the whole one.
    package func omissions(
        _ x: Variable, _ batch: PackedBatch, on tape: Tape
    ) -> OmissionStates {
        OmissionStates(whole: states(EmbeddedTokens(rows: x, places: nil), batch, on: tape)) {
            states(
                EmbeddedTokens(rows: tape.select(rows: $0.kept, of: x), places: nil), $0.batch,
                on: tape)
        }
    }
}

extension PackedBatch {
    /// Rows of another batch as documents of these lengths. There is no dropout.
    init(rows: [Int], of whole: PackedBatch, lengths: [Int]) {
        ids = rows.map { whole.ids[$0] }
        segmentIDs = rows.map { whole.segmentIDs[$0] }
        positionIDs = lengths.flatMap { (0..<$0).map { Int32($0) } }
        isWord = rows.map { whole.isWord[$0] }
        starts = lengths.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
        rowKeys = nil
        precondition(tokens == starts.last, "documents hold all rows")
    }
}

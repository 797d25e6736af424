import Tensors
import Tokenization

/// Documents laid end to end for one pass: no padding, `starts` tells where each begins.
package struct PackedBatch: Sendable {
    /// Word piece ids of all documents.
    package let ids: [Int32]
    /// Token types of all documents.
    package let segmentIDs: [Int32]
    /// Each token's position in its document, from 0.
    package let positionIDs: [Int32]
    /// Of each token whether it belongs to a word of its document: not special tokens, and not those
    /// of a query.
    package let isWord: [Bool]
    /// Document *i* has the tokens `starts[i]..<starts[i + 1]`.
    package let starts: [Int]
    /// A dropout key for each token; nil: no dropout.
    let rowKeys: [UInt64]?

    /// How many documents there are.
    package var count: Int { starts.count - 1 }
    /// How many tokens there are.
    package var tokens: Int { ids.count }
    /// Each document's first token, [CLS].
    var clsRows: [Int] { Array(starts.dropLast()) }
    /// Starts of a batch that holds each document's [CLS] row alone.
    var clsStarts: [Int] { Array(0...count) }
    /// The dropout keys of the [CLS] rows; nil: no dropout.
    var clsKeys: [UInt64]? {
        rowKeys.map { keys in clsRows.map { keys[$0] } }
    }
    /// The tokens of document `index`.
    package func range(_ index: Int) -> Range<Int> { starts[index]..<starts[index + 1] }
    /// The rows of `tensor` [tokens, columns] that are document `index`'s, in row-major order.
    func rows(_ index: Int, of tensor: Tensor) -> [Float] {
        Array(
            tensor.buffer[
                (starts[index] * tensor.columns)..<(starts[index + 1] * tensor.columns)])
    }

    /// What dropout masks depend on, besides the place in the network.
    package struct DropoutSeed: Sendable {
        let seed: UInt64
        let step: Int
        let documents: [Int]

        /// - Parameters:
        ///   - seed: the run's.
        ///   - step: the optimizer's step.
        ///   - documents: each document's number, so that its masks are its own (`number`).
        package init(seed: UInt64, step: Int, documents: [Int]) {
            self.seed = seed
            self.step = step
            self.documents = documents
        }

        /// The number of a document's chunk: the document's own for its first.
        package static func number(document: Int, chunk: Int) -> Int { document + chunk << 40 }
    }

    /// Packs `documents`, each with at least one token.
    package init(_ documents: some Collection<TokenizedDocument>, dropout: DropoutSeed? = nil) {
        var ids: [Int32] = []
        var segmentIDs: [Int32] = []
        var positionIDs: [Int32] = []
        var isWord: [Bool] = []
        var starts = [0]
        for document in documents {
            precondition(!document.ids.isEmpty, "a document without tokens has no [CLS]")
            ids += document.ids
            segmentIDs += document.segmentIDs
            positionIDs += (0..<document.ids.count).map { Int32($0) }
            isWord += document.wordIndices.map { $0 >= 0 }
            starts.append(ids.count)
        }
        rowKeys = dropout.map { dropout in
            precondition(dropout.documents.count == documents.count, "a number for each document")
            return zip(documents, dropout.documents).flatMap { document, number in
                document.ids.indices.map {
                    Dropout.rowKey(
                        seed: dropout.seed, step: dropout.step, document: number, position: $0)
                }
            }
        }
        self.ids = ids
        self.segmentIDs = segmentIDs
        self.positionIDs = positionIDs
        self.isWord = isWord
        self.starts = starts
    }

    /// Cuts documents with these token counts into shards of consecutive ones, each of at most
    /// `budget` tokens (or of a single longer document). Content alone decides.
    package static func shards(lengths: [Int], budget: Int) -> [Range<Int>] {
        var shards: [Range<Int>] = []
        var (first, tokens) = (0, 0)
        for (index, length) in lengths.enumerated() {
            if index > first && tokens + length > budget {
                shards.append(first..<index)
                (first, tokens) = (index, 0)
            }
            tokens += length
        }
        if first < lengths.count { shards.append(first..<lengths.count) }
        return shards
    }
}

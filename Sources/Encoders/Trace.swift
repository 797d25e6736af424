import Tensors

/// Something that a pass through an encoder can hand out, by name. What is not asked for is not
/// kept.
public enum TraceQuantity: Hashable, Sendable {
    /// [tokens, hidden] after layer `layer`, counted from 1; 0 is the embeddings' output.
    case hiddenStates(layer: Int)
    /// [heads, tokens, tokens] in layer `layer`, counted from 0: query rows, key columns, after
    /// softmax.
    case attention(layer: Int)
    /// [heads, tokens] in layer `layer`, counted from 0: the [CLS] row of `attention`.
    case classifierAttention(layer: Int)
    /// [tokens, hidden]: word embeddings alone, before positions, segments and LayerNorm.
    case wordEmbeddings
    /// [tokens, hidden]: gradient of the predicted class's logit with respect to `wordEmbeddings`.
    case wordEmbeddingGradients
}

/// What a pass over one document handed out.
public struct Trace: Sendable {
    /// How many tokens the document has, special ones included.
    public let tokens: Int
    /// The document's logits [classes].
    public let logits: [Float]
    /// Values in row-major order, by name.
    public internal(set) var values: [TraceQuantity: [Float]]

    /// A quantity's values in row-major order; nil unless it was asked for.
    public subscript(quantity: TraceQuantity) -> [Float]? { values[quantity] }

    /// The class with the largest logit; the first of equal ones.
    public var predictedClass: Int { logits.indexOfLargest }
}

/// Gathers what was asked for while a pass over a shard runs.
final class TraceRecorder {
    let wanted: Set<TraceQuantity>
    private(set) var values: [[TraceQuantity: [Float]]]

    init(_ wanted: Set<TraceQuantity>, documents: Int) {
        self.wanted = wanted
        values = Array(repeating: [:], count: documents)
    }

    /// Copies a quantity's rows of each document out of a shard's tensor, if it was asked for.
    func record(
        _ quantity: TraceQuantity, _ tensor: @autoclosure () -> Tensor, _ batch: PackedBatch
    ) {
        guard wanted.contains(quantity) else { return }
        let tensor = tensor()
        for document in 0..<batch.count {
            values[document][quantity] = batch.rows(document, of: tensor)
        }
    }

    /// Copies a document's attention [heads · queries, keys] in a layer, or its [CLS] rows.
    func recordAttention(layer: Int, document: Int, heads: Int, _ probabilities: Tensor) {
        if wanted.contains(.attention(layer: layer)) {
            values[document][.attention(layer: layer)] = probabilities.values
        }
        guard wanted.contains(.classifierAttention(layer: layer)) else { return }
        let queries = probabilities.rows / heads
        values[document][.classifierAttention(layer: layer)] = (0..<heads).flatMap { head in
            let start = head * queries * probabilities.columns
            return probabilities.buffer[start..<(start + probabilities.columns)]
        }
    }
}

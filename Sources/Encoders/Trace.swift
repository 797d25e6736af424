import Tensors

/// Something that a pass through an encoder can hand out, by name. What is not asked for is not
/// kept.
public enum TraceQuantity: Hashable, Sendable {
    /// [tokens, hidden] after layer `layer`, counted from 1; 0 is the embeddings' output.
    case hiddenStates(layer: Int)
    /// [heads, tokens, tokens] in layer `layer`, counted from 0: query rows, key columns, after
    /// softmax.
    case attention(layer: Int)
    /// [tokens, tokens] in layer `layer`, counted from 0: the mean of `attention` over heads.
    case meanAttention(layer: Int)
    /// [heads, tokens] in layer `layer`, counted from 0: the [CLS] row of `attention`.
    case clsAttention(layer: Int)
    /// [heads, tokens]: the gradient with respect to `clsAttention` of what
    /// `Differentiation` names.
    case clsAttentionGradients(layer: Int)
    /// [tokens, hidden] in layer `layer`, counted from 0: the values that attention mixes, head by
    /// head, without their bias.
    case values(layer: Int)
    /// [tokens] in layer `layer`, counted from 0: the norm of what each token gives to the [CLS]
    /// state through all heads, Σ_h α_h (v_h W_O^h). Comes with `clsAttention`.
    case clsAttentionNorms(layer: Int)
    /// [tokens]: the weight of each token in a document's attention pooling, after softmax; 0 outside
    /// of words.
    case wordAttention
    /// [tokens, hidden]: word embeddings alone, before positions, segments and LayerNorm, and not
    /// scaled.
    case wordEmbeddings
    /// [tokens, hidden]: the gradient of what `Differentiation` names, the predicted class's logit
    /// by default, with respect to the word embeddings that the pass read.
    case wordEmbeddingGradients

    /// Whether it takes a backward pass.
    var isGradient: Bool {
        switch self {
        case .wordEmbeddingGradients, .clsAttentionGradients: true
        default: false
        }
    }
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

/// Records what was asked for while a pass over a shard runs.
package final class TraceRecorder {
    let wanted: Set<TraceQuantity>
    private(set) var values: [[TraceQuantity: [Float]]]

    init(_ wanted: Set<TraceQuantity>, documents: Int) {
        var all = wanted
        for case .clsAttentionNorms(let layer) in wanted {
            all.insert(.clsAttention(layer: layer))
        }
        self.wanted = all
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

    /// Records a layer's attention [heads · queries, keys] of each document; nil where none is wanted.
    func attentionObserver(layer: Int, heads: Int) -> ((Int, Tensor) -> Void)? {
        let whole = TraceQuantity.attention(layer: layer)
        let mean = TraceQuantity.meanAttention(layer: layer)
        let row = TraceQuantity.clsAttention(layer: layer)
        guard !wanted.isDisjoint(with: [whole, mean, row]) else { return nil }
        return { [self] document, probabilities in
            if wanted.contains(whole) { values[document][whole] = probabilities.values }
            if wanted.contains(mean) {
                values[document][mean] = Self.mean(probabilities, heads: heads)
            }
            if wanted.contains(row) {
                values[document][row] = Self.firstRows(probabilities, heads: heads)
            }
        }
    }

    /// Records the gradient with respect to a layer's attention; nil where none is wanted.
    func attentionGradientObserver(layer: Int, heads: Int) -> ((Int, Tensor) -> Void)? {
        let row = TraceQuantity.clsAttentionGradients(layer: layer)
        guard wanted.contains(row) else { return nil }
        return { [self] document, gradient in
            values[document][row] = Self.firstRows(gradient, heads: heads)
        }
    }

    /// Each head's first row: [heads, keys] of [heads · queries, keys].
    private static func firstRows(_ tensor: Tensor, heads: Int) -> [Float] {
        let queries = tensor.rows / heads
        return (0..<heads).flatMap { head in
            let start = head * queries * tensor.columns
            return tensor.buffer[start..<(start + tensor.columns)]
        }
    }

    /// [queries, keys] of [heads · queries, keys].
    private static func mean(_ tensor: Tensor, heads: Int) -> [Float] {
        let area = tensor.count / heads
        let (all, share) = (tensor.pointer, 1 / Float(heads))
        return [Float](unsafeUninitializedCapacity: area) { sums, count in
            for index in 0..<area { sums[index] = all[index] }
            for head in 1..<max(heads, 1) {
                for index in 0..<area { sums[index] += all[head * area + index] }
            }
            for index in 0..<area { sums[index] *= share }
            count = area
        }
    }
}

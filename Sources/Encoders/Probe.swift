import Tensors

/// A value inside a pass through an encoder.
package enum ProbePoint: Hashable, Sendable {
    /// [tokens, hidden]: the sum of word, position and segment embeddings, before LayerNorm; of an
    /// encoder that has but words' (`WordEncoder`), those.
    case embeddings
    /// [tokens, hidden]: the states after a layer, counted from 1; 0 is what the first layer reads.
    /// After the last layer [documents, hidden] where only [CLS] is computed.
    case hiddenStates(layer: Int)
    /// [heads · queries, keys] of each document: a layer's attention after softmax, layers counted
    /// from 0.
    case attention(layer: Int)
    /// [tokens, hidden]: a layer's heads' outputs side by side, before they are projected, layers
    /// counted from 0. In the last layer [documents, hidden] where only [CLS] is computed.
    case headOutputs(layer: Int)
    /// [tokens, 1]: the weight of each token in a document's attention pooling (`AttentionHead`),
    /// after softmax. It is 0 outside of words (`PackedBatch.isWord`).
    case wordAttention
}

/// Replaces values inside a pass through an encoder, also while gradients are recorded.
///
/// A probe serves one pass over one batch. Permuted, uniform or frozen attention, masks, gates of
/// heads and integrated paths are probes; an encoder knows none of them. (`TraceRecorder` only
/// reads.)
package protocol Probe: AnyObject {
    /// The points whose values are replaced; the probe is given no others.
    var points: Set<ProbePoint> { get }

    /// The value that takes the place of `x`, of its shape. What is computed on the tape carries
    /// gradients back to `x`.
    func replacement(
        of point: ProbePoint, _ x: Variable, _ batch: PackedBatch, on tape: Tape
    ) -> Variable

    /// Overwrites a document's attention [heads · queries, keys]. What stands there afterwards is a
    /// constant: gradients flow into the values that it mixes, and not into queries and keys.
    func replaceAttention(layer: Int, document: Int, _ probabilities: Tensor)
}

extension Probe {
    /// Leaves the value as it is.
    package func replacement(
        of point: ProbePoint, _ x: Variable, _ batch: PackedBatch, on tape: Tape
    ) -> Variable { x }

    /// Leaves the attention as it is.
    package func replaceAttention(layer: Int, document: Int, _ probabilities: Tensor) {}

    /// `x`, or what the probe has in its place.
    func replaced(
        _ point: ProbePoint, _ x: Variable, _ batch: PackedBatch, on tape: Tape
    ) -> Variable {
        guard points.contains(point) else { return x }
        let y = replacement(of: point, x, batch, on: tape)
        precondition(
            y.rows == x.rows && y.columns == x.columns, "a replacement has its value's shape")
        return y
    }

    /// What overwrites a layer's attention; nil where it stays.
    func attentionReplacement(layer: Int) -> ((Int, Tensor) -> Void)? {
        guard points.contains(.attention(layer: layer)) else { return nil }
        return { [self] in replaceAttention(layer: layer, document: $0, $1) }
    }
}

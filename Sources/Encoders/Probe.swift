import Tensors

/// A value inside a pass through an encoder.
package enum ProbePoint: Hashable, Sendable {
    /// [tokens, width]: the embeddings of words alone.
    case wordEmbeddings
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
/// heads and integrated paths are probes; an encoder knows none of them. `TraceRecorder` is what only
/// reads; an encoder is given both as `PassProbes`.
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
    fileprivate func replaced(
        _ point: ProbePoint, _ x: Variable, _ batch: PackedBatch, on tape: Tape
    ) -> Variable {
        guard points.contains(point) else { return x }
        let y = replacement(of: point, x, batch, on: tape)
        precondition(
            y.rows == x.rows && y.columns == x.columns, "a replacement has its value's shape")
        return y
    }
}

/// All that reads and replaces values of one pass through an encoder.
package struct PassProbes {
    /// Records what was asked for; nil: nothing was.
    let trace: TraceRecorder?
    /// Replaces values; nil: they stay as they are.
    let probe: (any Probe)?

    /// Neither reads nor replaces.
    package static var none: PassProbes { PassProbes() }

    /// By default nothing is read, and nothing replaced.
    package init(trace: TraceRecorder? = nil, _ probe: (any Probe)? = nil) {
        self.trace = trace
        self.probe = probe
    }

    /// Whether any value is replaced.
    var replacesAny: Bool { probe != nil }

    /// Whether the value at a point is replaced.
    func isReplaced(_ point: ProbePoint) -> Bool { probe?.points.contains(point) ?? false }

    /// `x`, or what a probe has in its place.
    func replaced(
        _ point: ProbePoint, _ x: Variable, _ batch: PackedBatch, on tape: Tape
    ) -> Variable {
        probe?.replaced(point, x, batch, on: tape) ?? x
    }

    /// What overwrites a layer's attention; nil where it stays.
    func attentionReplacement(layer: Int) -> ((Int, Tensor) -> Void)? {
        guard let probe, isReplaced(.attention(layer: layer)) else { return nil }
        return { probe.replaceAttention(layer: layer, document: $0, $1) }
    }

    /// Records a quantity's rows of each document, if it was asked for.
    func record(
        _ quantity: TraceQuantity, _ tensor: @autoclosure () -> Tensor, _ batch: PackedBatch
    ) {
        trace?.record(quantity, tensor(), batch)
    }
}

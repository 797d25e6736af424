import Tensors
import Tokenization

/// What a traced pass does besides reading: what its gradients are of, and what it replaces.
public struct TracedPass: Sendable {
    /// What gradients are taken of, where some are wanted; classes are below the number of labels.
    package let differentiation: Differentiation
    /// Makes the probe of a pass over the documents of these numbers, which replaces values of the
    /// pass; its document 0 is the first of them. Nil: values stay as they are.
    package let probe: (@Sendable (Range<Int>) -> any Probe)?

    /// A pass that replaces nothing; gradients are those of the predicted class's logit.
    public init() { self.init(Differentiation()) }

    package init(
        _ differentiation: Differentiation, probe: (@Sendable (Range<Int>) -> any Probe)? = nil
    ) {
        self.differentiation = differentiation
        self.probe = probe
    }
}

extension Worker {
    /// What was asked for of each document, by a pass without dropout over all of them.
    ///
    /// - Parameters:
    ///   - probe: replaces values of the pass; nil: none.
    ///   - pass: gives the logits [documents, classes], and the embeddings [tokens, width] that the pass
    ///     began with.
    func trace(
        _ documents: ArraySlice<TokenizedDocument>, _ wanted: Set<TraceQuantity>,
        _ differentiation: Differentiation, _ parameters: Parameters, probe: (any Probe)?,
        _ pass: (PackedBatch, Tape, PassProbes) -> (logits: Variable, embedded: Variable)
    ) -> [Trace] {
        arena.rewind()
        let batch = PackedBatch(documents)
        let wantsGradients = wanted.contains(where: \.isGradient)
        let tape = Tape(
            worker: self, parameters: parameters, isRecording: wantsGradients,
            packsWeights: !wantsGradients)
        let recorder = TraceRecorder(wanted, documents: batch.count)
        let (logits, embedded) = pass(batch, tape, PassProbes(trace: recorder, probe))
        let rows = logits.rowValues
        if wantsGradients {
            // Documents do not touch each other, so one backward pass serves all of them.
            let seed = zip(documents.indices, rows).flatMap {
                differentiation.seed($1, document: $0)
            }
            tape.backward(from: logits, seed: seed)
            if let gradient = embedded.gradient {
                recorder.record(.wordEmbeddingGradients, gradient, batch)
            }
        }
        return rows.indices.map {
            Trace(tokens: batch.range($0).count, logits: rows[$0], values: recorder.values[$0])
        }
    }
}

extension Variable {
    /// The value row by row, such as each document's logits.
    var rowValues: [[Float]] {
        (0..<rows).map { row in (0..<columns).map { value[row, $0] } }
    }
}

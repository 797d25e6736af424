import Encoders
import Tensors

/// Holds the weights of a document's words constant: no gradient flows into the attention's own
/// computation.
///
/// Uniform weights are a baseline (Wiegreffe & Pinter 2019, section 3.2); the model's own, held
/// constant, are what gradients of importance are taken with (Jain & Wallace 2019, section 4.1).
package final class FixedWordAttention: Probe {
    /// What the weights are.
    package enum Weights: Sendable {
        /// Those that the model gives.
        case own
        /// 1 / n for each of n words.
        case uniform
        /// For each document of the batch a weight for each word.
        case given([[Float]])
    }

    private let weights: Weights

    /// A probe that puts `weights` in place of the attention.
    package init(_ weights: Weights) { self.weights = weights }

    /// The attention of words.
    package var points: Set<ProbePoint> { [.wordAttention] }

    /// Constants [tokens, 1], 0 outside of words.
    package func replacement(
        of point: ProbePoint, _ x: Variable, _ batch: PackedBatch, on tape: Tape
    ) -> Variable {
        if case .given(let given) = weights {
            precondition(given.count == batch.count, "weights for each document")
        }
        var values = [Float](repeating: 0, count: batch.tokens)
        for document in 0..<batch.count {
            let words = batch.range(document).filter { batch.isWord[$0] }
            let row =
                switch weights {
                case .own: words.map { x.value[$0, 0] }
                case .uniform: words.map { _ in 1 / Float(words.count) }
                case .given(let given): given[document]
                }
            precondition(row.count == words.count, "a weight for each word")
            for (word, weight) in zip(words, row) { values[word] = weight }
        }
        return Variable(Tensor(values, rows: batch.tokens, columns: 1))
    }
}

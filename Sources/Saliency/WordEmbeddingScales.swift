import Encoders
import Tensors

/// Multiplies the word embeddings of each document by a factor: a point on the straight way from zero
/// embeddings to the text.
package final class WordEmbeddingScales: Probe {
    private let factors: [Float]

    /// - Parameter factors: one for each document of the batch.
    package init(_ factors: some Sequence<Float>) { self.factors = Array(factors) }

    /// The word embeddings.
    package var points: Set<ProbePoint> { [.wordEmbeddings] }

    /// Each token's embedding times its document's factor.
    package func replacement(
        of point: ProbePoint, _ x: Variable, _ batch: PackedBatch, on tape: Tape
    ) -> Variable {
        precondition(factors.count == batch.count, "a factor for each document")
        return tape.scaled(
            x,
            rows: factors.indices.flatMap { document in
                batch.range(document).map { _ in factors[document] }
            })
    }
}

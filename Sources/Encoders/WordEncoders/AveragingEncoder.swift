import Tensors

/// A layer on each embedding alone: hᵢ = tanh(W eᵢ + b). `last` is the mean over the document's
/// positions, start and end included. D = H.
///
/// The authors' own mean divides by the padded length and counts tanh(b) of padding, so that it depends
/// on the batch; this one does not.
package struct AveragingEncoder: WordEncoder {
    package static let name = "average"
    package let embedding: WordEmbedding
    /// D = H.
    package let hiddenSize: Int
    /// `projection`.
    let projection: LinearParameters

    /// Embeddings, states and the head's.
    package static func passNumbers(_ shape: WordEncoderShape) -> Int {
        2 * shape.embeddingSize + 4 * shape.hiddenSize
    }

    package init(_ scope: ParameterScope, _ shape: WordEncoderShape) {
        embedding = WordEmbedding(scope, shape)
        hiddenSize = shape.hiddenSize
        projection = LinearParameters(
            scope["projection"], inputs: shape.embeddingSize, outputs: shape.hiddenSize)
    }

    package func states(_ x: EmbeddedTokens, _ batch: PackedBatch, on tape: Tape) -> Variable {
        x.placed(
            tape.tanh(projection(x.rows, documents: x.documents(batch), on: tape), inPlace: true),
            on: tape)
    }

    package func last(_ x: EmbeddedTokens, _ batch: PackedBatch, on tape: Tape) -> Variable {
        tape.mean(states(x, batch, on: tape), documents: batch.starts)
    }

    /// A state depends on its own token alone.
    package func omissions(
        _ x: Variable, _ batch: PackedBatch, on tape: Tape
    ) -> OmissionStates {
        let whole = states(EmbeddedTokens(rows: x, places: nil), batch, on: tape)
        return OmissionStates(whole: whole) { tape.select(rows: $0.kept, of: whole) }
    }

    package func initializeLayers(_ parameters: Parameters, seed: UInt64) {
        projection.initialize(parameters, seed: seed)
    }
}

import Tensors

/// One-dimensional convolutions of widths k = 1, 3, 5 and 7 side by side, H/4 filters each:
///
///     hᵢ = relu(Wₖ e + bₖ) for each k, e the embeddings from i - (k - 1)/2 to i + (k - 1)/2,
///
/// with zeros around the document, and hᵢ = 0 where i is no word, as start and end are none. `last` is
/// the largest value of each column over all positions. D = H.
package struct ConvolutionalEncoder: WordEncoder {
    package static let name = "cnn"
    static let widths = [1, 3, 5, 7]
    package let embedding: WordEmbedding
    /// D = H.
    package let hiddenSize: Int
    /// By width: `convolutions.j`, whose weight is PyTorch's [filters, columns, width] as
    /// [filters, columns · width].
    let convolutions: [LinearParameters]

    package init(_ scope: ParameterScope, _ shape: WordEncoderShape) {
        precondition(
            shape.hiddenSize % Self.widths.count == 0, "each width has as many filters")
        embedding = WordEmbedding(scope, shape)
        hiddenSize = shape.hiddenSize
        convolutions = Self.widths.enumerated().map { index, width in
            LinearParameters(
                scope["convolutions"]["\(index)"], inputs: shape.embeddingSize * width,
                outputs: shape.hiddenSize / Self.widths.count)
        }
    }

    package func states(_ x: Variable, _ batch: PackedBatch, on tape: Tape) -> Variable {
        let parts = zip(Self.widths, convolutions).map { width, convolution in
            convolution(
                tape.unfold(x, width: width, documents: batch.starts), documents: batch.starts,
                on: tape)
        }
        let filtered = tape.relu(tape.concatenation(columns: parts), inPlace: true)
        return tape.scaled(filtered, rows: batch.isWord.map { $0 ? 1 : 0 })
    }

    package func last(_ x: Variable, _ batch: PackedBatch, on tape: Tape) -> Variable {
        tape.maximum(states(x, batch, on: tape), documents: batch.starts)
    }

    package func initializeLayers(_ parameters: Parameters, seed: UInt64) {
        for convolution in convolutions { convolution.initialize(parameters, seed: seed) }
    }
}

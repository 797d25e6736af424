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

    /// Embeddings, and as often as all windows are wide; filters, and the head's.
    package static func passNumbers(_ shape: WordEncoderShape) -> Int {
        (widths.reduce(0, +) + 2) * shape.embeddingSize + 4 * shape.hiddenSize
    }

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

    package func states(_ tokens: EmbeddedTokens, _ batch: PackedBatch, on tape: Tape) -> Variable {
        let x = tokens.each(on: tape)
        let parts = zip(Self.widths, convolutions).map { width, convolution in
            convolution(
                tape.unfold(x, width: width, documents: batch.starts), documents: batch.starts,
                on: tape)
        }
        let filtered = tape.relu(tape.concatenation(columns: parts), inPlace: true)
        return tape.scaled(filtered, rows: batch.isWord.map { $0 ? 1 : 0 })
    }

    package func last(_ x: EmbeddedTokens, _ batch: PackedBatch, on tape: Tape) -> Variable {
        tape.maximum(states(x, batch, on: tape), documents: batch.starts)
    }

    /// The states of a token's neighbours alone, three on each side, change when it is left out: those of
    /// the filters that reach over it.
    package func omissions(
        _ x: Variable, _ batch: PackedBatch, on tape: Tape
    ) -> OmissionStates {
        let whole = states(EmbeddedTokens(rows: x, places: nil), batch, on: tape)
        return OmissionStates(whole: whole) { shorter in
            let states = tape.select(rows: shorter.kept, of: whole)
            for (index, width) in Self.widths.enumerated() where width > 1 {
                tape.releasingMemory {
                    let windows = OmissionWindows(shorter, of: batch, width: width)
                    let changed = tape.relu(
                        convolutions[index](
                            tape.windows(x, windows.sources, width: width),
                            documents: windows.starts, on: tape), inPlace: true)
                    windows.write(
                        changed.value, to: states.value, column: index * changed.columns,
                        shorter.batch)
                }
            }
            return states
        }
    }

    package func initializeLayers(_ parameters: Parameters, seed: UInt64) {
        for convolution in convolutions { convolution.initialize(parameters, seed: seed) }
    }
}

/// The windows of a filter in shorter documents that reach over what is left out.
private struct OmissionWindows {
    /// Rows of the whole batch, `width` for each window; -1 outside of the document.
    private(set) var sources: [Int32] = []
    /// Where the windows of each shorter document begin, and the end.
    private(set) var starts = [0]
    /// The row of each window in the shorter batch.
    private var places: [Int] = []

    init(_ shorter: ShorterDocuments, of batch: PackedBatch, width: Int) {
        let side = width / 2
        for (number, row) in shorter.omitted.enumerated() {
            let range = shorter.batch.range(number)
            let first = batch.starts[shorter.documents[number]]
            let gap = row - first
            for place in max(0, gap - side)..<min(range.count, gap + side) {
                places.append(range.lowerBound + place)
                for neighbour in (place - side)...(place + side) {
                    let isInside = neighbour >= 0 && neighbour < range.count
                    let source = first + neighbour + (neighbour < gap ? 0 : 1)
                    sources.append(isInside ? Int32(source) : -1)
                }
            }
            starts.append(places.count)
        }
    }

    /// Writes the windows' values [windows, columns] where they belong; 0 where there is no word.
    func write(_ values: Tensor, to states: Tensor, column: Int, _ batch: PackedBatch) {
        for (window, place) in places.enumerated() {
            let to = states.pointer + place * states.columns + column
            if batch.isWord[place] {
                to.update(
                    from: values.pointer + window * values.columns, count: values.columns)
            } else {
                to.update(repeating: 0, count: values.columns)
            }
        }
    }
}

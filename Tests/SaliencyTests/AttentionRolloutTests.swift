import Encoders
import Saliency
import Tensors
import TestSupport
import Testing

@Suite struct AttentionRolloutTests {
    @Test func theRowIsThatOfTheMatrixProduct() throws {
        let model = TinyModel.make(layers: 3)
        let chunk = TinyModel.chunk(words: 4)
        let wanted = Set((0..<3).map { TraceQuantity.attention(layer: $0) })
        let trace = model.trace([chunk], wanted, workers: Workers(threads: 1))[0]
        let n = trace.tokens
        // The whole matrices, from the bottom up.
        var product = (0..<n).map { row in (0..<n).map { $0 == row ? 1.0 : 0 } }
        for layer in 0..<3 {
            let attention = try #require(trace[.attention(layer: layer)])
            product = (0..<n).map { row in
                (0..<n).map { column in
                    (0..<n).reduce(0.0) { sum, middle in
                        let mean = (0..<4).reduce(0.0) {
                            $0 + Double(attention[($1 * n + row) * n + middle]) / 4
                        }
                        return sum
                            + (0.5 * mean + (row == middle ? 0.5 : 0)) * product[middle][column]
                    }
                }
            }
        }
        let expected = chunk.wordSums(product[0].map { Float($0) })
        let scores = try TinyModel.score(AttentionRollout(), chunk, model).words
        // Means and sums in another order.
        #expect(largestDifference(scores, expected) < 1e-6)
    }

    // The recording is float32 itself; 1e-5 leaves room for its products' order.
    @Test(
        .enabled(
            if: Recordings.arePresent,
            "needs the MiniLM encoder (Scripts/fetch-encoder.sh) and ../shared"))
    func minilmGivesWhatPyTorchRecorded() throws {
        let model = try Recordings.model()
        for item in Recordings.items {
            let document = try Recordings.document(item)
            let scores = try TinyModel.score(AttentionRollout(), document, model).words
            let recorded = try Recordings.forward().floats("\(item).rollout_cls")
            let difference = largestDifference(scores, recorded)
            #expect(difference < 1e-5, "item \(item): off by \(difference)")
        }
    }
}

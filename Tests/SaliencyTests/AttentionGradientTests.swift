import Encoders
import Saliency
import Tensors
import TestSupport
import Testing

@Suite struct AttentionGradientTests {
    @Test func itIsTheMeanOfPositiveProducts() throws {
        let model = TinyModel.make(layers: 2)
        let chunk = TinyModel.chunk(words: 7)
        let wanted = AttentionGradient().quantities(model.configuration)
        let trace = model.trace([chunk], wanted, workers: Workers(threads: 1))[0]
        let attention = try #require(trace[.clsAttention(layer: 1)])
        let gradient = try #require(trace[.clsAttentionGradients(layer: 1)])
        #expect(gradient.contains { $0 < 0 } && gradient.contains { $0 > 0 })
        let pieces = (0..<trace.tokens).map { token in
            (0..<4).reduce(Float(0)) {
                let place = $1 * trace.tokens + token
                return $0 + max(0, attention[place] * gradient[place]) / 4
            }
        }
        let scores = try TinyModel.score(AttentionGradient(), chunk, model).words
        // One rounding more or less.
        #expect(largestDifference(scores, chunk.wordSums(pieces)) < 1e-6)
    }
}

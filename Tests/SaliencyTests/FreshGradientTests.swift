import Encoders
import Saliency
import Tensors
import TestSupport
import Testing

@Suite struct FreshGradientTests {
    // With two classes p = σ(z - z'), so p's gradient is p (1 - p) times that of z - z'.
    @Test func itIsTheProbabilitysGradientTimesTheEmbedding() throws {
        let model = TinyModel.make(layers: 2)
        let chunk = TinyModel.chunk(words: 6)
        let workers = Workers(threads: 1)
        func products(_ label: Int) throws -> (Trace, [Double]) {
            let trace = model.trace(
                [chunk], [.wordEmbeddings, .wordEmbeddingGradients],
                Differentiation(classes: [label]), workers: workers
            ) { $1 }[0]
            let x = try #require(trace[.wordEmbeddings])
            let g = try #require(trace[.wordEmbeddingGradients])
            return (
                trace,
                (0..<trace.tokens).map { token in
                    ((token * 32)..<(token * 32 + 32)).reduce(0.0) {
                        $0 + Double(x[$1]) * Double(g[$1])
                    }
                }
            )
        }
        let (trace, first) = try products(0)
        let (_, second) = try products(1)
        let p = CrossEntropy.probabilities(trace.logits)
        let expected = chunk.wordSums(
            zip(first, second).map { Float(abs(p[0] * p[1] * ($0 - $1))) })
        let scores = try TinyModel.score(FreshGradient(), chunk, model).words
        #expect(largestDifference(scores, expected) < 1e-4 * (expected.max() ?? 0))
    }
}

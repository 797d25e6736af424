import Encoders
import Saliency
import Tensors
import TestSupport
import Testing

@Suite struct IntegratedGradientsTests {
    @Test func attributionsAddUpToTheDifference() throws {
        for words in [1, 5, 12] {
            let chunk = TinyModel.chunk(words: words)
            func delta(_ steps: Int) throws -> Float {
                let score = try TinyModel.score(IntegratedGradients(steps: steps), chunk)
                return abs(try #require(score.convergenceDelta))
            }
            // The midpoint rule's error falls with the square of the number of steps; LayerNorm
            // bends the way sharply next to the baseline.
            let fine = try delta(400)
            #expect(fine < 2e-3)
            #expect(try delta(2) > fine)
        }
    }

    @Test func wordsAreSumsOfTheGradientsOnTheWay() throws {
        let model = TinyModel.make()
        let chunk = TinyModel.chunk(words: 6)
        let logits = model.logits([chunk], workers: Workers(threads: 1))[0]
        let label = logits[1] > logits[0] ? 1 : 0
        var sums = [Double](repeating: 0, count: chunk.ids.count)
        for step in 0..<8 {
            let trace = model.trace(
                [chunk], [.wordEmbeddings, .wordEmbeddingGradients],
                Differentiation(of: .probability, classes: [label]),
                probe: { _ in WordEmbeddingScales([(Float(step) + 0.5) / 8]) },
                workers: Workers(threads: 1)
            ) { $1 }[0]
            let x = try #require(trace[.wordEmbeddings])
            let g = try #require(trace[.wordEmbeddingGradients])
            for place in x.indices { sums[place / 32] += Double(x[place]) * Double(g[place]) / 8 }
        }
        let score = try TinyModel.score(IntegratedGradients(steps: 8), chunk, model)
        let expected = chunk.wordSums(sums.map { Float(abs($0)) })
        #expect(largestDifference(score.words, expected) < 1e-6)
    }

    @Test func otherScorersPromiseNoSum() throws {
        let score = try TinyModel.score(GradientNorm(), TinyModel.chunk(words: 3))
        #expect(score.convergenceDelta == nil)
    }
}

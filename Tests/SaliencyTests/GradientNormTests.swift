import Encoders
import Saliency
import Tensors
import TestSupport
import Testing

@Suite("Gradient scorers")
struct GradientNormTests {
    @Test func itIsTheLengthOfEachPiecesGradient() throws {
        let model = TinyModel.make(layers: 2)
        let chunk = TinyModel.chunk(words: 5, seed: 3)
        let score = try TinyModel.score(GradientNorm(), chunk, model)
        let trace = model.trace(
            [chunk], [.wordEmbeddingGradients], workers: Workers(threads: 1))[0]
        let gradients = try #require(trace[.wordEmbeddingGradients])
        let columns = model.configuration.hiddenSize
        let norms = chunk.ids.indices.map { token in
            gradients[(token * columns)..<((token + 1) * columns)]
                .reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        }
        let expected = chunk.wordSums(norms.map { Float($0) })
        #expect(largestDifference(score.words, expected) < 1e-5 * (expected.max() ?? 1))
        #expect((expected.max() ?? 0) > 0)
    }

    // The bound is 1e-3 of the largest score, as for the gradients themselves.
    @Test(
        .enabled(
            if: Recordings.arePresent,
            "needs the MiniLM encoder (Scripts/fetch-encoder.sh) and ../shared"),
        arguments: [("gradient", "grad_l2"), ("gradient-x-input", "grad_times_input")])
    func minilmGivesWhatPyTorchRecorded(scorer: String, recording: String) throws {
        let model = try Recordings.model()
        for item in Recordings.items {
            let document = try Recordings.document(item)
            let scores = try TinyModel.score(SaliencyScorers.named(scorer), document, model).words
            let recorded = try Recordings.forward().floats("\(item).\(recording)").map { abs($0) }
            let difference = largestDifference(scores, recorded)
            #expect(difference < 1e-3 * (recorded.max() ?? 0), "item \(item): off by \(difference)")
        }
    }
}

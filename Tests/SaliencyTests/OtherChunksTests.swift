import Encoders
import Saliency
import Tensors
import TestSupport
import Testing
import Tokenization

/// Scorers that explain a prediction explain the document's, also where one chunk by itself says
/// otherwise.
@Suite struct OtherChunksTests {
    private let model = TinyModel.make()
    private let chunks = [
        TinyModel.chunk(words: 9), TinyModel.chunk(words: 9, seed: 5),
        TinyModel.chunk(words: 9, seed: 8),
    ]
    private var logits: [[Float]] { model.logits(chunks, workers: Workers(threads: 1)) }

    /// Others that outvote the chunk, three to one.
    private func outvoting(_ own: [Float]) -> OtherChunks {
        let best = own[1] > own[0] ? 1 : 0
        return OtherChunks(count: 3, sum: best == 0 ? [-4, 5] : [5, -4])
    }

    @Test func aDocumentsLogitsAreTheMeanOfItsChunks() {
        let mean = Logits.means(logits, counts: [3])[0]
        for (others, own) in zip(OtherChunks.each(of: logits), logits) {
            #expect(others.count == 2)
            #expect(others.predicted == (mean[1] > mean[0] ? 1 : 0))
            #expect(largestDifference(others.documentLogits(own), mean) < 1e-6)
        }
        #expect(OtherChunks.each(of: [logits[0]])[0].documentLogits(logits[0]) == logits[0])
        #expect(OtherChunks.each(of: []).isEmpty)
    }

    @Test(arguments: SaliencyScorersTests.names)
    func onlyScorersThatExplainAPredictionAskForThem(_ name: String) throws {
        let scorer = try SaliencyScorers.named(name, seed: 5)
        func score(_ others: OtherChunks) throws -> ChunkSaliency {
            let input = SaliencyInput(chunks[0], humanRationale: [1..<3], others: others)
            return try scorer.score([input], TinyModel.context(model))[0]
        }
        let alone = try score(.none)
        let outvoted = try score(outvoting(logits[0]))
        #expect(outvoted.logits == alone.logits, "the chunk's own")
        // Another class, or the same by another probability. The gradient of the other of two logits
        // may point elsewhere, and that of the mean is a quarter in any case.
        #expect((outvoted.words != alone.words) == scorer.explainsPrediction)
    }

    /// Where a pass rounds otherwise than the one before, the chunks of a document in doubt must not
    /// part over its class.
    @Test(arguments: SaliencyScorersTests.names)
    func theDocumentsClassIsTheSameForAllChunks(_ name: String) throws {
        let scorer = try SaliencyScorers.named(name, seed: 5)
        let sum: [Double] = [0.25, -0.25]
        func words(_ predicted: Int?) throws -> [Float] {
            let others = OtherChunks(count: 1, sum: sum, predicted: predicted)
            let input = SaliencyInput(chunks[0], humanRationale: [1..<3], others: others)
            return try scorer.score([input], TinyModel.context(model))[0].words
        }
        let own = OtherChunks(count: 1, sum: sum).predictedClass(logits[0])
        #expect(try words(own) == words(nil))
        // The probability of one of two classes falls as that of the other rises, so that norms and
        // magnitudes of its gradient may be equal.
        let ofProbability = ["fresh-gradient", "integrated-gradients", "lime"]
        guard scorer.explainsPrediction, !ofProbability.contains(where: name.hasPrefix) else {
            return
        }
        #expect(try words(1 - own) != words(nil))
    }

    @Test func integratedGradientsAddUpToTheDocumentsDifference() throws {
        let input = SaliencyInput(chunks[0], others: outvoting(logits[0]))
        let score = try IntegratedGradients(steps: 400).score([input], TinyModel.context(model))[0]
        // As for a document of one chunk.
        #expect(abs(try #require(score.convergenceDelta)) < 2e-3)
    }
}

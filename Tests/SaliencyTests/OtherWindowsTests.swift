import Encoders
import Saliency
import Tensors
import TestSupport
import Testing
import Tokenization

/// Scorers that explain a prediction explain the document's, also where one window by itself says
/// otherwise.
@Suite struct OtherWindowsTests {
    private let model = TinyModel.make()
    private let windows = [
        TinyModel.window(words: 9), TinyModel.window(words: 9, seed: 5),
        TinyModel.window(words: 9, seed: 8),
    ]
    private var logits: [[Float]] { model.logits(windows, workers: Workers(threads: 1)) }

    /// Others that outvote the window, three to one.
    private func outvoting(_ own: [Float]) -> OtherWindows {
        let best = own[1] > own[0] ? 1 : 0
        return OtherWindows(count: 3, sum: best == 0 ? [-4, 5] : [5, -4])
    }

    @Test func aDocumentsLogitsAreTheMeanOfItsWindows() {
        let mean = SequenceClassifier.means(logits, counts: [3])[0]
        for (others, own) in zip(OtherWindows.each(of: logits), logits) {
            #expect(others.count == 2)
            #expect(largestDifference(others.documentLogits(own), mean) < 1e-6)
        }
        #expect(OtherWindows.each(of: [logits[0]])[0].documentLogits(logits[0]) == logits[0])
        #expect(OtherWindows.each(of: []).isEmpty)
    }

    @Test(arguments: SaliencyScorersTests.names)
    func onlyScorersThatExplainAPredictionAskForThem(_ name: String) throws {
        let scorer = try SaliencyScorers.named(name, seed: 5)
        func score(_ others: OtherWindows) throws -> WindowSaliency {
            let input = SaliencyInput(windows[0], humanRationale: [1..<3], others: others)
            return try scorer.score([input], TinyModel.context(model))[0]
        }
        let alone = try score(.none)
        let outvoted = try score(outvoting(alone.logits))
        #expect(outvoted.logits == alone.logits, "the window's own")
        // Another class, or the same by another probability. The gradient of the other of two logits
        // may point elsewhere, and that of the mean is a quarter in any case.
        #expect((outvoted.words != alone.words) == scorer.explainsPrediction)
    }

    @Test func integratedGradientsAddUpToTheDocumentsDifference() throws {
        let input = SaliencyInput(windows[0], others: outvoting(logits[0]))
        let score = try IntegratedGradients(steps: 400).score([input], TinyModel.context(model))[0]
        // As for a document of one window.
        #expect(abs(try #require(score.convergenceDelta)) < 2e-3)
    }
}

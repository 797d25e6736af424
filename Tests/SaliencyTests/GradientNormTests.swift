import Encoders
import Saliency
import Tensors
import Testing

@Suite("Gradient scorers")
struct GradientNormTests {
    // The bound is 1e-3 of the largest score, as for the gradients themselves.
    @Test(
        .enabled(if: Recordings.arePresent, Recordings.reason),
        arguments: [("gradient", "grad_l2"), ("gradient-x-input", "grad_times_input")])
    func minilmGivesWhatPyTorchRecorded(scorer: String, recording: String) throws {
        let model = try Recordings.model()
        for item in Recordings.items {
            let document = try Recordings.document(item)
            let scores = try TinyModel.score(SaliencyScorers.named(scorer), document, model).words
            let recorded = try Recordings.file().floats("\(item).\(recording)").map { abs($0) }
            let difference = largestDifference(scores, recorded)
            #expect(difference < 1e-3 * (recorded.max() ?? 0), "item \(item): off by \(difference)")
        }
    }
}

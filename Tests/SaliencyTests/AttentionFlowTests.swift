import Encoders
import Saliency
import Tensors
import TestSupport
import Testing

@Suite struct AttentionFlowTests {
    @Test func aSingleLayersFlowIsItsCapacity() throws {
        let model = TinyModel.make(layers: 1)
        let chunk = TinyModel.chunk(words: 5)
        let scores = try TinyModel.score(AttentionFlow(), chunk, model).words
        let attention = try TinyModel.score(CLSAttention(), chunk, model).words
        // Half of the attention: exact but for the sum over pieces.
        #expect(largestDifference(scores, attention.map { $0 / 2 }) < 1e-7)
    }

    @Test func noTokenGetsMoreThanAllThatLeavesTheClassifier() throws {
        let model = TinyModel.make(layers: 3)
        let chunk = TinyModel.chunk(words: 12)
        let quantities = AttentionFlow().quantities(model.configuration)
        let trace = model.trace([chunk], quantities, workers: Workers(threads: 1))[0]
        let flows = AttentionFlow.flows(trace, model)
        #expect(flows.count == chunk.ids.count)
        // Rows of attention add up to 1 in float32.
        #expect(flows.allSatisfy { $0 > 0 && $0 < 1 + 1e-6 })
    }

    // Both are exact for the same capacities; these differ by float32's roundings.
    @Test(
        .enabled(
            if: Recordings.arePresent,
            "needs the MiniLM encoder (Scripts/fetch-encoder.sh) and ../shared"))
    func minilmGivesWhatNetworkxRecorded() throws {
        let model = try Recordings.model()
        let recorded = try Recordings.flows()
        #expect(recorded.count == 3)
        for (item, flows) in recorded {
            let document = try Recordings.document(try #require(Int(item)))
            let scores = try TinyModel.score(AttentionFlow(), document, model).words
            let difference = largestDifference(scores, flows.map { Float($0) })
            #expect(difference < 1e-5, "item \(item): off by \(difference)")
        }
    }
}

import Encoders
import Optimization
import Tensors
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite(
    "Training follows PyTorch's recorded steps",
    .enabled(
        if: Recordings.arePresent,
        "needs the MiniLM encoder (Scripts/fetch-encoder.sh) and ../shared"))
struct TrainingParityTests {
    private struct Recording: Decodable {
        struct Item: Decodable {
            let ids: [Int]
            let label: Int
        }
        let items: [Item]
        let loss: [Double]
        let gradient_norm_before_clipping: [Double]
    }

    // The bounds: 1e-3 relative for ten steps, 1e-2 after, since differences grow. In bfloat16 every
    // operand of a product is rounded to 8 bits of mantissa.
    @Test(arguments: [1, 2, 4], Precision.available)
    func lossAndGradientNorm(shards: Int, precision: Precision) throws {
        let data = try Data(contentsOf: Recordings.folder.appendingPathComponent("training.json"))
        let recording = try JSONDecoder().decode(Recording.self, from: data)
        let model = try Recordings.model()
        let workers = Workers(threads: 2, precision: precision)
        let optimizer = AdamW(parameters: model.parameters, workers: workers)
        let gradients = ShardedGradients(parameters: model.parameters, workers: workers)
        for step in recording.loss.indices {
            let batch = (0..<4).map { recording.items[(4 * step + $0) % recording.items.count] }
            optimizer.prepare(rows: batch.flatMap { $0.ids.map { Int32($0) } })
            let size = 4 / shards
            let losses = gradients.run(shards: shards) { shard, tape in
                let part = batch[(shard * size)..<((shard + 1) * size)]
                return model.trainingPass(
                    PackedBatch(part.map { Recordings.document($0.ids) }),
                    counts: part.map { _ in 1 }, labels: part.map(\.label), weight: 0.25, on: tape)
            }
            let loss = losses.flatMap { $0 }.reduce(0, +) / 4
            let norm = optimizer.step(gradients, rate: 5e-5)
            let bound = (step < 10 ? 1e-3 : 1e-2) * (precision == .bf16 ? 20 : 1)
            let expected = recording.gradient_norm_before_clipping[step]
            #expect(
                abs(loss - recording.loss[step]) < bound * recording.loss[step],
                "step \(step): loss \(loss), recorded \(recording.loss[step])")
            #expect(
                abs(norm - expected) < bound * expected,
                "step \(step): gradient norm \(norm), recorded \(expected)")
        }
    }
}

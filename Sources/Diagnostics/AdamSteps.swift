import Optimization
import Tensors

/// Steps of Adam with PyTorch's default values, on batches that are cut into shards by number: the bits
/// do not depend on the number of threads.
final class AdamSteps {
    private let optimizer: Adam
    private let gradients: ShardedGradients
    private let rate: Float

    init(_ parameters: Parameters, rate: Double, workers: Workers) {
        var options = Adam.Options()
        options.epsilonFollowsCorrection = true
        optimizer = Adam(parameters: parameters, workers: workers, options: options)
        gradients = ShardedGradients(parameters: parameters, workers: workers)
        self.rate = Float(rate)
    }

    /// One step.
    ///
    /// - Parameters:
    ///   - count: the items of the batch, at least one.
    ///   - shardSize: how many a shard has, but for the last one.
    ///   - rows: the rows of tables that the pass reads; nil: any.
    ///   - body: runs a shard's pass, backward too, and returns each item's loss.
    /// - Returns: the mean loss.
    func step(
        _ count: Int, shardSize: Int, rows: [Int32]? = nil,
        _ body: @Sendable (Range<Int>, Tape) -> [Double]
    ) -> Double {
        if let rows { optimizer.prepare(rows: rows) } else { optimizer.synchronize() }
        let losses = gradients.run(shards: (count + shardSize - 1) / shardSize) { shard, tape in
            let first = shard * shardSize
            return body(first..<min(first + shardSize, count), tape)
        }
        _ = optimizer.step(gradients, rate: rate)
        return losses.joined().reduce(0, +) / Double(count)
    }

    /// Brings every parameter up to date: before the model is read as a whole.
    func synchronize() { optimizer.synchronize() }
}

import Encoders
import Optimization
import Randomness
import Tensors

/// A model's training steps, one after the other: forward with dropout and backward, and a step of the
/// task's optimizer.
package struct TrainingSteps<Task: FineTuningTask> {
    /// How many were taken.
    package private(set) var count = 0
    /// What changes the parameters.
    package let optimizer: any Optimizer
    private let model: Task.Model
    private let task: Task
    private let lengths: [Int]
    private let schedule: LearningRateSchedule
    private let dropoutSeed: UInt64
    private let chunkSeed: UInt64
    private let gradients: ShardedGradients

    /// Steps that train `model` in place.
    ///
    /// - Parameter seed: decides dropout, and which chunks of very long documents are read.
    package init(
        _ model: Task.Model, _ task: Task, schedule: LearningRateSchedule,
        weightDecay: Float, seed: UInt64, workers: Workers
    ) {
        self.model = model
        self.task = task
        lengths = task.documents.map { document in
            document.chunks.prefix(ChunkRun.longest).reduce(0) { $0 + $1.ids.count }
        }
        self.schedule = schedule
        dropoutSeed = SeededGenerator.seed(seed, stream: "dropout")
        chunkSeed = SeededGenerator.seed(seed, stream: "windows")
        optimizer = task.optimizer(
            model.parameters, weightDecay: weightDecay, workers: workers)
        gradients = ShardedGradients(parameters: model.parameters, workers: workers)
    }

    /// Goes on after `count` steps, whose parameters and moments were put in place.
    package mutating func resume(after count: Int) {
        self.count = count
        optimizer.resume(after: count)
    }

    /// One step on a batch of document numbers.
    ///
    /// - Returns: the sum of the documents' losses, and the gradient's norm before clipping.
    package mutating func take(_ batch: [Int]) -> (loss: Double, norm: Double) {
        let runs = Dictionary(uniqueKeysWithValues: batch.map { ($0, chunks(of: $0)) })
        optimizer.prepare(
            rows: batch.flatMap { number in
                task.documents[number].chunks[runs[number] ?? 0..<0].flatMap(\.ids)
            })
        let losses = losses(of: batch, runs)
        let norm = optimizer.step(gradients, rate: schedule.rate(step: count))
        count += 1
        return (losses.reduce(0, +), norm)
    }

    /// Brings every parameter up to date: before the model is read as a whole.
    package func synchronize() { optimizer.synchronize() }

    /// The chunks of a document that this step reads.
    private func chunks(of number: Int) -> Range<Int> {
        ChunkRun.range(
            of: task.documents[number].chunks.count, seed: chunkSeed, step: count,
            document: number)
    }

    /// One batch forward and backward, shard by shard.
    ///
    /// - Returns: the documents' losses.
    private func losses(of batch: [Int], _ runs: [Int: Range<Int>]) -> [Double] {
        let shards = BatchOrder.shards(batch, lengths: lengths)
        let (model, task, seed, step) = (model, task, dropoutSeed, count)
        let losses = gradients.run(shards: shards.count) { shard, tape in
            let numbers = shards[shard]
            let chunks = numbers.map { runs[$0] ?? 0..<0 }
            let packed = PackedBatch(
                zip(numbers, chunks).flatMap { task.documents[$0].chunks[$1] },
                dropout: .init(
                    seed: seed, step: step,
                    documents: zip(numbers, chunks).flatMap { number, chunks in
                        chunks.map { PackedBatch.DropoutSeed.number(document: number, chunk: $0) }
                    }))
            return task.pass(
                model, numbers, chunks: chunks, packed, weight: 1 / Double(batch.count), on: tape)
        }
        return losses.flatMap { $0 }
    }
}

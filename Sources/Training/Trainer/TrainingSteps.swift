import Encoders
import Optimization
import Tensors

/// A model's training steps, one after the other: forward and backward, and a step of the task's
/// optimizer.
package struct TrainingSteps<Task: TrainingTask> {
    /// How many were taken.
    package private(set) var count = 0
    /// What changes the parameters.
    package let optimizer: any Optimizer
    private let model: Task.Model
    private let task: Task
    private let schedule: LearningRateSchedule
    private let seed: UInt64
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
        self.schedule = schedule
        self.seed = seed
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
        let step = TrainingStep(count, seed: seed)
        optimizer.prepare(rows: task.rows(batch, step))
        let losses = task.losses(model, batch, step, gradients)
        let norm = optimizer.step(gradients, rate: schedule.rate(step: count))
        count += 1
        return (losses.reduce(0, +), norm)
    }

    /// Brings every parameter up to date: before the model is read as a whole.
    package func synchronize() { optimizer.synchronize() }
}

import Encoders
import Errors
import Optimization
import Randomness
import Tensors

/// What a model is trained for: documents to learn from, a loss, and a score by which the best epoch is
/// chosen.
package protocol TrainingTask: Sendable {
    /// What is trained.
    associatedtype Model: TrainableModel
    /// A model's score after an epoch.
    associatedtype DevScore

    /// How many tokens each training document has.
    var lengths: [Int] { get }

    /// The first epoch, from 1, that may be the best one, where there are that many.
    var firstCandidate: Int { get }

    /// After how many epochs without a better one the training ends; nil: it goes on to its last.
    var patience: Int? { get }

    /// The document numbers of an epoch's batches: a function of `generator` and the lengths alone.
    func batches(size: Int, using generator: inout SeededGenerator) -> [[Int]]

    /// The learning rate of each step.
    func schedule(_ recipe: TrainingRecipe, steps: Int) -> LearningRateSchedule

    /// What changes the model's parameters.
    func optimizer(
        _ parameters: Parameters, weightDecay: Float, workers: Workers
    ) -> any Optimizer

    /// The rows of tables that a step on these documents reads; one may be named more than once.
    func rows(_ batch: [Int], _ step: TrainingStep) -> [Int32]

    /// One batch forward and backward: each document's loss, in any order.
    func losses(
        _ model: Model, _ batch: [Int], _ step: TrainingStep, _ gradients: ShardedGradients
    ) -> [Double]

    /// Measures a model, without dropout.
    ///
    /// - Throws: `WarrantError` where it gives something that is not a number.
    func measure(_ model: Model, workers: Workers) throws -> DevScore

    /// The metric by which the best epoch is chosen; larger is better.
    func metric(_ score: DevScore) -> Double
}

extension TrainingTask {
    package var firstCandidate: Int { 1 }
    package var patience: Int? { nil }

    /// Batches of similar length, in shuffled order.
    package func batches(size: Int, using generator: inout SeededGenerator) -> [[Int]] {
        BatchOrder.batches(lengths: lengths, batchSize: size, using: &generator)
    }

    /// Linear warm-up and decay.
    package func schedule(_ recipe: TrainingRecipe, steps: Int) -> LearningRateSchedule {
        LearningRateSchedule(peak: recipe.learningRate, warmup: recipe.warmup, totalSteps: steps)
    }

    /// AdamW, with clipping at norm 1.
    package func optimizer(
        _ parameters: Parameters, weightDecay: Float, workers: Workers
    ) -> any Optimizer {
        var options = AdamW.Options()
        options.weightDecay = weightDecay
        return AdamW(parameters: parameters, workers: workers, options: options)
    }
}

/// A step of a training: all that what is drawn in it depends on.
package struct TrainingStep: Sendable {
    /// Its number, from 0.
    package let number: Int
    /// Decides dropout.
    let dropoutSeed: UInt64
    /// Decides which chunks of very long documents are read.
    let chunkSeed: UInt64

    /// A step of the training with this seed.
    package init(_ number: Int, seed: UInt64) {
        self.number = number
        dropoutSeed = SeededGenerator.seed(seed, stream: "dropout")
        chunkSeed = SeededGenerator.seed(seed, stream: "windows")
    }
}

/// The error about a model whose outputs are not numbers.
package func notFinite() -> WarrantError {
    WarrantError(
        .failed,
        "the model gives numbers that are not finite after training; lower the learning rate, or store "
            + "weights as f32 or bf16")
}

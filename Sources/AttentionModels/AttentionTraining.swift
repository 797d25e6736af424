import Encoders
import Optimization
import Randomness
import Tensors
import Training

extension AttentionClassifier: TrainableModel {}

/// What trainings of classifiers with attention have in common.
package enum AttentionTraining {
    /// The authors' batches: texts sorted by length, each length blurred by up to a tenth; then cut, and
    /// the batches shuffled (`Trainers/DatasetBC.py`: `sortbylength`, noise of ±10 %).
    package static func batches(
        _ lengths: [Int], size: Int, using generator: inout SeededGenerator
    ) -> [[Int]] {
        let blurred = lengths.map { length in
            let tenth = Double(length) * 0.1
            let (low, high) = (Int((-tenth).rounded(.down)), Int(tenth.rounded(.up)))
            return length + low + generator.below(max(1, high - low))
        }
        let order = blurred.indices.sorted { (blurred[$0], $0) < (blurred[$1], $1) }
        let batches = stride(from: 0, to: order.count, by: size).map {
            Array(order[$0..<min(order.count, $0 + size)])
        }
        return generator.shuffled(batches)
    }

    /// Adam with AMSGrad and L2 decay, which of single texts leaves the attention's parameters alone.
    package static func optimizer(
        _ parameters: Parameters, weightDecay: Float, ofPairs: Bool, workers: Workers
    ) -> any Optimizer {
        var options = Adam.Options()
        (options.isAMSGrad, options.weightDecay) = (true, weightDecay)
        options.epsilonFollowsCorrection = true
        return Adam(
            parameters: parameters, workers: workers, options: options,
            weightDecay: { AttentionClassifier.decays($0, ofPairs: ofPairs) ? nil : 0 })
    }
}

/// A training by the authors' batches and optimizer, at one learning rate.
package protocol AttentionTrainingTask: TrainingTask {
    /// How many tokens each training text has, without its question: what batches are made by.
    var textLengths: [Int] { get }
    /// Whether texts come with a question.
    var readsPairs: Bool { get }
}

extension AttentionTrainingTask {
    package func batches(size: Int, using generator: inout SeededGenerator) -> [[Int]] {
        AttentionTraining.batches(textLengths, size: size, using: &generator)
    }

    package func schedule(_ recipe: TrainingRecipe, steps: Int) -> LearningRateSchedule {
        LearningRateSchedule(constant: recipe.learningRate)
    }

    package func optimizer(
        _ parameters: Parameters, weightDecay: Float, workers: Workers
    ) -> any Optimizer {
        AttentionTraining.optimizer(
            parameters, weightDecay: weightDecay, ofPairs: readsPairs, workers: workers)
    }
}

/// Such a training on texts as an `AttentionClassifier` reads them.
package protocol WordTextsTask: AttentionTrainingTask {
    /// What is learned from.
    var train: WordTexts { get }
}

extension WordTextsTask {
    package var textLengths: [Int] { train.documents.map(\.ids.count) }
    package var readsPairs: Bool { train.questions != nil }

    package func rows(_ batch: [Int], _ step: TrainingStep) -> [Int32] {
        batch.flatMap { train.documents[$0].ids }
            + (train.questions.map { all in batch.flatMap { all[$0].ids } } ?? [])
    }

    /// A batch's shards, each forward and backward on a tape of its own.
    ///
    /// - Returns: what `body` says of each text.
    package func losses(
        of batch: [Int], _ gradients: ShardedGradients,
        _ body: @Sendable ([Int], Tape) -> [Double]
    ) -> [Double] {
        let shards = BatchOrder.shards(batch) { lengths[$0] }
        return gradients.run(shards: shards.count) { body(shards[$0], $1) }.flatMap { $0 }
    }
}

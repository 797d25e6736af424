import Diagnostics
import Encoders
import Optimization
import Randomness
import Tensors
import Training

/// What a model's attention is while it is trained and measured.
package enum GivenAttention: Sendable {
    /// What the model computes.
    case own
    /// 1 / n for each of n words (Wiegreffe & Pinter 2019, section 3.2).
    case uniform
    /// For each text of a set a weight for each word, such as another model's (section 3.4 there).
    case given([[Float]])

    /// The probe of a pass over some of a set's texts; nil: none is needed.
    func probe(of texts: WordTexts) -> (@Sendable (Range<Int>) -> any Probe)? {
        switch self {
        case .own: nil
        case .uniform: { _ in FixedWordAttention(.uniform) }
        case .given(let weights): { FixedWordAttention(.given(Array(weights[$0]))) }
        }
    }

    /// The probe of a pass over the texts with these numbers; nil: none is needed.
    func probe(_ numbers: [Int]) -> (any Probe)? {
        switch self {
        case .own: nil
        case .uniform: FixedWordAttention(.uniform)
        case .given(let weights): FixedWordAttention(.given(numbers.map { weights[$0] }))
        }
    }
}

/// A classifier with attention learns classes as in Jain & Wallace 2019 (`Trainers/TrainerBC.py`,
/// `model/Binary_Classification.py` of `successar/AttentionExplanation`).
///
/// Of single texts of two classes the loss is the sum over a batch, a positive's weighted by how many
/// negatives there are for each; of other texts the mean cross-entropy. The best epoch is the one with
/// the best ROC-AUC on the development set, or accuracy of other texts, the first epoch excepted.
package struct AttentionTask: TrainingTask {
    let train: WordTexts
    let dev: WordTexts
    private let attention: (train: GivenAttention, dev: GivenAttention)
    /// What a text's loss is multiplied by, by its class; nil: 1.
    private let scales: [Double]?
    package let lengths: [Int]

    /// A task.
    ///
    /// - Parameters:
    ///   - outputs: how many logits the model has.
    ///   - attention: what the attention is on either set.
    package init(
        train: WordTexts, dev: WordTexts, outputs: Int,
        attention: (train: GivenAttention, dev: GivenAttention) = (.own, .own)
    ) {
        self.train = train
        self.dev = dev
        self.attention = attention
        scales =
            outputs == 1
            ? [1, AttentionClassifier.positiveScale(labels: train.labels)] : nil
        lengths = train.lengths
    }

    package var firstCandidate: Int { 2 }

    package func batches(size: Int, using generator: inout SeededGenerator) -> [[Int]] {
        AttentionTraining.batches(
            train.documents.map(\.ids.count), size: size, using: &generator)
    }

    package func schedule(_ recipe: TrainingRecipe, steps: Int) -> LearningRateSchedule {
        LearningRateSchedule(constant: recipe.learningRate)
    }

    package func optimizer(
        _ parameters: Parameters, weightDecay: Float, workers: Workers
    ) -> any Optimizer {
        AttentionTraining.optimizer(
            parameters, weightDecay: weightDecay, ofPairs: train.questions != nil,
            workers: workers)
    }

    package func rows(_ batch: [Int], _ step: TrainingStep) -> [Int32] {
        AttentionTraining.rows(batch, train)
    }

    package func losses(
        _ model: AttentionClassifier, _ batch: [Int], _ step: TrainingStep,
        _ gradients: ShardedGradients
    ) -> [Double] {
        AttentionTraining.run(batch, lengths, gradients) { numbers, tape in
            let (texts, questions) = train.batch(numbers)
            let labels = numbers.map { train.labels[$0] }
            return model.trainingPass(
                texts, questions: questions, labels: labels,
                scales: scales.map { scales in labels.map { scales[$0] } },
                weight: scales == nil ? 1 / Double(batch.count) : 1,
                probe: attention.train.probe(numbers), on: tape)
        }
    }

    package func measure(
        _ model: AttentionClassifier, workers: Workers
    ) throws -> AttentionScores {
        AttentionScores(
            labels: dev.labels,
            probabilities: try model.probabilities(
                dev, attention: attention.dev, workers: workers))
    }

    /// What `metric` is called.
    package var metricName: String { scales == nil ? "accuracy" : "ROC-AUC" }

    package func metric(_ score: AttentionScores) -> Double {
        scales == nil ? score.accuracy : score.rocAUC ?? score.accuracy
    }
}

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

    /// The words of a batch.
    package static func rows(_ batch: [Int], _ texts: WordTexts) -> [Int32] {
        batch.flatMap { texts.documents[$0].ids }
            + (texts.questions.map { all in batch.flatMap { all[$0].ids } } ?? [])
    }

    /// A batch's shards, each forward and backward on a tape of its own.
    ///
    /// - Returns: what `body` says of each text.
    package static func run(
        _ batch: [Int], _ lengths: [Int], _ gradients: ShardedGradients,
        _ body: @Sendable ([Int], Tape) -> [Double]
    ) -> [Double] {
        let shards = BatchOrder.shards(batch) { lengths[$0] }
        return gradients.run(shards: shards.count) { body(shards[$0], $1) }.flatMap { $0 }
    }
}

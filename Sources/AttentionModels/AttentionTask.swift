import Diagnostics
import Encoders
import Optimization
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

    /// The probe of a pass over the texts with these numbers; nil: none is needed.
    func probe(_ numbers: some Collection<Int>) -> (any Probe)? {
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
package struct AttentionTask: WordTextsTask {
    package let train: WordTexts
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

    package func losses(
        _ model: AttentionClassifier, _ batch: [Int], _ step: TrainingStep,
        _ gradients: ShardedGradients
    ) -> [Double] {
        losses(of: batch, gradients) { numbers, tape in
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

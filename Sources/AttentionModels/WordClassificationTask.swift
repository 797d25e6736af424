import Encoders
import Metrics
import Optimization
import Tensors
import Tokenization
import Training

/// A `WordClassifier` learns classes of documents as `AttentionTask` learns those of texts: by the
/// authors' loss, batches and optimizer, with the best epoch by ROC-AUC or accuracy. Documents may
/// be read in chunks.
package struct WordClassificationTask: FineTuningTask, AttentionTrainingTask {
    /// What the development set says of a model.
    package struct DevScore {
        /// What records and tables have.
        package let metrics: ClassificationMetrics
        /// What the epoch is chosen by.
        let scores: AttentionScores
    }

    private let train: LabelledDocuments
    private let dev: LabelledDocuments
    private let outputs: Int
    package let readsPairs: Bool
    /// What a document's loss is multiplied by, by its class.
    private let scales: [Double]
    /// How many tokens each document's text has, without its query.
    package let textLengths: [Int]

    /// A task for models of this shape.
    ///
    /// - Parameter classWeights: nil: the authors', by which one logit's positive counts as often
    ///   as there are negatives for it.
    package init(
        train: LabelledDocuments, dev: LabelledDocuments, _ configuration: AttentionConfiguration,
        classWeights: [Double]? = nil
    ) {
        self.train = train
        self.dev = dev
        outputs = configuration.outputs
        let readsPairs = configuration.readsPairs
        self.readsPairs = readsPairs
        scales =
            classWeights
            ?? (outputs == 1
                ? [1, AttentionClassifier.positiveScale(labels: train.labels)]
                : configuration.labels.map { _ in 1 })
        textLengths = train.documents.map { document in
            document.chunks.reduce(0) {
                $0 + WordClassifier.textTokens($1, readsPairs: readsPairs)
            }
        }
    }

    package var documents: [ChunkedDocument] { train.documents }
    package var firstCandidate: Int { 2 }

    package func pass(
        _ model: WordClassifier, _ numbers: [Int], chunks: [Range<Int>], _ batch: PackedBatch,
        weight: Double, on tape: Tape
    ) -> [Double] {
        let labels = numbers.map { train.labels[$0] }
        return model.trainingPass(
            zip(numbers, chunks).flatMap { documents[$0].chunks[$1] },
            counts: chunks.map(\.count), labels: labels, scales: labels.map { scales[$0] },
            // The sum over a batch, not its mean.
            weight: outputs == 1 ? 1 : weight, on: tape)
    }

    package func measure(_ model: WordClassifier, workers: Workers) throws -> DevScore {
        let (metrics, logits) = try dev.evaluate(model, workers: workers)
        return DevScore(
            metrics: metrics,
            scores: AttentionScores(
                labels: dev.labels, probabilities: logits.map(CrossEntropy.probabilities)))
    }

    /// What `metric` is called.
    package var metricName: String { Self.metricName(outputs: outputs) }

    /// What the best epoch of a model of so many logits is chosen by.
    package static func metricName(outputs: Int) -> String {
        outputs == 1 ? "ROC-AUC" : "accuracy"
    }

    package func metric(_ score: DevScore) -> Double {
        outputs == 1 ? score.scores.rocAUC ?? score.scores.accuracy : score.scores.accuracy
    }
}

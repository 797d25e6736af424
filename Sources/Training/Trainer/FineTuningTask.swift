import Encoders
import Errors
import Metrics
import Optimization
import Tensors
import Tokenization

/// What a model is fine-tuned for: documents to learn from, a loss, and a score on documents that
/// are held out.
package protocol FineTuningTask: Sendable {
    /// What is trained.
    associatedtype Model: TrainableModel
    /// What the development set says of a model.
    associatedtype DevScore

    /// Each training document in chunks.
    var documents: [ChunkedDocument] { get }

    /// Losses and gradients of a shard of documents: a pass forward and back on a tape.
    ///
    /// - Parameters:
    ///   - numbers: the documents by number.
    ///   - chunks: which chunks of each are read in this step.
    ///   - batch: these chunks, packed.
    func pass(
        _ model: Model, _ numbers: [Int], chunks: [Range<Int>], _ batch: PackedBatch,
        weight: Double, on tape: Tape
    ) -> [Double]

    /// Measures a model, without dropout.
    ///
    /// - Throws: `WarrantError` where it gives something that is not a number.
    func measure(_ model: Model, workers: Workers) throws -> DevScore

    /// The metric by which the best epoch is chosen; larger is better.
    func metric(_ score: DevScore) -> Double

    /// What changes the model's parameters.
    func optimizer(
        _ parameters: Parameters, weightDecay: Float, workers: Workers
    ) -> any Optimizer
}

extension FineTuningTask {
    /// AdamW, with clipping at norm 1.
    package func optimizer(
        _ parameters: Parameters, weightDecay: Float, workers: Workers
    ) -> any Optimizer {
        var options = AdamW.Options()
        options.weightDecay = weightDecay
        return AdamW(parameters: parameters, workers: workers, options: options)
    }
}

/// Documents and the class of each.
package struct LabelledDocuments: Sendable {
    package var documents: [ChunkedDocument]
    package var labels: [Int]

    package init(
        documents: [ChunkedDocument], labels: [Int]
    ) {
        self.documents = documents
        self.labels = labels
    }

    /// Metrics of `model` on the documents, and its logits.
    ///
    /// - Throws: `WarrantError` where a logit is not a number.
    package func evaluate(
        _ model: SequenceClassifier, workers: Workers
    ) throws -> (metrics: ClassificationMetrics, logits: [[Float]]) {
        let logits = model.logits(documents, workers: workers)
        guard logits.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { throw notFinite() }
        let metrics = ClassificationMetrics(
            gold: labels, predicted: logits.map(\.indexOfLargest), classCount: model.labels.count)
        return (metrics, logits)
    }
}

/// The error about a model whose outputs are not numbers.
func notFinite() -> WarrantError {
    WarrantError(
        .failed,
        "the model gives numbers that are not finite after training; lower the learning rate, or store "
            + "weights as f32 or bf16")
}

/// Classes of documents: cross-entropy, and macro-F1 on the development set.
package struct ClassificationTask: FineTuningTask {
    package let train: LabelledDocuments
    package let dev: LabelledDocuments
    /// How much a document's loss counts, by its class.
    let classWeights: [Double]

    package init(
        train: LabelledDocuments, dev: LabelledDocuments, classWeights: [Double]
    ) {
        self.train = train
        self.dev = dev
        self.classWeights = classWeights
    }

    package var documents: [ChunkedDocument] { train.documents }

    package func pass(
        _ model: SequenceClassifier, _ numbers: [Int], chunks: [Range<Int>], _ batch: PackedBatch,
        weight: Double, on tape: Tape
    ) -> [Double] {
        model.trainingPass(
            batch, counts: chunks.map(\.count), labels: numbers.map { train.labels[$0] },
            scales: numbers.map { classWeights[train.labels[$0]] }, weight: weight, on: tape)
    }

    package func measure(
        _ model: SequenceClassifier, workers: Workers
    ) throws -> ClassificationMetrics {
        try dev.evaluate(model, workers: workers).metrics
    }

    package func metric(_ score: ClassificationMetrics) -> Double { score.macroF1 }
}

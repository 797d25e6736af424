import Encoders
import Errors
import Metrics
import Optimization
import Randomness
import Tensors
import Tokenization

/// What a model that reads documents in chunks is fine-tuned for: a loss for each document, and a score
/// on documents that are held out.
package protocol FineTuningTask: TrainingTask {
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
}

extension FineTuningTask {
    package var lengths: [Int] { documents.map(\.tokens) }

    package func rows(_ batch: [Int], _ step: TrainingStep) -> [Int32] {
        batch.flatMap { number in
            documents[number].chunks[step.chunks(of: number, documents)].flatMap(\.ids)
        }
    }

    /// The batch's documents, shard by shard, with dropout.
    package func losses(
        _ model: Model, _ batch: [Int], _ step: TrainingStep, _ gradients: ShardedGradients
    ) -> [Double] {
        let shards = BatchOrder.shards(batch) { number in
            documents[number].chunks.prefix(ChunkRun.longest).reduce(0) { $0 + $1.ids.count }
        }
        let losses = gradients.run(shards: shards.count) { shard, tape in
            let numbers = shards[shard]
            let chunks = numbers.map { step.chunks(of: $0, documents) }
            let packed = PackedBatch(
                zip(numbers, chunks).flatMap { documents[$0].chunks[$1] },
                dropout: .init(
                    seed: step.dropoutSeed, step: step.number,
                    documents: zip(numbers, chunks).flatMap { number, chunks in
                        chunks.map { PackedBatch.DropoutSeed.number(document: number, chunk: $0) }
                    }))
            return pass(
                model, numbers, chunks: chunks, packed, weight: 1 / Double(batch.count), on: tape)
        }
        return losses.flatMap { $0 }
    }
}

extension TrainingStep {
    /// The chunks of a document that the step reads.
    fileprivate func chunks(of document: Int, _ documents: [ChunkedDocument]) -> Range<Int> {
        ChunkRun.range(
            of: documents[document].chunks.count, seed: chunkSeed, step: number,
            document: document)
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
        _ model: any TextClassifier, workers: Workers
    ) throws -> (metrics: ClassificationMetrics, logits: [[Float]]) {
        let logits = model.logits(documents, workers: workers)
        guard logits.allSatisfy({ $0.allSatisfy(\.isFinite) }) else { throw notFinite() }
        let metrics = ClassificationMetrics(
            gold: labels, predicted: logits.map(\.indexOfLargest), classCount: model.labels.count)
        return (metrics, logits)
    }
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

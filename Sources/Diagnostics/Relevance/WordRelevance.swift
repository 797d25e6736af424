import Encoders
import Randomness
import Tensors

/// Output relevance of words without order: one number for each word of the vocabulary, by id, towards
/// class 1 (Snell et al. 2021, section 3).
package enum WordRelevance {
    private static let shardTexts = 32

    /// e · w of a bag of embeddings, at the epoch of the lowest development loss.
    package static func bagOfEmbeddings(
        _ options: WordRelevanceOptions, vocabularySize: Int, training: RelevanceTexts,
        development: RelevanceTexts, workers: Workers
    ) -> [Double] {
        let model = BagOfEmbeddings(
            vocabularySize: vocabularySize, embeddingSize: options.embeddingSize)
        model.initialize(seed: options.seed)
        let optimizer = AdamSteps(
            model.parameters, rate: options.learningRate, workers: workers)
        var generator = SeededGenerator(seed: options.seed, stream: "order of texts")
        var (best, relevance) = (Double.infinity, model.relevance)
        for _ in 0..<options.epochs {
            let order = generator.shuffled(training.labels.indices)
            for first in stride(from: 0, to: order.count, by: options.batchSize) {
                let batch = order[first..<min(first + options.batchSize, order.count)]
                let documents = batch.map { training.documents[$0] }
                let labels = batch.map { training.labels[$0] }
                _ = optimizer.step(
                    labels.count, shardSize: shardTexts, rows: documents.flatMap(\.ids)
                ) { range, tape in
                    model.trainingPass(
                        PackedBatch(documents[range]), labels: Array(labels[range]),
                        weight: 1 / Double(labels.count), on: tape)
                }
            }
            optimizer.synchronize()
            let logits = model.logits(development.documents, workers: workers)
            let loss = zip(logits, development.labels).reduce(0) {
                $0 + BinaryCrossEntropy.loss($1.0, label: $1.1).loss
            }
            if loss < best { (best, relevance) = (loss, model.relevance) }
        }
        return relevance
    }

    /// The weights of a logistic regression on each text's relative word frequencies.
    package static func logisticRegression(
        _ options: WordRelevanceOptions, vocabularySize: Int, training: RelevanceTexts
    ) -> [Double] {
        let rows = training.documents.map { document in
            let share = 1 / Double(document.ids.count)
            let counts = document.ids.reduce(into: [Int32: Int]()) { $0[$1, default: 0] += 1 }
            return counts.sorted { $0.key < $1.key }.map {
                (feature: Int($0.key), value: share * Double($0.value))
            }
        }
        return LogisticRegression(
            rows, labels: training.labels, features: vocabularySize,
            lossWeight: options.regressionWeight
        ).weights
    }
}

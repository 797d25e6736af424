/// How the classifiers are trained whose attention and output relevance are compared; by default as
/// Snell et al. (2021) did (`classification` of `Sea-Snell/AttentionDynamics`), with random vectors.
package struct RelevanceOptions: Sendable, Hashable, Codable {
    /// Ids lie below it.
    package var vocabularySize: Int
    /// Of an embedding.
    package var embeddingSize = 300
    /// Of a state of each direction.
    package var hiddenSize = 256
    /// Of the layer within attention's score.
    package var attentionSize = 256
    /// Steps of Adam.
    package var steps = 4_000
    /// Texts of a step.
    package var batchSize = 32
    /// Adam's rate.
    package var learningRate = 1e-3
    /// Runs with learned attention: A, whose attention is what is explained, and those that are
    /// compared with it.
    package var seeds: [UInt64] = [20, 13, 14, 15, 16, 17]
    /// The run with uniform attention.
    package var uniformSeed: UInt64 = 12
    /// The bag of embeddings and the logistic regression.
    package var words = WordRelevanceOptions()

    /// The authors' values.
    package init(vocabularySize: Int) { self.vocabularySize = vocabularySize }

    /// The steps after which test texts are read: 0, 10, 50, 100, 150, 200, 250, then every 250, and
    /// the last one.
    package var checkpoints: [Int] {
        let early = [0, 10, 50, 100, 150, 200].filter { $0 < steps }
        return early + stride(from: 250, to: steps, by: 250) + [steps]
    }
}

/// How models that read words without order are trained.
package struct WordRelevanceOptions: Sendable, Hashable, Codable {
    /// Of an embedding.
    package var embeddingSize = 256
    /// Adam's rate.
    package var learningRate = 2e-4
    /// Texts of a step.
    package var batchSize = 64
    /// Passes over the training texts at most; the one with the lowest development loss is kept.
    package var epochs = 30
    /// Of the initial values and the order of texts.
    package var seed: UInt64 = 0
    /// How much the logistic regression's losses weigh against ½ |w|².
    package var regressionWeight = 1.0

    /// The authors' values.
    package init() {}
}

/// How models are trained to copy; by default as Snell et al. (2021) did (`SequenceCopying` of
/// `Sea-Snell/AttentionDynamics`).
package struct CopyingOptions: Sendable, Hashable, Codable {
    /// What is copied.
    package var texts: CopyingTexts
    /// Of states and embeddings.
    package var hiddenSize = 256
    /// Whether the encoder reads in both directions.
    package var isBidirectional = false
    /// Whether attention has the same weight at every source position.
    package var isUniform = false
    /// Steps of Adam.
    package var steps = 200
    /// Texts of a step.
    package var batchSize = 128
    /// Adam's rate.
    package var learningRate = 1e-3
    /// Steps from one evaluation to the next; there is one before the first step and one after the
    /// last, too.
    package var evaluationInterval = 10
    /// Fresh texts of an evaluation.
    package var evaluationTexts = 50
    /// Whether evaluations measure output relevance, which costs a row for each target and source
    /// position.
    package var measuresRelevance = true

    /// The authors' values.
    package init(_ texts: CopyingTexts) { self.texts = texts }
}

import Encoders
import Tokenization

/// |Σ x · ∂logit/∂x| over a token's word embedding x, for the predicted class (Denil, Demiraj & de
/// Freitas 2014; Shrikumar, Greenside & Kundaje 2017): how much the logit would lose, to first
/// order, if the embedding were zero.
package struct GradientTimesInput: TraceScorer {
    /// The scorer; it has no settings.
    package init() {}

    static let entry = SaliencyScorers.Entry(
        "gradient-x-input", "word embeddings times the logit's gradient",
        scorer: GradientTimesInput())

    /// `gradient-x-input`.
    package var name: String { Self.entry.name }

    /// Gradients are the predicted class's.
    package var explainsPrediction: Bool { true }

    /// Word embeddings and gradients.
    package func quantities(_ configuration: any ClassifierConfiguration) -> Set<TraceQuantity> {
        [.wordEmbeddings, .wordEmbeddingGradients]
    }

    /// The absolute value of each token's sum of products.
    package func pieceScores(
        _ trace: Trace, _ chunk: TokenizedDocument, _ model: any TextClassifier
    ) -> [Float] {
        trace.rowProducts(.wordEmbeddings, .wordEmbeddingGradients).map { Float(abs($0)) }
    }
}

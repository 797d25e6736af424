import Encoders
import Tokenization

/// |Σ x · ∂p/∂x| over a token's word embedding x, for the probability p of the predicted class: the
/// gradient scorer of FRESH's code (Jain, Wiegreffe, Pinter & Wallace 2020). Where the model is
/// sure, p hardly moves and all of a document's scores are small; what counts is their share.
package struct FreshGradient: TraceScorer {
    /// The scorer; it has no settings.
    package init() {}

    static let entry = SaliencyScorers.Entry(
        "fresh-gradient", "word embeddings times the probability's gradient (Jain et al. 2020)",
        scorer: FreshGradient())

    /// `fresh-gradient`.
    package var name: String { Self.entry.name }

    /// Gradients are the predicted class's.
    package var explainsPrediction: Bool { true }

    /// The predicted class's probability.
    package var differentiated: Differentiation.Output { .probability }

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

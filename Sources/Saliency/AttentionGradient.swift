import Encoders
import Tokenization

/// Attention times its gradient: E_h[(∇A ⊙ A)⁺], the [CLS] row of the final layer, ∇A the gradient
/// of the predicted class's logit (Chefer, Gur & Wolf 2021, equation 5; attention times gradient
/// already in Serrano & Smith 2019). Only what speaks for the class counts, so it is not negative.
package struct AttentionGradient: TraceScorer {
    /// The scorer; it has no settings.
    package init() {}

    static let entry = SaliencyScorers.Entry(
        "attention-gradient",
        "attention times its gradient, where positive (Chefer et al. 2021)",
        scorer: AttentionGradient())

    /// `attention-gradient`.
    package var name: String { Self.entry.name }

    /// Gradients are the predicted class's.
    package var explainsPrediction: Bool { true }

    /// The last layer's [CLS] rows and their gradients.
    package func quantities(_ configuration: any ClassifierConfiguration) -> Set<TraceQuantity> {
        let last = configuration.layers - 1
        return [.clsAttention(layer: last), .clsAttentionGradients(layer: last)]
    }

    /// The positive parts' mean over heads.
    package func pieceScores(
        _ trace: Trace, _ chunk: TokenizedDocument, _ model: any TextClassifier
    ) -> [Float] {
        let last = model.configuration.layers - 1
        let attention = trace.required(.clsAttention(layer: last))
        let gradient = trace.required(.clsAttentionGradients(layer: last))
        let products = zip(attention, gradient).map { max(0, $0 * $1) }
        return CLSAttention.mean(products, heads: model.configuration.heads)
    }
}

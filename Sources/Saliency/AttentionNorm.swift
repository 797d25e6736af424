import Encoders
import Tokenization

/// How much a token gives to the [CLS] state in the final layer: the norm of Σ_h α_h (v_h W_O^h),
/// its attention-weighted, value- and output-projected state (Kobayashi, Kuribayashi, Yokoi & Inui
/// 2020, norm-based analysis). Values keep their bias, as in the paper; the output's bias belongs
/// to no token.
package struct AttentionNorm: TraceScorer {
    /// The scorer; it has no settings.
    package init() {}

    static let entry = SaliencyScorers.Entry(
        "attention-norm", "norm of the attention-weighted value vectors (Kobayashi et al. 2020)",
        scorer: AttentionNorm())

    /// `attention-norm`.
    package var name: String { Self.entry.name }

    /// The last layer's norms.
    package func quantities(_ configuration: any ClassifierConfiguration) -> Set<TraceQuantity> {
        [.clsAttentionNorms(layer: configuration.layers - 1)]
    }

    /// As traced.
    package func pieceScores(
        _ trace: Trace, _ chunk: TokenizedDocument, _ model: any TextClassifier
    ) -> [Float] {
        trace.required(.clsAttentionNorms(layer: model.configuration.layers - 1))
    }
}

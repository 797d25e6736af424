import Encoders
import Tokenization

/// The weight that a word has in a classifier's attention over words (Bahdanau, Cho & Bengio 2015;
/// as an explanation: Jain & Wallace 2019, Wiegreffe & Pinter 2019). A text's weights add up to 1.
package struct WordAttentionWeights: TraceScorer {
    /// The scorer; it has no settings.
    package init() {}

    static let entry = SaliencyScorers.Entry(
        "attention", "weights of the attention over words that encoders of words have",
        scorer: WordAttentionWeights())

    /// `attention`.
    package var name: String { Self.entry.name }

    /// The weights.
    package func quantities(_ configuration: any ClassifierConfiguration) -> Set<TraceQuantity> {
        [.wordAttention]
    }

    /// As traced.
    package func pieceScores(
        _ trace: Trace, _ chunk: TokenizedDocument, _ model: any TextClassifier
    ) -> [Float] {
        trace.required(.wordAttention)
    }
}

import Encoders
import Tokenization

/// The L2 norm of the gradient of the predicted class's logit with respect to a token's word
/// embedding (Simonyan, Vedaldi & Zisserman 2014; with the L2 norm as in Atanasova et al. 2020).
package struct GradientNorm: TraceScorer {
    /// The scorer; it has no settings.
    package init() {}

    static let entry = SaliencyScorers.Entry(
        "gradient", "norm of the logit's gradient at the word embeddings", scorer: GradientNorm())

    /// `gradient`.
    package var name: String { Self.entry.name }

    /// Gradients are the predicted class's.
    package var explainsPrediction: Bool { true }

    /// Gradients at the word embeddings.
    package func quantities(_ configuration: any ClassifierConfiguration) -> Set<TraceQuantity> {
        [.wordEmbeddingGradients]
    }

    /// √Σ g² over each token.
    package func pieceScores(
        _ trace: Trace, _ chunk: TokenizedDocument, _ model: any TextClassifier
    ) -> [Float] {
        trace.rowProducts(.wordEmbeddingGradients, .wordEmbeddingGradients)
            .map { Float($0.squareRoot()) }
    }
}

extension Trace {
    /// Σ over each token of the products of two quantities [tokens, hidden].
    func rowProducts(_ left: TraceQuantity, _ right: TraceQuantity) -> [Double] {
        let (left, right) = (required(left), required(right))
        let hidden = left.count / max(tokens, 1)
        return (0..<tokens).map { token in
            var sum = 0.0
            for place in (token * hidden)..<((token + 1) * hidden) {
                sum += Double(left[place]) * Double(right[place])
            }
            return sum
        }
    }
}

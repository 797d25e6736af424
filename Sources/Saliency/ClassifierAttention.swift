import Encoders
import Tokenization

/// How much [CLS] attends to a word in the final layer, averaged over heads: FRESH's default
/// (Jain, Wiegreffe, Pinter & Wallace 2020, section 4).
public struct ClassifierAttention: TraceScorer {
    static let name = "cls-attention"

    /// The scorer; it has no settings.
    public init() {}

    /// `cls-attention`.
    public var name: String { Self.name }

    /// The [CLS] row of the last layer's attention.
    public func quantities(_ configuration: EncoderConfiguration) -> Set<TraceQuantity> {
        [.classifierAttention(layer: configuration.layers - 1)]
    }

    /// Mean over heads.
    public func pieceScores(
        _ trace: Trace, _ window: TokenizedDocument, _ model: SequenceClassifier
    ) -> [Float] {
        let layer = model.configuration.layers - 1
        guard let attention = trace[.classifierAttention(layer: layer)] else {
            preconditionFailure("the trace lacks the last layer's [CLS] attention")
        }
        return Self.mean(attention, heads: model.configuration.heads)
    }

    /// [tokens] from [heads, tokens].
    public static func mean(_ attention: [Float], heads: Int) -> [Float] {
        let tokens = attention.count / heads
        return (0..<tokens).map { token in
            var sum: Float = 0
            for head in 0..<heads { sum += attention[head * tokens + token] }
            return sum / Float(heads)
        }
    }
}

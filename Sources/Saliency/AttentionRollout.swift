import Encoders
import Tokenization

/// How much of each token has reached [CLS] by the last layer, if attention were all that mixed
/// them: the [CLS] row of the product over layers of 0.5 A + 0.5 I, A the mean over heads (Abnar &
/// Zuidema 2020, section 3, attention rollout).
package struct AttentionRollout: TraceScorer {
    /// The scorer; it has no settings.
    package init() {}

    static let entry = SaliencyScorers.Entry(
        "attention-rollout", "attention multiplied through all layers (Abnar & Zuidema 2020)",
        scorer: AttentionRollout())

    /// `attention-rollout`.
    package var name: String { Self.entry.name }

    /// Attention of each layer; of the last one, only the [CLS] row.
    package func quantities(_ configuration: any ClassifierConfiguration) -> Set<TraceQuantity> {
        Self.quantities(configuration)
    }

    static func quantities(_ configuration: any ClassifierConfiguration) -> Set<TraceQuantity> {
        let last = configuration.layers - 1
        return Set((0..<last).map { .meanAttention(layer: $0) })
            .union([.clsAttention(layer: last)])
    }

    /// The row is multiplied by one layer after the other, from the top: O(layers · tokens²).
    package func pieceScores(
        _ trace: Trace, _ chunk: TokenizedDocument, _ model: any TextClassifier
    ) -> [Float] {
        var row = Self.topRow(trace, model)
        let tokens = row.count
        for layer in (0..<(model.configuration.layers - 1)).reversed() {
            let attention = trace.required(.meanAttention(layer: layer))
            var next = row.map { 0.5 * $0 }
            for from in 0..<tokens {
                let share = 0.5 * row[from]
                for to in 0..<tokens { next[to] += share * Double(attention[from * tokens + to]) }
            }
            row = next
        }
        return row.map { Float($0) }
    }

    /// 0.5 A + 0.5 I of the last layer, the [CLS] row [tokens].
    static func topRow(_ trace: Trace, _ model: any TextClassifier) -> [Double] {
        let last = model.configuration.layers - 1
        let attention = CLSAttention.mean(
            trace.required(.clsAttention(layer: last)), heads: model.configuration.heads)
        return attention.indices.map { 0.5 * Double(attention[$0]) + ($0 == 0 ? 0.5 : 0) }
    }
}

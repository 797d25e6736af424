import Encoders
import Tokenization

/// The part of the final layer's [CLS] attention that reaches its output (Brunner et al. 2020,
/// effective attention; Sun & Marasović 2021): what is left of each head's row without its
/// component in the left null space of T = E W_V H, since A + Ã gives the same A T for every Ã in
/// that space. Mean over heads, in absolute value, since effective attention may be negative.
///
/// The rows of a head's output projection H are taken to be independent, so that T has the null
/// space of the head's values E W_V. A head of size d has values of rank d at most: for no more
/// tokens than that, effective attention is attention.
package struct EffectiveAttention: TraceScorer {
    /// The scorer; it has no settings.
    package init() {}

    static let entry = SaliencyScorers.Entry(
        "effective-attention",
        "attention without what its values cancel out (Brunner et al. 2020)",
        scorer: EffectiveAttention())

    /// `effective-attention`.
    package var name: String { Self.entry.name }

    /// The last layer's [CLS] rows and values.
    package func quantities(_ configuration: any ClassifierConfiguration) -> Set<TraceQuantity> {
        let last = configuration.layers - 1
        return [.clsAttention(layer: last), .values(layer: last)]
    }

    /// Each head's row is projected onto the space that its values' columns span.
    package func pieceScores(
        _ trace: Trace, _ chunk: TokenizedDocument, _ model: any TextClassifier
    ) -> [Float] {
        let (tokens, heads) = (trace.tokens, model.configuration.heads)
        let last = model.configuration.layers - 1
        let attention = trace.required(.clsAttention(layer: last))
        let values = trace.required(.values(layer: last))
        let hidden = values.count / max(tokens, 1)
        var sum = [Double](repeating: 0, count: tokens)
        for head in 0..<heads {
            let columns = (0..<(hidden / heads)).map { column in
                (0..<tokens).map { Double(values[$0 * hidden + head * (hidden / heads) + column]) }
            }
            let row = attention[(head * tokens)..<((head + 1) * tokens)].map { Double($0) }
            let effective = OrthonormalBasis(spanning: columns).projection(of: row)
            for token in 0..<tokens { sum[token] += effective[token] }
        }
        return sum.map { Float(abs($0) / Double(heads)) }
    }
}

import Metrics

/// What becomes of the predictions on a set of documents when part of each is taken away: with the
/// rationale taken away its mean drop is the set's comprehensiveness, with all else taken away its
/// sufficiency.
public struct AblationMeasure: Sendable, Hashable {
    /// The mean of p(ŷ | document) - p(ŷ | what is left).
    public let drop: Double

    /// The mean of H(p from the document) - H(p from what is left), in nats.
    public let entropy: Double

    /// The mean Kullback-Leibler divergence of the distribution from what is left from that of the
    /// document, in nats; infinite where a document's class has probability 0 and gains some.
    public let divergence: Double

    /// Averages over documents; nil without documents.
    ///
    /// - Parameters:
    ///   - full: `[documents][classes]`: probabilities from whole documents.
    ///   - ablated: `[documents][classes]`: those from what is left of them.
    ///   - predicted: the class predicted from each whole document.
    package init?(full: [[Double]], ablated: [[Double]], predicted: [Int]) {
        precondition(
            full.count == ablated.count && full.count == predicted.count, "one a document")
        guard !full.isEmpty else { return nil }
        let count = Double(full.count)
        drop =
            full.indices.reduce(0) {
                $0 + Faithfulness.drop(full[$1], ablated[$1], predicted[$1])
            } / count
        entropy =
            full.indices.reduce(0) {
                $0 + Faithfulness.entropy(full[$1]) - Faithfulness.entropy(ablated[$1])
            } / count
        divergence =
            full.indices.reduce(0) {
                $0 + Faithfulness.divergence(ablated[$1], from: full[$1])
            } / count
    }
}

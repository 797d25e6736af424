import Metrics
import Randomness

/// How often two rankings of the same texts' positions agree on what matters most (Snell et al. 2021,
/// section 3).
package enum RelevanceAgreement {
    /// The share of a text's positions that count as its top: ⌈0.05 L⌉ of L.
    package static let topShare = 0.05

    /// A(u, v): the share of texts in which v is, at u's maximum, among v's largest ⌈0.05 L⌉.
    ///
    /// - Parameters:
    ///   - u: a number for each position of each text; of equal maxima the first.
    ///   - v: another one.
    /// - Returns: nil without texts.
    package static func share(_ u: [[Double]], _ v: [[Double]]) -> Double? {
        precondition(u.count == v.count, "two rankings of the same texts")
        guard !u.isEmpty else { return nil }
        let matches = zip(u, v).count { TopRanks.matches($0, $1, share: topShare) }
        return Double(matches) / Double(u.count)
    }

    /// Â(u, v): the same with v shuffled within each text, on average over some shuffles.
    package static func baseline(
        _ u: [[Double]], _ v: [[Double]], shuffles: Int = 10, seed: UInt64 = 0
    ) -> Double? {
        var generator = SeededGenerator(seed: seed, stream: "shuffled relevance")
        let shares = (0..<shuffles).compactMap { _ in
            share(u, v.map { generator.shuffled($0) })
        }
        return shares.isEmpty ? nil : shares.reduce(0, +) / Double(shares.count)
    }

    /// The mean of Kendall's τ-b over the texts in which it is defined: an alternative to A that reads
    /// all positions. Nil where it is defined in none.
    package static func kendall(_ u: [[Double]], _ v: [[Double]]) -> Double? {
        precondition(u.count == v.count, "two rankings of the same texts")
        let correlations = zip(u, v).compactMap { KendallCorrelation($0, $1)?.tau }
        return correlations.isEmpty
            ? nil : correlations.reduce(0, +) / Double(correlations.count)
    }
}

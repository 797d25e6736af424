import Foundation
import TestSupport
import Testing
import Warrant

/// Rank correlations, divergences and matches beside SciPy's, as `reference/diagnostics` recorded them.
@Suite(
    "Statistics of rankings and distributions",
    .enabled(if: Outside.hasShared, "the recordings are not here"))
struct RankStatisticsTests {
    private struct Recording: Decodable {
        struct Correlation: Decodable {
            let name: String
            let a, b: [Double]
            let concordant, discordant, tied_only_a, tied_only_b, tied_both: Int
            let kendall_tau_b, kendall_p, spearman, spearman_p: Double?
        }
        struct Divergences: Decodable {
            let name: String
            let p, q: [Double]
            let kl_pq, kl_qp, jsd, tvd: Double
        }
        struct TopDistance: Decodable {
            let a, b: [Double]
            let k: Int
            let distance: Double
        }
        struct TopMatch: Decodable {
            let alpha, beta: [Double]
            let percent, match: Int
        }
        let correlations: [Correlation]
        let divergences: [Divergences]
        let kendall_top_k: [TopDistance]
        let top_percent_match: [TopMatch]
    }

    private let recording: Recording

    init() throws {
        let path = Outside.shared.appendingPathComponent("reference/diagnostics/statistics.json")
        recording = try JSONDecoder().decode(Recording.self, from: Data(contentsOf: path))
    }

    private func isNear(_ value: Double?, _ expected: Double?) -> Bool {
        guard let value, let expected else { return value == nil && expected == nil }
        return abs(value - expected) <= 1e-9 * abs(expected) + 1e-15
    }

    @Test func kendallsCorrelationIsSciPys() {
        #expect(recording.correlations.count == 15)
        for known in recording.correlations {
            let found = KendallCorrelation(known.a, known.b)
            #expect(isNear(found?.tau, known.kendall_tau_b), "\(known.name)")
            #expect(isNear(found?.pValue, known.kendall_p), "\(known.name)")
            guard let found else { continue }
            let counts = [
                found.concordant, found.discordant, found.tiedFirst, found.tiedSecond,
                found.tiedBoth,
            ]
            let expected = [
                known.concordant, known.discordant, known.tied_only_a, known.tied_only_b,
                known.tied_both,
            ]
            #expect(counts == expected, "\(known.name)")
        }
    }

    @Test func spearmansCorrelationIsSciPys() {
        for known in recording.correlations {
            let found = SpearmanCorrelation(known.a, known.b)
            #expect(isNear(found?.rho, known.spearman), "\(known.name)")
            // SciPy rounds a ρ of 1 to a little less, whose p-value is 1e-24 and not 0.
            if known.spearman.map({ abs($0) > 1 - 1e-12 }) != true {
                #expect(isNear(found?.pValue, known.spearman_p), "\(known.name)")
            }
        }
        #expect(SpearmanCorrelation([1, 2, 3], [1, 2, 3])?.pValue == 0)
    }

    @Test func divergencesAreThoseRecorded() {
        for known in recording.divergences {
            #expect(isNear(Divergence.kullbackLeibler(known.p, known.q), known.kl_pq))
            #expect(isNear(Divergence.kullbackLeibler(known.q, known.p), known.kl_qp))
            #expect(isNear(Divergence.jensenShannon(known.p, known.q), known.jsd), "\(known.name)")
            #expect(isNear(Divergence.totalVariation(known.p, known.q), known.tvd))
        }
    }

    @Test func headsOfRankingsAreComparedAsRecorded() {
        for known in recording.kendall_top_k {
            #expect(
                isNear(
                    TopRanks.kendallDistance(known.a, known.b, top: known.k), known.distance))
        }
        for known in recording.top_percent_match {
            let share = Double(known.percent) / 100
            #expect(TopRanks.matches(known.alpha, known.beta, share: share) == (known.match == 1))
        }
        #expect(TopRanks.kendallDistance([3, 2, 1], [3, 2, 1], top: 2) == 0)
    }

    // All 24 orders of four elements: the share of those at least as far from the middle.
    @Test func exactPValuesCountOrders() {
        func orders(_ rest: [Double]) -> [[Double]] {
            rest.isEmpty
                ? [[]]
                : rest.indices.flatMap { index in
                    var others = rest
                    let first = others.remove(at: index)
                    return orders(others).map { [first] + $0 }
                }
        }
        let sorted: [Double] = [1, 2, 3, 4]
        let taus = orders(sorted).map { KendallCorrelation(sorted, $0)?.tau ?? .nan }
        for order in orders(sorted) {
            guard let found = KendallCorrelation(sorted, order) else {
                Issue.record("no correlation of \(order)")
                continue
            }
            let share = Double(taus.count { abs($0) >= abs(found.tau) - 1e-12 }) / 24
            #expect(abs(found.pValue - min(1, share)) < 1e-12, "\(order)")
        }
    }
}

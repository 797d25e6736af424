#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Spearman's ρ of two rankings: Pearson's correlation of their ranks, those of equal elements being
/// their mean (Spearman 1904), and the p-value of its being 0 by Student's t distribution.
public struct SpearmanCorrelation: Sendable, Hashable {
    /// ρ, from -1 to 1.
    public let rho: Double
    /// The two-sided probability of a ρ at least as far from 0 if the order of one side were random; nil for
    /// two elements, of which there is none.
    public let pValue: Double?

    /// The correlation; nil where it is undefined: one side is constant, or there are fewer than two
    /// elements.
    ///
    /// - Parameters:
    ///   - first: one ranking; no element is NaN.
    ///   - second: the other, of the same length.
    /// - Complexity: O(n log n).
    public init?(_ first: [Double], _ second: [Double]) {
        precondition(first.count == second.count, "two rankings of the same elements")
        guard let rho = Self.pearson(Self.ranks(first), Self.ranks(second)) else { return nil }
        self.rho = rho
        let freedom = Double(first.count - 2)
        // P(|T| ≥ t) = I_x(freedom / 2, 1 / 2), x = freedom / (freedom + t²) = 1 - ρ².
        pValue =
            freedom == 0
            ? nil : regularizedBeta((1 - rho) * (1 + rho), freedom / 2, 0.5)
    }

    /// Each element's rank from 1; the mean rank of equal elements.
    static func ranks(_ values: [Double]) -> [Double] {
        let order = values.indices.sorted { (values[$0], $0) < (values[$1], $1) }
        var ranks = [Double](repeating: 0, count: values.count)
        var start = 0
        while start < order.count {
            var end = start
            while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
            for place in start..<end { ranks[order[place]] = Double(start + end + 1) / 2 }
            start = end
        }
        return ranks
    }

    /// Pearson's correlation; nil where one side is constant.
    static func pearson(_ a: [Double], _ b: [Double]) -> Double? {
        let n = Double(a.count)
        let (meanA, meanB) = (a.reduce(0, +) / n, b.reduce(0, +) / n)
        var (ab, aa, bb) = (0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            ab += (x - meanA) * (y - meanB)
            aa += (x - meanA) * (x - meanA)
            bb += (y - meanB) * (y - meanB)
        }
        guard aa > 0, bb > 0 else { return nil }
        return max(-1, min(1, ab / (aa * bb).squareRoot()))
    }
}

/// The regularized incomplete beta function I_x(a, b), by its continued fraction (*Handbook of
/// Mathematical Functions*, 26.5.8) with Lentz's algorithm.
///
/// - Parameters:
///   - x: 0 to 1.
///   - a: above 0, and so is `b`.
func regularizedBeta(_ x: Double, _ a: Double, _ b: Double) -> Double {
    if x <= 0 { return 0 }
    if x >= 1 { return 1 }
    // The fraction converges quickly on this side of the mean.
    if x > (a + 1) / (a + b + 2) { return 1 - regularizedBeta(1 - x, b, a) }
    let front = exp(lgamma(a + b) - lgamma(a) - lgamma(b) + a * log(x) + b * log1p(-x)) / a
    func guarded(_ value: Double) -> Double { abs(value) < 1e-300 ? 1e-300 : value }
    var (c, d) = (1.0, 1 / guarded(1 - (a + b) * x / (a + 1)))
    var fraction = d
    for step in 1...10_000 {
        let m = Double(step)
        let even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        let odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
        var change = 1.0
        for term in [even, odd] {
            d = 1 / guarded(1 + term * d)
            c = guarded(1 + term / c)
            change *= c * d
        }
        fraction *= change
        if abs(change - 1) < 1e-15 { break }
    }
    return front * fraction
}

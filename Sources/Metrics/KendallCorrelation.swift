#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Kendall's τ-b of two rankings, with ties, and the p-value of its being 0 (Kendall 1945; *Rank
/// Correlation Methods*, 1970, chapters 3 and 5).
///
/// τ-b = (C - D) / √((T - t_a)(T - t_b)), with C concordant and D discordant ones of T = n (n - 1) / 2
/// pairs, and t the pairs that are tied on a side. The p-value is two-sided, as SciPy's
/// `kendalltau(method="auto")`: exact where there are no ties and n ≤ 33 (or at most one pair is out of
/// order), normal otherwise.
///
///     KendallCorrelation([1, 2, 3, 4], [1, 3, 2, 4])?.tau  // 0.67
public struct KendallCorrelation: Sendable, Hashable {
    /// τ-b, from -1 to 1.
    public let tau: Double
    /// The probability of a τ-b at least as far from 0 if the order of one side were random.
    public let pValue: Double
    /// Pairs that both sides order alike.
    public let concordant: Int
    /// Pairs that the sides order otherwise.
    public let discordant: Int
    /// Pairs that are equal on the first side alone, on the second alone, and on both.
    public let tiedFirst, tiedSecond, tiedBoth: Int

    /// The correlation; nil where it is undefined: one side is constant, or there are fewer than two
    /// elements.
    ///
    /// - Parameters:
    ///   - first: one ranking; no element is NaN.
    ///   - second: the other, of the same length.
    /// - Complexity: O(n²); for an exact p-value O(n³).
    public init?(_ first: [Double], _ second: [Double]) {
        precondition(first.count == second.count, "two rankings of the same elements")
        var (concordant, discordant, tiedFirst, tiedSecond, tiedBoth) = (0, 0, 0, 0, 0)
        for i in first.indices {
            for j in 0..<i {
                switch (first[i] == first[j], second[i] == second[j]) {
                case (true, true): tiedBoth += 1
                case (true, false): tiedFirst += 1
                case (false, true): tiedSecond += 1
                case (false, false):
                    if (first[i] < first[j]) == (second[i] < second[j]) {
                        concordant += 1
                    } else {
                        discordant += 1
                    }
                }
            }
        }
        let differing = concordant + discordant
        let (inFirst, inSecond) = (differing + tiedSecond, differing + tiedFirst)
        guard inFirst > 0, inSecond > 0 else { return nil }
        self.concordant = concordant
        self.discordant = discordant
        self.tiedFirst = tiedFirst
        self.tiedSecond = tiedSecond
        self.tiedBoth = tiedBoth
        let raw =
            Double(concordant - discordant)
            / (Double(inFirst).squareRoot() * Double(inSecond).squareRoot())
        tau = max(-1, min(1, raw))
        let inversions = min(discordant, concordant)
        if tiedFirst + tiedSecond + tiedBoth == 0, first.count <= 33 || inversions <= 1 {
            pValue = Self.exactPValue(inversions: inversions, of: first.count)
        } else {
            pValue = Self.normalPValue(concordant - discordant, first, second)
        }
    }

    /// min(1, 2 P(at most so many inversions)) over all orders of `count` elements.
    private static func exactPValue(inversions: Int, of count: Int) -> Double {
        if 4 * inversions == count * (count - 1) { return 1 }
        // The share of the orders of the first elements that have k inversions.
        var shares = [1.0]
        shares += [Double](repeating: 0, count: inversions)
        for size in stride(from: 2, through: count, by: 1) {
            var next = shares
            for k in 0...inversions {
                let fewest = max(0, k - size + 1)
                next[k] = shares[fewest...k].reduce(0, +) / Double(size)
            }
            shares = next
        }
        return min(1, 2 * shares.reduce(0, +))
    }

    /// erfc(|C - D| / √(2 var)), with the variance under ties.
    private static func normalPValue(
        _ difference: Int, _ first: [Double], _ second: [Double]
    ) -> Double {
        let n = Double(first.count)
        let pairs = n * (n - 1)
        let (a, b) = (TieSums(first), TieSums(second))
        var variance = (pairs * (2 * n + 5) - a.cubic - b.cubic) / 18
        variance += 2 * a.pairs * b.pairs / pairs
        variance += a.triples * b.triples / (9 * pairs * (n - 2))
        return erfc(Double(abs(difference)) / (2 * variance).squareRoot())
    }

    /// Sums over the groups of t equal elements of a ranking.
    private struct TieSums {
        /// Σ t (t - 1) / 2.
        var pairs = 0.0
        /// Σ t (t - 1) (t - 2).
        var triples = 0.0
        /// Σ t (t - 1) (2t + 5).
        var cubic = 0.0

        init(_ ranking: [Double]) {
            let counts = ranking.reduce(into: [Double: Int]()) { $0[$1, default: 0] += 1 }
            // In an order of their own: sums of doubles depend on it.
            for count in counts.values.sorted() {
                let t = Double(count)
                pairs += t * (t - 1) / 2
                triples += t * (t - 1) * (t - 2)
                cubic += t * (t - 1) * (2 * t + 5)
            }
        }
    }
}

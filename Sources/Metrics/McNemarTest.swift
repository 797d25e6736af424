#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// McNemar's exact test of two paired yes-or-no outcomes (McNemar 1947; as a sign test of the pairs that
/// differ, Siegel, *Nonparametric Statistics*, 1956, chapter 5).
public enum McNemarTest {
    /// One-sided: the probability that of all pairs that differ at least `more` favour the first outcome, if
    /// each were as likely to favour either: Σ over k ≥ b of C(b + c, k) / 2^(b + c).
    ///
    ///     McNemarTest.pValue(more: 8, fewer: 2)  // 0.055
    ///
    /// - Parameters:
    ///   - more: b, the pairs that favour the first outcome.
    ///   - fewer: c, those that favour the second.
    /// - Returns: 1 where no pair differs.
    /// - Complexity: O(more + fewer).
    public static func pValue(more: Int, fewer: Int) -> Double {
        precondition(more >= 0 && fewer >= 0, "counts of pairs")
        // The smaller of the two tails is summed: its terms fall from the first one on.
        guard more > fewer else { return more == 0 ? 1 : 1 - upperTail(fewer + 1, more - 1) }
        return upperTail(more, fewer)
    }

    /// P(at least b of b + c) for b > c: the first term through its logarithm, since 2^(b + c) may be
    /// beyond all doubles, each further one from the one before.
    private static func upperTail(_ b: Int, _ c: Int) -> Double {
        let n = b + c
        var logTerm = -Double(n) * log(2)
        for i in 0..<c { logTerm += log(Double(n - i) / Double(i + 1)) }
        var (term, sum) = (exp(logTerm), 0.0)
        for k in b...n {
            sum += term
            term *= Double(n - k) / Double(k + 1)
        }
        return min(1, sum)
    }
}

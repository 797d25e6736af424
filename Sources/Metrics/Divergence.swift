#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// How far two distributions over the same outcomes are apart, as the attention debate measures it
/// (Jain & Wallace 2019, section 3; `model/modelUtils.py` of `successar/AttentionExplanation`).
public enum Divergence {
    /// Added to probabilities under a logarithm, so that 0 has one.
    private static let least = 1e-10

    /// Kullback and Leibler's Σ p ln((p + 10⁻¹⁰) / (q + 10⁻¹⁰)), in nats.
    ///
    /// - Parameters:
    ///   - p: probabilities; what lies outside of 0...1 by rounding is clipped.
    ///   - q: as many.
    public static func kullbackLeibler(_ p: [Double], _ q: [Double]) -> Double {
        precondition(p.count == q.count, "two distributions over the same outcomes")
        return zip(p, q).reduce(0) { sum, pair in
            let (p, q) = (clipped(pair.0), clipped(pair.1))
            return sum + p * log((p + least) / (q + least))
        }
    }

    /// Jensen and Shannon's ½ KL(p‖m) + ½ KL(q‖m) with m = ½ (p + q), in nats: 0 to ln 2.
    public static func jensenShannon(_ p: [Double], _ q: [Double]) -> Double {
        let m = zip(p, q).map { (clipped($0) + clipped($1)) / 2 }
        return (kullbackLeibler(p, m) + kullbackLeibler(q, m)) / 2
    }

    /// The total variation distance ½ Σ |p - q|, 0 to 1. Of two classes it is the difference of the
    /// probabilities of one of them.
    public static func totalVariation(_ p: [Double], _ q: [Double]) -> Double {
        precondition(p.count == q.count, "two distributions over the same outcomes")
        return zip(p, q).reduce(0) { $0 + abs($1.0 - $1.1) } / 2
    }

    private static func clipped(_ probability: Double) -> Double { max(0, min(1, probability)) }
}

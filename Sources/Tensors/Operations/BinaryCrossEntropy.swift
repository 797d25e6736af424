#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The logistic function and cross-entropy of one logit for two classes, in double precision.
package enum BinaryCrossEntropy {
    /// σ(x) = 1 / (1 + e⁻ˣ), the probability of class 1.
    package static func probability(_ logit: Float) -> Double { 1 / (1 + exp(-Double(logit))) }

    /// -log p(label) = max(x, 0) - x · label + log(1 + e^-|x|), and its gradient with respect to the
    /// logit: σ(x) - label.
    ///
    /// - Parameter label: 0 or 1.
    package static func loss(_ logit: Float, label: Int) -> (loss: Double, gradient: Double) {
        precondition(label == 0 || label == 1, "one logit tells two classes apart")
        let (x, y) = (Double(logit), Double(label))
        return (max(x, 0) - x * y + log1p(exp(-abs(x))), probability(logit) - y)
    }
}

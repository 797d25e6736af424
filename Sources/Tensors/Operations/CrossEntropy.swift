#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Softmax and cross-entropy of one row of logits, in double precision.
package enum CrossEntropy {
    /// Probabilities of `logits`: e^(x - max) / Σ e^(x - max).
    package static func probabilities(_ logits: some Collection<Float>) -> [Double] {
        let largest = Double(logits.max() ?? 0)
        let powers = logits.map { exp(Double($0) - largest) }
        let sum = powers.reduce(0, +)
        return powers.map { $0 / sum }
    }

    /// -log p(label) of a row, and its gradient with respect to the logits: p - 1(label).
    package static func loss(
        _ logits: some Collection<Float>, label: Int
    ) -> (loss: Double, gradient: [Double]) {
        var gradient = probabilities(logits)
        let largest = Double(logits.max() ?? 0)
        let logSum = log(logits.reduce(0) { $0 + exp(Double($1) - largest) }) + largest
        let logit = Double(logits[logits.index(logits.startIndex, offsetBy: label)])
        gradient[label] -= 1
        return (logSum - logit, gradient)
    }
}

extension Array where Element: Comparable {
    /// Where the largest element stands, the first of equal ones: the class that logits predict.
    package var indexOfLargest: Int { indices.reduce(0) { self[$1] > self[$0] ? $1 : $0 } }
}

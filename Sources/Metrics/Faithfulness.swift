#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Whether a model's prediction rests on its rationale, told from probabilities alone.
///
/// With ŷ the class predicted from the whole document,
///
///     comprehensiveness = p(ŷ | document) - p(ŷ | document without rationale)   high: all is in it
///     sufficiency       = p(ŷ | document) - p(ŷ | rationale alone)              low: it is enough
///
/// Source: DeYoung et al., ACL 2020, section 4.2.
package enum Faithfulness {
    /// The shares of a document's tokens, highest scores first, at which ERASER asks again.
    package static let thresholds = [0.01, 0.05, 0.1, 0.2, 0.5]

    /// One document's comprehensiveness, -1 to 1.
    ///
    /// - Parameters:
    ///   - full: the classes' probabilities from the whole document.
    ///   - withoutRationale: those from the document without its rationale.
    ///   - predicted: the class predicted from the whole document.
    package static func comprehensiveness(
        full: [Double], withoutRationale: [Double], predicted: Int
    ) -> Double { drop(full, withoutRationale, predicted) }

    /// One document's sufficiency, -1 to 1.
    ///
    /// - Parameters:
    ///   - full: the classes' probabilities from the whole document.
    ///   - rationaleOnly: those from the rationale alone.
    ///   - predicted: the class predicted from the whole document.
    package static func sufficiency(
        full: [Double], rationaleOnly: [Double], predicted: Int
    ) -> Double { drop(full, rationaleOnly, predicted) }

    package static func drop(_ full: [Double], _ ablated: [Double], _ predicted: Int) -> Double {
        precondition(full.count == ablated.count, "the same classes in both")
        return full[predicted] - ablated[predicted]
    }

    /// -Σ p ln p of a distribution, which is normalised first.
    package static func entropy(_ weights: [Double]) -> Double {
        let sum = weights.reduce(0, +)
        return weights.reduce(0) { entropy, weight in
            weight > 0 ? entropy - weight / sum * log(weight / sum) : entropy
        }
    }

    /// Σ p ln (p / q), both normalised first; infinite where q is 0 and p is not.
    package static func divergence(_ weights: [Double], from others: [Double]) -> Double {
        let sum = weights.reduce(0, +)
        let otherSum = others.reduce(0, +)
        return zip(weights, others).reduce(0) { divergence, pair in
            guard pair.0 > 0 else { return divergence }
            let probability = pair.0 / sum
            return divergence + probability * log(probability / (pair.1 / otherSum))
        }
    }
}

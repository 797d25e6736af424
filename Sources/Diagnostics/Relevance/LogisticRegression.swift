#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A logistic regression: the weights w and the intercept b that minimise
///
///     ½ |w|² + C Σ log(1 + e^(-z (w · x + b))),  z = 2y - 1,
///
/// found by accelerated gradient descent (Nesterov 2004, scheme 2.2.11) with the step that the largest
/// curvature allows.
package struct LogisticRegression: Sendable {
    /// One for each feature.
    package private(set) var weights: [Double]
    /// b, which is not penalised.
    package private(set) var intercept = 0.0

    /// Fits the weights.
    ///
    /// - Parameters:
    ///   - rows: the features of each row that are not 0.
    ///   - labels: 0 or 1 for each row.
    ///   - features: how many there are.
    ///   - lossWeight: C.
    ///   - tolerance: the norm of the gradient at which the fit ends.
    /// - Complexity: O(√(C · rows) · entries) for each digit.
    package init(
        _ rows: [[(feature: Int, value: Double)]], labels: [Int], features: Int,
        lossWeight: Double = 1, tolerance: Double = 1e-6, iterations: Int = 20_000
    ) {
        precondition(rows.count == labels.count, "a label for each row")
        weights = Array(repeating: 0, count: features)
        // A logistic loss bends by at most ¼ |(x, 1)|²; a row weighs as much as the largest.
        let squares = rows.map { $0.reduce(1) { $0 + $1.value * $1.value } }
        let curvature = 1 + lossWeight / 4 * squares.reduce(0, +)
        let ratio = curvature.squareRoot()
        let momentum = (ratio - 1) / (ratio + 1)
        var (point, offset) = (weights, 0.0)
        for _ in 0..<iterations {
            var (gradient, slope) = (point, 0.0)
            for (row, label) in zip(rows, labels) {
                let z = row.reduce(offset) { $0 + point[$1.feature] * $1.value }
                let error = lossWeight * (1 / (1 + exp(-z)) - Double(label))
                slope += error
                for (feature, value) in row { gradient[feature] += error * value }
            }
            let size = gradient.reduce(slope * slope) { $0 + $1 * $1 }.squareRoot()
            if size < tolerance {
                (weights, intercept) = (point, offset)
                return
            }
            for feature in point.indices {
                let next = point[feature] - gradient[feature] / curvature
                point[feature] = next + momentum * (next - weights[feature])
                weights[feature] = next
            }
            let next = offset - slope / curvature
            offset = next + momentum * (next - intercept)
            intercept = next
        }
    }
}

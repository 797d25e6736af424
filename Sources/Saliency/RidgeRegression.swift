/// Weighted least squares with a constant and a penalty on the squared coefficients (Hoerl &
/// Kennard 1970): minimises Σ w (y - c - b·x)² + penalty · |b|². Samples are added one by one and
/// not kept.
package struct RidgeRegression: Sendable {
    private let count: Int
    private var weight = 0.0
    private var target = 0.0
    /// Σ w x [features].
    private var sums: [Double]
    /// Σ w x y [features].
    private var targets: [Double]
    /// Σ w x xᵀ, on and below the diagonal [features, features].
    private var products: [Double]

    /// No samples yet.
    package init(features count: Int) {
        self.count = count
        sums = Array(repeating: 0, count: count)
        targets = sums
        products = Array(repeating: 0, count: count * count)
    }

    /// Adds a sample with its weight.
    ///
    /// - Complexity: O(features²).
    package mutating func add(_ features: [Double], target y: Double, weight w: Double) {
        precondition(features.count == count, "a number for each feature")
        weight += w
        target += w * y
        for row in 0..<count where features[row] != 0 {
            let weighted = w * features[row]
            sums[row] += weighted
            targets[row] += weighted * y
            for column in 0...row { products[row * count + column] += weighted * features[column] }
        }
    }

    /// The coefficients, for a penalty above 0; the constant is not penalised. All zero without
    /// samples.
    ///
    /// - Complexity: O(features³).
    package func coefficients(penalty: Double) -> [Double] {
        guard weight > 0 else { return sums.map { _ in 0 } }
        // Around the means, where the constant is zero.
        var matrix = products
        for row in 0..<count {
            for column in 0...row {
                matrix[row * count + column] -= sums[row] * sums[column] / weight
            }
            matrix[row * count + row] += penalty
        }
        let right = (0..<count).map { targets[$0] - sums[$0] * target / weight }
        return solve(&matrix, right)
    }

    /// Cholesky's decomposition of a symmetric, positive definite matrix, in place, and both
    /// triangular systems.
    private func solve(_ matrix: inout [Double], _ right: [Double]) -> [Double] {
        for row in 0..<count {
            for column in 0...row {
                var sum = matrix[row * count + column]
                for place in 0..<column {
                    sum -= matrix[row * count + place] * matrix[column * count + place]
                }
                matrix[row * count + column] =
                    row == column ? sum.squareRoot() : sum / matrix[column * count + column]
            }
        }
        var solution = right
        for row in 0..<count {
            for place in 0..<row { solution[row] -= matrix[row * count + place] * solution[place] }
            solution[row] /= matrix[row * count + row]
        }
        for row in (0..<count).reversed() {
            for place in (row + 1)..<max(count, row + 1) {
                solution[row] -= matrix[place * count + row] * solution[place]
            }
            solution[row] /= matrix[row * count + row]
        }
        return solution
    }
}

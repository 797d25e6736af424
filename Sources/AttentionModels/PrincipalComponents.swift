/// The orthogonal directions in which points differ most (Pearson 1901): eigenvectors of their covariance
/// with the largest eigenvalues, by Jacobi's rotations.
package struct PrincipalComponents: Sendable {
    /// The points' mean.
    package let mean: [Double]
    /// The directions, the one with the largest variance first; each has length 1, and its entry of the
    /// largest size is positive.
    package let directions: [[Double]]
    /// The variance along each.
    package let variances: [Double]

    /// The first directions of points.
    ///
    /// - Parameters:
    ///   - points: at least one, each as long as the others.
    ///   - count: how many directions, at most as many as a point has numbers.
    /// - Complexity: O(points · n² + n³ · sweeps) for n numbers a point.
    package init(_ points: [[Double]], count: Int) {
        let n = points.first?.count ?? 0
        precondition(count <= n, "no more directions than a point has numbers")
        let total = Double(max(1, points.count))
        let mean = (0..<n).map { column in points.reduce(0) { $0 + $1[column] } / total }
        var covariance = [Double](repeating: 0, count: n * n)
        covariance.withUnsafeMutableBufferPointer { covariance in
            for point in points {
                let centred = zip(point, mean).map { $0 - $1 }
                for row in 0..<n {
                    let value = centred[row]
                    for column in row..<n {
                        covariance[row * n + column] += value * centred[column]
                    }
                }
            }
            for row in 0..<n {
                for column in row..<n {
                    let value = covariance[row * n + column] / total
                    covariance[row * n + column] = value
                    covariance[column * n + row] = value
                }
            }
        }
        let (values, vectors) = Self.eigen(covariance, n)
        let order = values.indices.sorted { (values[$1], $0) < (values[$0], $1) }.prefix(count)
        self.mean = mean
        variances = order.map { values[$0] }
        directions = order.map { index in
            let vector = Array(vectors[(index * n)..<((index + 1) * n)])
            let largest = vector.indices.max { abs(vector[$0]) < abs(vector[$1]) } ?? 0
            return vector[largest] < 0 ? vector.map { -$0 } : vector
        }
    }

    /// A point's places along the directions.
    package func project(_ point: [Double]) -> [Double] {
        let centred = zip(point, mean).map { $0 - $1 }
        return directions.map { direction in
            zip(direction, centred).reduce(0) { $0 + $1.0 * $1.1 }
        }
    }

    /// Eigenvalues of a symmetric matrix, and the eigenvector of each as a row (Golub & Van Loan,
    /// *Matrix Computations*, section 8.5: the cyclic Jacobi method).
    private static func eigen(
        _ matrix: [Double], _ n: Int
    ) -> (values: [Double], vectors: [Double]) {
        var a = matrix
        var vectors = [Double](repeating: 0, count: n * n)
        for index in 0..<n { vectors[index * n + index] = 1 }
        let size = a.reduce(0) { $0 + $1 * $1 }
        a.withUnsafeMutableBufferPointer { a in
            vectors.withUnsafeMutableBufferPointer { vectors in
                for _ in 0..<60 {
                    var rest = 0.0
                    for p in 0..<n { for q in 0..<p { rest += a[p * n + q] * a[p * n + q] } }
                    guard rest > 1e-24 * size else { return }
                    for p in 0..<n {
                        for q in (p + 1)..<max(n, p + 1) { rotate(a, vectors, n, p, q) }
                    }
                }
            }
        }
        return ((0..<n).map { a[$0 * n + $0] }, vectors)
    }

    /// Makes the entry (p, q) zero.
    private static func rotate(
        _ a: UnsafeMutableBufferPointer<Double>, _ vectors: UnsafeMutableBufferPointer<Double>,
        _ n: Int, _ p: Int, _ q: Int
    ) {
        let off = a[p * n + q]
        guard off != 0 else { return }
        let ratio = (a[q * n + q] - a[p * n + p]) / (2 * off)
        let tangent =
            (ratio < 0 ? -1 : 1) / (abs(ratio) + (1 + ratio * ratio).squareRoot())
        let cosine = 1 / (1 + tangent * tangent).squareRoot()
        let sine = tangent * cosine
        // The rows first, whose entries lie side by side; the columns follow from symmetry.
        let (app, aqq) = (a[p * n + p], a[q * n + q])
        for k in 0..<n {
            let (x, y) = (a[p * n + k], a[q * n + k])
            a[p * n + k] = cosine * x - sine * y
            a[q * n + k] = sine * x + cosine * y
            let (u, v) = (vectors[p * n + k], vectors[q * n + k])
            vectors[p * n + k] = cosine * u - sine * v
            vectors[q * n + k] = sine * u + cosine * v
        }
        a[p * n + p] = app - tangent * off
        a[q * n + q] = aqq + tangent * off
        a[p * n + q] = 0
        a[q * n + p] = 0
        for k in 0..<n where k != p && k != q {
            a[k * n + p] = a[p * n + k]
            a[k * n + q] = a[q * n + k]
        }
    }
}

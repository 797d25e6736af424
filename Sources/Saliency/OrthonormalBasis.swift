/// An orthonormal basis of the space that some vectors span: modified Gram–Schmidt with column
/// pivoting, each vector orthogonalised twice (Golub & Van Loan 2013, chapter 5).
package struct OrthonormalBasis: Sendable {
    /// The vectors, of length 1 and at right angles to each other.
    package private(set) var vectors: [[Double]] = []

    /// How many vectors there are: the rank.
    package var rank: Int { vectors.count }

    /// The basis of `columns`, which are equally long and hold float32 numbers.
    ///
    /// A column whose part outside of the space so far is shorter than the longest column times
    /// max(length, columns) · 2⁻²³ is taken to lie within it: it is the rounding of float32.
    ///
    /// - Complexity: O(length · columns · rank).
    package init(spanning columns: [[Double]]) {
        var rest = columns
        var squares = rest.map { Self.dot($0, $0) }
        let length = columns.first?.count ?? 0
        let longest = (squares.max() ?? 0).squareRoot()
        let tolerance = longest * Double(max(length, columns.count)) * 0x1p-23
        while vectors.count < min(length, columns.count) {
            var best = 0
            for column in rest.indices where squares[column] > squares[best] { best = column }
            var vector = rest[best]
            // Again, since subtracting nearly equal vectors leaves little of their digits.
            for other in vectors { Self.subtract(&vector, Self.dot(vector, other), other) }
            let norm = Self.dot(vector, vector).squareRoot()
            guard norm > tolerance else { return }
            for place in vector.indices { vector[place] /= norm }
            vectors.append(vector)
            squares[best] = -1
            for column in rest.indices where squares[column] >= 0 {
                Self.subtract(&rest[column], Self.dot(rest[column], vector), vector)
                squares[column] = Self.dot(rest[column], rest[column])
            }
        }
    }

    /// The part of `vector` that lies in the space.
    package func projection(of vector: [Double]) -> [Double] {
        var sum = [Double](repeating: 0, count: vector.count)
        for basis in vectors { Self.subtract(&sum, -Self.dot(vector, basis), basis) }
        return sum
    }

    private static func dot(_ left: [Double], _ right: [Double]) -> Double {
        var sum = 0.0
        for place in left.indices { sum += left[place] * right[place] }
        return sum
    }

    /// left -= factor · right
    private static func subtract(_ left: inout [Double], _ factor: Double, _ right: [Double]) {
        for place in left.indices { left[place] -= factor * right[place] }
    }
}

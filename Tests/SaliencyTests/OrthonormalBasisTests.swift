import Encoders
import Randomness
import Saliency
import Testing

@Suite struct OrthonormalBasisTests {
    private func columns(_ count: Int, length: Int, seed: UInt64) -> [[Double]] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in
            (0..<length).map { _ in Double(generator.next() % 2_001) / 1_000 - 1 }
        }
    }

    private func dot(_ left: [Double], _ right: [Double]) -> Double {
        zip(left, right).reduce(0) { $0 + $1.0 * $1.1 }
    }

    @Test func vectorsAreOrthonormalAndSpanTheColumns() {
        let given = columns(6, length: 20, seed: 1)
        let basis = OrthonormalBasis(spanning: given)
        #expect(basis.rank == 6)
        // Double precision's roundings.
        for (i, left) in basis.vectors.enumerated() {
            for (j, right) in basis.vectors.enumerated() {
                #expect(abs(dot(left, right) - (i == j ? 1 : 0)) < 1e-14)
            }
        }
        for column in given {
            let difference = zip(column, basis.projection(of: column)).map { abs($0 - $1) }
            #expect((difference.max() ?? 1) < 1e-13)
        }
    }

    @Test func whatIsLeftByAProjectionIsAtRightAnglesToTheColumns() {
        let given = columns(5, length: 12, seed: 2)
        let vector = columns(1, length: 12, seed: 3)[0]
        let basis = OrthonormalBasis(spanning: given)
        let rest = zip(vector, basis.projection(of: vector)).map { $0 - $1 }
        for column in given { #expect(abs(dot(column, rest)) < 1e-13) }
        #expect(dot(rest, rest) > 0.01)
    }

    @Test func dependentColumnsDoNotCount() {
        var given = columns(3, length: 10, seed: 4)
        // In float32, as the scorer's columns are.
        given.append(zip(given[0], given[1]).map { Double(Float($0 + 2 * $1)) })
        given.append([Double](repeating: 0, count: 10))
        #expect(OrthonormalBasis(spanning: given).rank == 3)
        #expect(OrthonormalBasis(spanning: []).rank == 0)
        #expect(OrthonormalBasis(spanning: [[0, 0]]).rank == 0)
        #expect(OrthonormalBasis(spanning: [[0, 0]]).projection(of: [1, 2]) == [0, 0])
    }

    @Test func moreColumnsThanPlacesSpanEverything() {
        let basis = OrthonormalBasis(spanning: columns(9, length: 4, seed: 5))
        #expect(basis.rank == 4)
        let projection = basis.projection(of: [1, -2, 3, 4])
        for (left, right) in zip(projection, [1.0, -2, 3, 4]) { #expect(abs(left - right) < 1e-13) }
    }
}

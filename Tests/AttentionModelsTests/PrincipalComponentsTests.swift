import AttentionModels
import Randomness
import Testing

@Suite("Principal components")
struct PrincipalComponentsTests {
    /// Points that differ by 3 along one diagonal, by 1 along another, by .1 along the rest.
    private func points(_ count: Int) -> [[Double]] {
        var generator = SeededGenerator(seed: 4)
        return (0..<count).map { _ in
            let (a, b) = (3 * generator.normal(), generator.normal())
            let noise = (0..<4).map { _ in 0.1 * generator.normal() }
            return [
                5 + (a + b) / 2.0.squareRoot() + noise[0], (a - b) / 2.0.squareRoot() + noise[1],
                noise[2], 1 + noise[3],
            ]
        }
    }

    @Test func directionsAreThoseInWhichPointsDiffer() {
        let points = points(4_000)
        let components = PrincipalComponents(points, count: 4)
        let half = 0.5.squareRoot()
        for (direction, expected) in zip(
            components.directions, [[half, half, 0, 0], [half, -half, 0, 0]])
        {
            for (value, wanted) in zip(direction, expected) {
                #expect(abs(abs(value) - abs(wanted)) < 0.05)
            }
        }
        #expect(abs(components.variances[0] - 9) < 0.5 && abs(components.variances[1] - 1) < 0.1)
        #expect(abs(components.variances[2] - 0.01) < 0.002)
        // Directions are orthonormal, and places along them have their variances and no covariance.
        let places = points.map(components.project)
        for first in 0..<4 {
            for second in 0..<4 {
                let product = zip(components.directions[first], components.directions[second])
                    .reduce(0) { $0 + $1.0 * $1.1 }
                #expect(abs(product - (first == second ? 1 : 0)) < 1e-9)
                let covariance =
                    places.reduce(0) { $0 + $1[first] * $1[second] } / Double(places.count)
                let wanted = first == second ? components.variances[first] : 0
                #expect(abs(covariance - wanted) < 1e-9)
            }
        }
    }

    @Test func fewerDirectionsAreTheFirstOfAll() {
        let points = points(50)
        let all = PrincipalComponents(points, count: 4)
        let two = PrincipalComponents(points, count: 2)
        #expect(two.directions == Array(all.directions.prefix(2)))
        #expect(two.project(points[7]) == Array(all.project(points[7]).prefix(2)))
        #expect(all.directions.allSatisfy { $0.max(by: { abs($0) < abs($1) }) ?? 0 > 0 })
    }

    @Test func pointsThatAreAllAlikeHaveNoVariance() {
        let components = PrincipalComponents(Array(repeating: [1, 2, 3], count: 5), count: 3)
        #expect(components.variances.allSatisfy { abs($0) < 1e-20 })
        #expect(components.project([1, 2, 3]) == [0, 0, 0])
    }
}

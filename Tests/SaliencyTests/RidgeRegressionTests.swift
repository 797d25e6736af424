import Encoders
import Randomness
import Saliency
import Testing

@Suite struct RidgeRegressionTests {
    @Test func oneFeatureByHand() {
        var regression = RidgeRegression(features: 1)
        regression.add([0], target: 1, weight: 1)
        regression.add([1], target: 3, weight: 3)
        // Weighted means 0.75 and 2.5; Σ w (x - 0.75)² = 0.75, Σ w (x - 0.75)(y - 2.5) = 1.5.
        #expect(abs(regression.coefficients(penalty: 1)[0] - 1.5 / 1.75) < 1e-15)
    }

    @Test func coefficientsAreWhereTheLossIsSmallest() {
        var generator = SeededGenerator(seed: 6)
        func draw() -> Double { Double(generator.next() % 1_000) / 500 - 1 }
        let samples = (0..<30).map { _ in
            (x: (0..<8).map { _ in draw() }, y: draw(), w: abs(draw()) + 0.1)
        }
        var regression = RidgeRegression(features: 8)
        for sample in samples { regression.add(sample.x, target: sample.y, weight: sample.w) }
        let b = regression.coefficients(penalty: 0.5)
        let rests = samples.map { sample in
            sample.y - zip(sample.x, b).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let weight = samples.reduce(0) { $0 + $1.w }
        let constant = zip(samples, rests).reduce(0) { $0 + $1.0.w * $1.1 } / weight
        for feature in 0..<8 {
            let slope = zip(samples, rests).reduce(-0.5 * b[feature]) {
                $0 + $1.0.w * $1.0.x[feature] * ($1.1 - constant)
            }
            #expect(abs(slope) < 1e-12, "feature \(feature)")
        }
    }

    @Test func moreFeaturesThanSamplesAreNoTrouble() {
        var regression = RidgeRegression(features: 5)
        #expect(regression.coefficients(penalty: 1) == [0, 0, 0, 0, 0])
        regression.add([1, 1, 0, 0, 1], target: 1, weight: 1)
        #expect(regression.coefficients(penalty: 1) == [0, 0, 0, 0, 0], "the constant explains it")
        #expect(RidgeRegression(features: 0).coefficients(penalty: 1).isEmpty)
    }
}

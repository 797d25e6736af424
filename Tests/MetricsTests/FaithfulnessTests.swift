import Foundation
import Testing
import Warrant

@Suite struct FaithfulnessTests {
    /// Roundings of a few sums.
    private let rounding = 1e-15

    @Test func dropsOfThePredictedClass() {
        let (full, without, only) = ([0.75, 0.25], [0.5, 0.5], [0.875, 0.125])
        #expect(
            Faithfulness.comprehensiveness(full: full, withoutRationale: without, predicted: 0)
                == 0.25)
        #expect(
            Faithfulness.comprehensiveness(full: full, withoutRationale: without, predicted: 1)
                == -0.25)
        #expect(
            Faithfulness.sufficiency(full: full, rationaleOnly: only, predicted: 0) == -0.125)
    }

    @Test func meansByHand() throws {
        let measure = try #require(
            AblationMeasure(
                full: [[0.5, 0.5], [0.75, 0.25]], ablated: [[1, 0], [0.75, 0.25]],
                predicted: [1, 0]))
        // (0.5 - 0) and 0.
        #expect(measure.drop == 0.25)
        // H(1/2, 1/2) - H(1, 0) = ln 2, and 0.
        #expect(abs(measure.entropy - log(2) / 2) < rounding)
        // KL((1, 0) ‖ (1/2, 1/2)) = ln 2, and 0.
        #expect(abs(measure.divergence - log(2) / 2) < rounding)
    }

    @Test func distributionsAreNormalised() throws {
        let measure = try #require(
            AblationMeasure(full: [[1, 1]], ablated: [[3, 3]], predicted: [0]))
        #expect(abs(measure.entropy) < rounding && abs(measure.divergence) < rounding)
    }

    @Test func aClassThatHadNoProbabilityDivergesWithoutEnd() throws {
        let measure = try #require(
            AblationMeasure(full: [[1, 0]], ablated: [[0.5, 0.5]], predicted: [0]))
        #expect(measure.divergence == .infinity)
    }

    @Test func areaOverThePerturbationCurveByHand() throws {
        // Predicted classes 0 and 1: drops 0.8 - 0.6, 0.8 - 0.4 and 0.6 - 0.5, 0.6 - 0.2.
        let curve = try #require(
            AreaOverPerturbationCurve(
                full: [[0.8, 0.2], [0.4, 0.6]],
                ablated: [[[0.6, 0.4], [0.4, 0.6]], [[0.5, 0.5], [0.8, 0.2]]],
                predicted: [0, 1]))
        #expect(zip(curve.points, [0.15, 0.4]).allSatisfy { abs($0 - $1) < rounding })
        #expect(abs(curve.area - 0.275) < rounding)
    }

    @Test func nothingToMeasureIsNil() {
        #expect(AblationMeasure(full: [], ablated: [], predicted: []) == nil)
        #expect(AreaOverPerturbationCurve(full: [], ablated: [], predicted: []) == nil)
        #expect(AreaOverPerturbationCurve(full: [[1]], ablated: [[]], predicted: [0]) == nil)
    }
}

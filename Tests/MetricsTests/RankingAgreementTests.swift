import Randomness
import Testing
import Warrant

/// A few roundings of sums of ratios are allowed for.
private let rounding = 1e-14

@Suite struct RankingAgreementTests {
    @Test func tiedScoresByHand() {
        let truth = [false, true, true, false]
        let scores = [0.8, 0.9, 0.8, 0.3]
        let curve = PrecisionRecallCurve(truth: truth, scores: scores)
        // At 0.9: 1 of 1, 1 of 2. At 0.8, both tied ones: 2 of 3, 2 of 2. At 0.3: 2 of 4.
        #expect(curve.points.map(\.precision) == [1, 1, 2.0 / 3, 0.5])
        #expect(curve.points.map(\.recall) == [0, 0.5, 1, 1])
        // 0.5 · (1 + 1) / 2 + 0.5 · (1 + 2/3) / 2 + 0.
        #expect(abs(curve.area - 11.0 / 12) < rounding)
        // 0.5 · 1 + 0.5 · 2/3.
        #expect(abs(curve.averagePrecision - 5.0 / 6) < rounding)
        // Of 4 pairs of a true and a false one 3 are in order and 1 is tied.
        #expect(
            ReceiverOperatingCharacteristic(truth: truth, scores: scores).area == 3.5 / 4)
    }

    @Test func perfectAndInvertedAndConstantScores() {
        let truth = [true, true, false, false, false]
        func areas(_ scores: [Double]) -> (Double, Double?) {
            (
                PrecisionRecallCurve(truth: truth, scores: scores).averagePrecision,
                ReceiverOperatingCharacteristic(truth: truth, scores: scores).area
            )
        }
        #expect(areas([5, 4, 3, 2, 1]) == (1, 1))
        #expect(areas([1, 2, 3, 4, 5]).1 == 0)
        // One group: precision is the share of true ones.
        #expect(areas([0, 0, 0, 0, 0]) == (0.4, 0.5))
        #expect(areas([-0.0, 0, 0, 0, -0.0]) == (0.4, 0.5), "zeros are equal, whatever their sign")
    }

    @Test func oneClassAlone() {
        // Nothing is true: recall counts as 1 at each threshold, so the only step is from
        // (recall 0, precision 1) to (1, 0): half a square.
        let none = PrecisionRecallCurve(truth: [false, false], scores: [1, 0])
        #expect(none.area == 0.5 && none.averagePrecision == 0)
        let all = PrecisionRecallCurve(truth: [true, true], scores: [1, 0])
        #expect(all.area == 1 && all.averagePrecision == 1)
        for truth in [[], [true], [false, false]] {
            let scores = truth.map { _ in 0.5 }
            #expect(ReceiverOperatingCharacteristic(truth: truth, scores: scores).area == nil)
        }
    }

    @Test func averagesLeaveOutWhatSaysNothing() {
        let mixed = ScoredDocument(truth: [true, false], scores: [0, 1])
        let none = ScoredDocument(truth: [false], scores: [1])
        let empty = ScoredDocument(truth: [], scores: [])
        let agreement = RankingAgreement([mixed, none, empty])
        // Mixed: points (0, 1), (0, 0), (1, 1/2): area 1/4, average precision 1/2. None: 1/2.
        #expect(agreement.precisionRecallArea == (0.25 + 0.5) / 2)
        #expect(agreement.averagePrecision == 0.5)
        #expect(agreement.receiverOperatingArea == 0)
        let nothing = RankingAgreement([empty])
        #expect(nothing.precisionRecallArea == nil && nothing.receiverOperatingArea == nil)
    }

    @Test(arguments: 0..<20) func boundsAndInvariance(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let size = Int.random(in: 2..<60, using: &generator)
        // Few distinct scores: many ties.
        let rows = (0..<size).map { index in
            (
                truth: index < 2 ? index == 0 : Bool.random(using: &generator),
                score: Double(Int.random(in: 0..<6, using: &generator)) / 5
            )
        }
        func measures(_ rows: [(truth: Bool, score: Double)]) throws -> [Double] {
            let (truth, scores) = (rows.map(\.truth), rows.map(\.score))
            let curve = PrecisionRecallCurve(truth: truth, scores: scores)
            let receiver = ReceiverOperatingCharacteristic(truth: truth, scores: scores)
            return [curve.area, curve.averagePrecision, try #require(receiver.area)]
        }
        let expected = try measures(rows)
        #expect(expected.allSatisfy { (0...1).contains($0) })
        #expect(try measures(rows.shuffled(using: &generator)) == expected)
        #expect(try measures(rows.map { ($0.truth, 3 * $0.score - 7) }) == expected)
        let inverted = try measures(rows.map { ($0.truth, -$0.score) })
        #expect(abs(inverted[2] - (1 - expected[2])) < rounding)
    }
}

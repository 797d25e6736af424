import Randomness
import Testing
import Warrant

@Suite struct CalibrationErrorTests {
    /// Roundings of a few sums.
    private let rounding = 1e-14

    @Test func binsByHand() throws {
        let error = CalibrationError(
            confidences: [0.3, 0.35, 0.9, 1, 0.6], correct: [true, false, true, true, false],
            binCount: 5)
        #expect(error.bins.map(\.count) == [0, 2, 1, 0, 2])
        // 0.6 belongs to the bin that it ends.
        #expect(error.bins[2].confidences == 0.4...0.6)
        #expect(error.bins[0].accuracy == nil && error.bins[0].confidence == nil)
        #expect(error.bins[1].accuracy == 0.5)
        // Gaps |0.5 - 0.325|, |0 - 0.6|, |1 - 0.95|: (2 · 0.175 + 0.6 + 2 · 0.05) / 5.
        #expect(abs(try #require(error.expected) - 0.21) < rounding)
        #expect(abs(try #require(error.maximum) - 0.6) < rounding)
    }

    @Test func noRowsHaveNoError() {
        let error = CalibrationError(confidences: [], correct: [])
        #expect(error.expected == nil && error.maximum == nil)
        #expect(error.bins.count == 15)
    }

    @Test func endsAndRoundingStayInBins() {
        let error = CalibrationError(
            confidences: [0, 1, 1 + 1e-7, -1e-9], correct: [false, true, true, false])
        #expect(error.bins[0].count == 2 && error.bins[14].count == 2)
        #expect(error.expected == 0)
    }

    @Test func distributionsGiveThePredictedClass() {
        let rows = [[0.25, 0.75], [0.5, 0.5]]
        // Equal ones: the first class is the prediction.
        #expect(
            CalibrationError(probabilities: rows, gold: [1, 0])
                == CalibrationError(confidences: [0.75, 0.5], correct: [true, true]))
    }

    @Test(arguments: 0..<10) func boundsAndInvariance(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        let rows = (0..<40).map { _ in
            (Double.random(in: 0...1, using: &generator), Bool.random(using: &generator))
        }
        func expected(_ rows: [(Double, Bool)]) throws -> Double {
            try #require(
                CalibrationError(confidences: rows.map(\.0), correct: rows.map(\.1)).expected)
        }
        let error = try expected(rows)
        #expect((0...1).contains(error))
        #expect(abs(try expected(rows.shuffled(using: &generator)) - error) < rounding)
        // The mean gap between confidence and accuracy is never above the error of its bins.
        let confidence = rows.reduce(0) { $0 + $1.0 } / 40
        let accuracy = Double(rows.count { $0.1 }) / 40
        #expect(abs(confidence - accuracy) <= error + rounding)
    }
}

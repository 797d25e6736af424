import Testing
import Warrant

@Suite struct ClassificationMetricsTests {
    @Test func countsByHand() {
        let metrics = ClassificationMetrics(
            gold: [0, 0, 0, 1, 1, 2], predicted: [0, 0, 1, 1, 2, 2], classCount: 3)

        #expect(metrics.confusion == [[2, 1, 0], [0, 1, 1], [0, 0, 1]])
        #expect(metrics.count == 6)
        #expect(metrics.accuracy == 4.0 / 6)
        #expect(metrics.classes.map(\.precision) == [1, 0.5, 0.5])
        #expect(metrics.classes.map(\.recall) == [2.0 / 3, 0.5, 1])
        #expect(metrics.classes.map(\.f1) == [0.8, 0.5, 2.0 / 3])
        #expect(metrics.classes.map(\.support) == [3, 2, 1])
        #expect(metrics.classes.map(\.predicted) == [2, 2, 2])
        // One rounding a class and one for the mean.
        #expect(abs(metrics.macroF1 - (0.8 + 0.5 + 2.0 / 3) / 3) < 1e-15)
    }

    @Test func aClassThatNobodyNamesDoesNotCount() {
        let metrics = ClassificationMetrics(gold: [0, 1], predicted: [0, 1], classCount: 4)
        #expect(metrics.macroF1 == 1)
        #expect(metrics.classes[3].f1 == 0)
        // …and the figure is marked: it says nothing of two classes.
        #expect(metrics.classesWithRows == 2)
        #expect(
            TrainingRecord.Score(metrics).macroF1Text(classes: 4) == "1.000 (2 of 4 classes)")
    }

    @Test func aClassThatIsOnlyPredictedCounts() {
        let metrics = ClassificationMetrics(gold: [0, 0], predicted: [0, 2], classCount: 3)
        #expect(metrics.classes[2].precision == 0 && metrics.classes[2].recall == 0)
        #expect(abs(metrics.macroF1 - (2.0 / 3) / 2) < 1e-15)
        #expect(metrics.classesWithRows == 1)
    }

    @Test func aClassThatIsNeverPredictedCounts() {
        let metrics = ClassificationMetrics(gold: [0, 1], predicted: [0, 0], classCount: 2)
        #expect(abs(metrics.macroF1 - (2.0 / 3) / 2) < 1e-15)
        #expect(TrainingRecord.Score(metrics).classesWithRows == nil)
    }

    @Test func noRowsScoreZero() {
        let metrics = ClassificationMetrics(gold: [], predicted: [], classCount: 2)
        #expect(metrics.accuracy == 0 && metrics.macroF1 == 0 && metrics.count == 0)
    }
}

import Randomness
import Testing
import Warrant

@Suite struct PairedBootstrapTests {
    @Test func equalSystemsDoNotDiffer() {
        let gold = [0, 1, 0, 1, 1]
        let run = [0, 1, 1, 1, 0]
        let comparison = PairedBootstrap(
            gold: gold, first: [run], second: [run], classCount: 2, resamples: 500)
        #expect(comparison.difference == 0)
        #expect(comparison.interval == 0...0)
        #expect(comparison.pValue == 1)
    }

    @Test func twoDocumentsByHand() {
        // Accuracy 1 against 1/2. Drawn are the same document twice, with chance 1/4 for each, or
        // both: the difference is 0, 1 or 1/2. It is 1/2 from the observed 1/2 half of the time.
        let comparison = PairedBootstrap(
            gold: [0, 1], first: [[0, 1]], second: [[0, 0]], classCount: 2, metric: .accuracy,
            resamples: 10_000, seed: 3)
        #expect(comparison.first == 1 && comparison.second == 0.5)
        #expect(comparison.interval == 0...1)
        // Four standard deviations of a share of 10,000 draws: 4 · √(0.25 / 10,000).
        #expect(abs(comparison.pValue - 0.5) < 0.02)
    }

    @Test func aLargeDifferenceIsSignificant() {
        let gold = (0..<60).map { $0 % 2 }
        let wrong = gold.enumerated().map { $0.offset % 4 < 2 ? 1 - $0.element : $0.element }
        let comparison = PairedBootstrap(
            gold: gold, first: [gold], second: [wrong], classCount: 2, resamples: 999)
        // A drop of a half with a standard deviation of 0.065 is never undone.
        #expect(comparison.pValue == 0.001)
        #expect(comparison.interval.lowerBound > 0.3 && comparison.interval.upperBound < 0.7)
    }

    @Test func pairsOfSeveralSystemsAreWhatTwoAndTwoGive() {
        let gold = [0, 1, 2, 1, 1, 0, 2]
        let systems = [
            [[0, 1, 2, 1, 0, 0, 1], [0, 1, 1, 1, 1, 0, 1]], [[2, 1, 2, 0, 1, 0, 2]],
            [[0, 0, 0, 0, 0, 0, 0]],
        ]
        let pairs = PairedBootstrap.pairs(
            gold: gold, systems: systems, classCount: 3, resamples: 300, seed: 8)
        let alone = [(0, 1), (0, 2), (1, 2)].map {
            PairedBootstrap(
                gold: gold, first: systems[$0], second: systems[$1], classCount: 3,
                resamples: 300, seed: 8)
        }
        #expect(pairs == alone)
    }

    @Test func metricsAreThoseOfTheEvaluation() {
        let gold = [0, 0, 0, 1, 1, 2]
        let (first, second) = ([0, 0, 1, 1, 2, 2], [0, 1, 2, 0, 1, 2])
        for metric in PairedBootstrap.Metric.allCases {
            let comparison = PairedBootstrap(
                gold: gold, first: [first], second: [second], classCount: 4, metric: metric,
                resamples: 10)
            let expected = [first, second].map { run in
                let metrics = ClassificationMetrics(gold: gold, predicted: run, classCount: 4)
                return metric == .macroF1 ? metrics.macroF1 : metrics.accuracy
            }
            #expect([comparison.first, comparison.second] == expected)
        }
    }

    @Test func runsAreAveraged() {
        let gold = [0, 1, 0, 1]
        let (right, half) = ([0, 1, 0, 1], [0, 0, 0, 0])
        let comparison = PairedBootstrap(
            gold: gold, first: [right, half], second: [half], classCount: 2, metric: .accuracy,
            resamples: 2_000)
        #expect(comparison.first == 0.75 && comparison.second == 0.5)
        let single = PairedBootstrap(
            gold: gold, first: [right], second: [half], classCount: 2, metric: .accuracy,
            resamples: 2_000)
        // With the same draws, half of the first system's runs differ, so every difference is
        // halved.
        #expect(comparison.interval.lowerBound == single.interval.lowerBound / 2)
        #expect(comparison.interval.upperBound == single.interval.upperBound / 2)
        #expect(comparison.pValue == single.pValue)
    }

    @Test func theSeedDecidesAndTheOrderOfSystemsOnlyTheSign() {
        let gold = (0..<30).map { $0 % 3 }
        var generator = SeededGenerator(seed: 1)
        func run() -> [Int] {
            gold.map {
                Bool.random(using: &generator) ? $0 : Int.random(in: 0..<3, using: &generator)
            }
        }
        let (first, second) = ([run(), run()], [run(), run(), run()])
        func compare(_ first: [[Int]], _ second: [[Int]], _ seed: UInt64) -> PairedBootstrap {
            PairedBootstrap(
                gold: gold, first: first, second: second, classCount: 3, resamples: 500,
                seed: seed)
        }
        let comparison = compare(first, second, 7)
        #expect(comparison == compare(first, second, 7))
        #expect(comparison != compare(first, second, 8))
        let swapped = compare(second, first, 7)
        #expect(swapped.difference == -comparison.difference)
        #expect(swapped.pValue == comparison.pValue)
        // Quantiles lie between values, so that signs may cost a rounding.
        #expect(
            abs(swapped.interval.lowerBound + comparison.interval.upperBound) < 1e-14)
        #expect(comparison.interval.contains(comparison.difference))
        #expect((0...1).contains(comparison.pValue))
    }
}

import Diagnostics
import Randomness
import Tensors
import TestSupport
import Testing

@Suite("Agreement of attention with output relevance")
struct RelevanceAgreementTests {
    @Test("a text agrees where fewer than ⌈0.05 L⌉ of the second ranking are larger") func share() {
        // 20 positions: the largest alone; 21: the two largest.
        let second = (0..<21).map { Double($0) }
        func agrees(_ place: Int, of count: Int) -> Bool {
            let first = (0..<count).map { $0 == place ? 1.0 : 0 }
            return RelevanceAgreement.share([first], [Array(second[..<count])]) == 1
        }
        #expect(agrees(19, of: 20) && !agrees(18, of: 20))
        #expect(agrees(20, of: 21) && agrees(19, of: 21) && !agrees(18, of: 21))
        // Equal ones are not larger.
        #expect(RelevanceAgreement.share([[1, 0]], [[3, 3]]) == 1)
        #expect(RelevanceAgreement.share([[1, 0], [0, 1]], [[1, 0], [1, 0]]) == 0.5)
        #expect(RelevanceAgreement.share([], []) == nil)
    }

    @Test("shuffled, a text of n positions agrees by a chance of ⌈0.05 n⌉ / n") func baseline() {
        let u = (0..<400).map { _ in (0..<10).map { Double($0) } }
        let baseline = RelevanceAgreement.baseline(u, u, shuffles: 10, seed: 1) ?? 0
        // 4,000 draws at 0.1: four standard deviations.
        #expect(abs(baseline - 0.1) < 0.02)
        #expect(baseline == RelevanceAgreement.baseline(u, u, shuffles: 10, seed: 1))
        #expect(RelevanceAgreement.share(u, u) == 1)
    }

    @Test("Kendall's correlation is averaged where it is defined") func kendall() {
        #expect(
            RelevanceAgreement.kendall([[1, 2, 3], [1, 2], [5]], [[1, 2, 3], [2, 1], [5]]) == 0)
        #expect(RelevanceAgreement.kendall([[1]], [[1]]) == nil)
    }

    @Test("ξ is the accuracy where another run's agreement first exceeds a value") func trained() {
        func point(_ step: Int, _ agreement: Double, _ accuracy: Double) -> AttentionAgreementPoint
        {
            AttentionAgreementPoint(step: step, agreement: agreement, accuracy: accuracy)
        }
        let curves = [
            [point(0, 0.1, 0.5), point(10, 0.3, 0.6), point(50, 0.2, 0.9)],
            [point(0, 0.1, 0.5), point(10, 0.2, 0.7), point(50, 0.4, 0.8)],
        ].enumerated().map { AttentionAgreementCurve(seed: UInt64($0), points: $1) }
        let reached = RelevanceSummary.trainedAccuracy(exceeding: 0.25, curves)
        #expect(reached == TrainedAccuracy(accuracy: 0.7, step: 30, runs: 2))
        let one = RelevanceSummary.trainedAccuracy(exceeding: 0.3, curves)
        #expect(one == TrainedAccuracy(accuracy: 0.8, step: 50, runs: 1))
        #expect(RelevanceSummary.trainedAccuracy(exceeding: 0.4, curves) == nil)
    }

    @Test("a summary takes the best checkpoint of A and the best of the relevance's run")
    func summary() throws {
        let test = RelevanceTexts(
            documents: [[2, 4, 3], [2, 5, 3]].map { Recordings.sentence($0) }, labels: [1, 0])
        func checkpoint(
            _ step: Int, _ accuracy: Double, _ attention: [[Float]], _ relevance: [[Float]]
        ) -> RelevanceCheckpoint {
            RelevanceCheckpoint(
                step: step, accuracy: accuracy, attention: attention, relevance: relevance)
        }
        let middle: [[Float]] = [[0.2, 0.6, 0.2], [0.2, 0.6, 0.2]]
        let start: [[Float]] = [[0.6, 0.2, 0.2], [0.6, 0.2, 0.2]]
        // Towards class 1: of the second text, whose class is 0, the smallest counts.
        let right: [[Float]] = [[0, 1, 0], [0, -1, 0]]
        let wrong: [[Float]] = [[0, -1, 0], [0, 1, 0]]
        let half: [[Float]] = [[0, 1, 0], [0, 1, 0]]
        let main = RelevanceRun(
            seed: 20, isUniform: false,
            checkpoints: [
                checkpoint(0, 0.5, start, half), checkpoint(10, 0.9, middle, half),
                checkpoint(50, 0.9, start, half),
            ], influence: [[0, 1, 0], [1, 0, 0]])
        let uniform = RelevanceRun(
            seed: 12, isUniform: true,
            checkpoints: [
                checkpoint(0, 0.5, middle, wrong), checkpoint(10, 0.8, middle, right),
                checkpoint(50, 0.8, middle, right),
            ])
        let other = RelevanceRun(
            seed: 13, isUniform: false,
            checkpoints: [checkpoint(0, 0.4, start, half), checkpoint(10, 0.7, middle, half)])
        let summary = try #require(
            RelevanceSummary(
                main: main, others: [other], uniform: uniform,
                words: (bag: [0, 0, 0, 0, 1, -1], regression: [0, 0, 1, 0, 0, 0]), test: test))
        #expect(summary.bestStep == 10 && summary.bestAccuracy == 0.9)
        #expect(summary.curves.map(\.seed) == [13])
        #expect(summary.curves.first?.points.map(\.agreement) == [0, 1])
        let found = Dictionary(
            summary.agreements.map { ($0.comparison, $0) }, uniquingKeysWith: { first, _ in first })
        #expect(found.count == RelevanceComparison.allCases.count)
        #expect(found[.attention]?.agreement == 1 && found[.attention]?.step == 10)
        #expect(found[.bagOfEmbeddings]?.agreement == 1)
        // The start of the first text; of the second, turned, the first of the others: its word.
        #expect(found[.logisticRegression]?.agreement == 0.5)
        #expect(found[.influence]?.agreement == 0.5)
        #expect(found[.ownRelevance]?.agreement == 0.5)
        #expect(found[.ownRelevance]?.trainedAccuracy?.accuracy == 0.7)
        #expect(found[.attention]?.trainedAccuracy == nil, "no run exceeds 1")
        #expect((found[.attention]?.baseline ?? 1) < 1)
    }
}

@Suite("Training of classifiers with output relevance")
struct RelevanceTrainingTests {
    /// Texts of which word 4 makes class 1 and word 5 class 0, among others.
    private func texts(_ count: Int, seed: UInt64) -> RelevanceTexts {
        var generator = SeededGenerator(seed: seed)
        let labels = (0..<count).map { _ in generator.below(2) }
        return RelevanceTexts(
            documents: labels.map { label in
                let words = (0..<4).map { _ in Int32(6 + generator.below(6)) }
                let all = generator.shuffled(words + [label == 1 ? 4 : 5])
                return Recordings.sentence([2] + all + [3])
            }, labels: labels)
    }

    private var options: RelevanceOptions {
        var options = RelevanceOptions(vocabularySize: 12)
        (options.embeddingSize, options.hiddenSize, options.attentionSize) = (8, 8, 8)
        (options.steps, options.batchSize, options.learningRate) = (60, 32, 1e-2)
        options.seeds = [20, 13]
        (options.words.embeddingSize, options.words.learningRate) = (8, 1e-2)
        (options.words.batchSize, options.words.epochs) = (16, 8)
        return options
    }

    @Test("checkpoints are close at first, then every 250 steps, and after the last")
    func checkpoints() {
        var options = RelevanceOptions(vocabularySize: 9)
        #expect(
            options.checkpoints == [0, 10, 50, 100, 150, 200]
                + stride(from: 250, through: 4_000, by: 250))
        options.steps = 120
        #expect(options.checkpoints == [0, 10, 50, 100, 120])
        options.steps = 10
        #expect(options.checkpoints == [0, 10])
    }

    @Test("attention learns the word that decides, and relevance does under uniform attention")
    func experiment() throws {
        var steps: [UInt64: [Int]] = [:]
        let summary = try #require(
            RelevanceExperiment.run(
                options, training: texts(96, seed: 1), development: texts(32, seed: 2),
                test: texts(40, seed: 3), workers: Workers(threads: 2)
            ) { steps[$0.seed, default: []].append($0.step) })
        #expect(steps == [20: [0, 10, 50, 60], 13: [0, 10, 50, 60], 12: [0, 10, 50, 60]])
        #expect(summary.bestAccuracy > 0.95)
        for result in summary.agreements {
            #expect(
                result.agreement > result.baseline + 0.2,
                "\(result.comparison): \(result.agreement), shuffled \(result.baseline)")
        }
    }

    @Test("the same seed gives the same numbers on any number of threads") func threads() throws {
        var options = options
        options.steps = 12
        let (training, test) = (texts(50, seed: 1), texts(9, seed: 2))
        let runs = try [1, 2].map { threads in
            try RelevanceTraining.run(
                options, seed: 4, measuresInfluence: true, training: training, test: test,
                workers: Workers(threads: threads))
        }
        #expect(runs[0] == runs[1])
        #expect(runs[0].influence?.count == 9)
        let bags = [1, 2].map {
            WordRelevance.bagOfEmbeddings(
                options.words, vocabularySize: 12, training: training, development: test,
                workers: Workers(threads: $0))
        }
        #expect(bags[0] == bags[1])
        #expect(bags[0][4] > bags[0][5])
    }

    @Test("a logistic regression ends where the gradient is zero") func logisticRegression() {
        let rows = [[(0, 1.0)], [(0, 0.5), (1, 0.5)], [(1, 1.0)], [(1, 0.2), (2, 0.8)]]
            .map { $0.map { (feature: $0.0, value: $0.1) } }
        let labels = [1, 1, 0, 0]
        let fit = LogisticRegression(rows, labels: labels, features: 4, lossWeight: 3)
        func loss(_ weights: [Double], _ intercept: Double) -> Double {
            zip(rows, labels).reduce(weights.reduce(0) { $0 + $1 * $1 / 2 }) { sum, row in
                let z = row.0.reduce(intercept) { $0 + weights[$1.feature] * $1.value }
                return sum + 3 * BinaryCrossEntropy.loss(Float(z), label: row.1).loss
            }
        }
        let least = loss(fit.weights, fit.intercept)
        #expect(fit.weights[0] > 0.5 && fit.weights[1] < -0.3 && fit.weights[3] == 0)
        for place in 0..<4 {
            for change in [0.05, -0.05] {
                var moved = fit.weights
                moved[place] += change
                #expect(loss(moved, fit.intercept) > least)
                #expect(loss(fit.weights, fit.intercept + change) > least)
            }
        }
    }
}

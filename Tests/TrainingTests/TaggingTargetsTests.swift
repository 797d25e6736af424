import Testing
import Warrant

@Suite struct TaggingTargetsTests {
    private func targets(
        selections: [[Int]], human: [[Range<Int>]?], wordCounts: [Int], humanShare: Double,
        seed: UInt64 = 0
    ) -> TaggingTargets {
        TaggingTargets(
            selections: selections, human: human, wordCounts: wordCounts,
            .init(humanShare: humanShare), seed: seed)
    }

    @Test func withoutAHumanShareEveryDocumentLearnsTheSelectedWords() {
        let targets = targets(
            selections: [[1, 2], [0], [3]], human: [[0..<1], [1..<3], nil], wordCounts: [4, 3, 5],
            humanShare: 0)
        #expect(
            targets.words == [
                [false, true, true, false], [true, false, false],
                [false, false, false, true, false],
            ])
        #expect(targets.humanDocuments.isEmpty)
    }

    @Test func aHumanShareOfAllLeavesTheSelectedWordsToUnmarkedDocumentsAlone() {
        let targets = targets(
            selections: [[1, 2], [0], [3]], human: [[0..<1, 3..<4], nil, [2..<9]],
            wordCounts: [4, 3, 5], humanShare: 1)
        #expect(
            targets.words == [
                [true, false, false, true], [true, false, false],
                [false, false, true, true, true],
            ])
        #expect(targets.humanDocuments == [0, 2])
    }

    @Test func theDocumentsOfAHumanShareAreDrawnFromThoseThatAreMarked() {
        // Half of ten documents, of which eight are marked.
        let human: [[Range<Int>]?] = (0..<10).map { $0 < 8 ? [0..<1, 3..<4] : nil }
        func drawn(_ seed: UInt64) -> TaggingTargets {
            targets(
                selections: [[Int]](repeating: [1, 2], count: 10), human: human,
                wordCounts: [Int](repeating: 4, count: 10), humanShare: 0.5, seed: seed)
        }
        var timesDrawn = [Int](repeating: 0, count: 10)
        for seed in 0..<200 as Range<UInt64> {
            let targets = drawn(seed)
            #expect(targets.humanDocuments.count == 5)
            for (index, words) in targets.words.enumerated() {
                let isDrawn = targets.humanDocuments.contains(index)
                #expect(
                    words == (isDrawn ? [true, false, false, true] : [false, true, true, false]))
                timesDrawn[index] += isDrawn ? 1 : 0
            }
            #expect(drawn(seed).humanDocuments == targets.humanDocuments, "a seed decides")
        }
        // Each is expected 125 times; five standard deviations are 34.
        #expect(timesDrawn[..<8].allSatisfy { (91...159).contains($0) }, "\(timesDrawn)")
        #expect(timesDrawn[8...].allSatisfy { $0 == 0 })
    }

    /// Three of twelve words.
    private func quarter() -> TaggingTargets {
        targets(
            selections: [[1, 2], [0]], human: [nil, nil], wordCounts: [4, 8], humanShare: 0)
    }

    static let ratios: [(ThresholderSettings, Double)] = [
        (.init(.topK, ratio: 0.2), 4), (.init(.sentences, ratio: 0.25), 3),
        (.init(.globalTopK, ratio: 0.125), 7),
        (.init(.globalContiguous, ratio: 0.5, minimum: 2), 1),
        // As training leaves it, calibrated.
        (.init(.globalTopK, ratio: 0.125, cutOff: 1.5), 7),
        (.init(.contiguous, ratio: 1), 1e-3),
    ]

    @Test(arguments: ratios)
    func theWeightBalancesARatio(_ settings: ThresholderSettings, _ weight: Double) {
        #expect(quarter().positiveWeight(settings) == weight)
    }

    static let otherBudgets: [ThresholderSettings] = [
        .init(.topK, words: 2), .init(.sentences, words: 5), .init(.topP, mass: 0.5),
        .init(.threshold, cutOff: 0.1), .init(.globalTopK, cutOff: 1.5),
    ]

    @Test(arguments: otherBudgets)
    func withoutARatioTheWeightBalancesTheTargets(_ settings: ThresholderSettings) {
        #expect(quarter().positiveWeight(settings) == 3)
        // Of the words that humans marked, where these are the targets: one of eight.
        let human = targets(
            selections: [[0, 1], [0, 1]], human: [[0..<1], [2..<3]], wordCounts: [4, 12],
            humanShare: 1)
        #expect(human.positiveWeight(settings) == 7)
        let none = targets(selections: [[]], human: [nil], wordCounts: [3], humanShare: 0)
        #expect(none.positiveWeight(settings) == 1)
    }
}

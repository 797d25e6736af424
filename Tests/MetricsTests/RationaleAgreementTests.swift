import Randomness
import Testing
import Warrant

/// One rounding or two are allowed for.
private let rounding = 1e-14

private func expect(
    _ scores: PrecisionRecall, _ precision: Double, _ recall: Double, _ f1: Double,
    sourceLocation: Testing.SourceLocation = #_sourceLocation
) {
    #expect(abs(scores.precision - precision) < rounding, sourceLocation: sourceLocation)
    #expect(abs(scores.recall - recall) < rounding, sourceLocation: sourceLocation)
    #expect(abs(scores.f1 - f1) < rounding, sourceLocation: sourceLocation)
}

@Suite struct RationaleAgreementTests {
    private let shifted = RationalePair(gold: [0..<4], predicted: [2..<5])
    private let onlyPredicted = RationalePair(gold: [], predicted: [0..<1])
    private let onlyGold = RationalePair(gold: [0..<1], predicted: [])
    private let neither = RationalePair(gold: [], predicted: [])

    @Test func tokensByHand() {
        // Human spans that overlap hold tokens 3, 4, 5.
        let whole = RationalePair(gold: [3..<5, 4..<6], predicted: [3..<6])
        let agreement = InstanceAgreement.ofTokens([shifted, onlyPredicted, whole, neither])
        // Shared / predicted / gold: 2/3/4, 0/1/0, 3/3/3; the last document does not count.
        // P: (2/3 + 0 + 1) / 3; R: (1/2 + 0 + 1) / 3; F1: (4/7 + 0 + 1) / 3.
        expect(agreement.macro, 5.0 / 9, 0.5, 11.0 / 21)
        // 5 shared of 7 predicted and 7 marked.
        expect(agreement.micro, 5.0 / 7, 5.0 / 7, 5.0 / 7)
    }

    @Test func wholeSpansByHand() {
        let half = RationalePair(gold: [1..<2, 5..<7, 5..<7], predicted: [9..<10, 5..<7])
        let agreement = InstanceAgreement.ofSpans([shifted, onlyPredicted, half])
        // Shared / predicted / gold: 0/1/1, 0/1/0, 1/2/2 (a span named twice counts once).
        expect(agreement.macro, 0.5 / 3, 0.5 / 3, 0.5 / 3)
        // P = 1/4, R = 1/3, F1 = 2 · 1/12 / (7/12).
        expect(agreement.micro, 0.25, 1.0 / 3, 2.0 / 7)
    }

    @Test func markedSpansThatTouchAreOne() throws {
        let document = MarkedDocument(
            human: [0..<3, 3..<6, 6..<9, 12..<13], selection: Array(0..<9) + [12],
            scores: [Float](repeating: 0, count: 14), words: 14)
        #expect(document.human == [0..<9, 12..<13] && document.selected == document.human)
        let agreement = try #require(Plausibility([document]))
        expect(agreement.overlap.macro, 1, 1, 1)
    }

    @Test func overlappingSpansByHand() {
        let half = RationalePair(gold: [1..<2, 5..<7], predicted: [5..<7, 9..<10])
        let halves = RationalePair(gold: [0..<4], predicted: [0..<2, 2..<4])
        let overlap = IntersectionOverUnion([shifted, half, halves, onlyPredicted, onlyGold])
        // Hits / predicted / gold: 0/1/1 (2 of 5 tokens is under a half), 1/2/2, 2/2/1 (2 of 4
        // tokens each: one human span is hit twice), 0/1/0, 0/0/1.
        expect(overlap.micro, 3.0 / 6, 3.0 / 5, 6.0 / 11)
        // P over those with predictions: (0 + 1/2 + 1 + 0) / 4; R over those with human spans:
        // (0 + 1/2 + 2 + 0) / 4; F1 = 2 · 0.375 · 0.625 / 1.
        expect(overlap.macro, 0.375, 0.625, 0.46875)
        #expect(IntersectionOverUnion([shifted], threshold: 0.4).micro.f1 == 1)
    }

    @Test func nothingMarkedScoresZero() {
        for pairs in [[], [neither]] {
            expect(InstanceAgreement.ofTokens(pairs).macro, 0, 0, 0)
            expect(InstanceAgreement.ofSpans(pairs).micro, 0, 0, 0)
            expect(IntersectionOverUnion(pairs).macro, 0, 0, 0)
        }
    }

    @Test func hugeSpansCostNothing() {
        let pair = RationalePair(gold: [0..<Int.max / 2], predicted: [0..<Int.max / 2])
        #expect(InstanceAgreement.ofTokens([pair]).micro.f1 == 1)
        #expect(IntersectionOverUnion([pair]).micro.f1 == 1)
    }

    @Test(arguments: 0..<20) func boundsAndInvariance(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let pairs = (0..<15).map { _ in randomPair(&generator) }
        let shuffled = pairs.shuffled(using: &generator).map { pair in
            RationalePair(
                gold: pair.gold.shuffled(using: &generator),
                predicted: pair.predicted.shuffled(using: &generator))
        }
        let swapped = pairs.map { RationalePair(gold: $0.predicted, predicted: $0.gold) }
        for measure in [InstanceAgreement.ofTokens, InstanceAgreement.ofSpans] {
            let agreement = measure(pairs)
            for scores in [agreement.macro, agreement.micro] {
                #expect((0...1).contains(scores.precision) && (0...1).contains(scores.recall))
                #expect((0...1).contains(scores.f1))
            }
            #expect(agreement.micro == measure(shuffled).micro)
            // Sums in another order.
            #expect(abs(agreement.macro.f1 - measure(shuffled).macro.f1) < rounding)
            // Exchanging the two exchanges precision and recall.
            #expect(agreement.micro.precision == measure(swapped).micro.recall)
            #expect(measure(pairs.map { .init(gold: $0.gold, predicted: $0.gold) }).micro.f1 == 1)
        }
        let overlap = IntersectionOverUnion(pairs)
        #expect((0...1).contains(overlap.micro.precision))
        #expect(overlap.micro == IntersectionOverUnion(shuffled).micro)
        let strict = IntersectionOverUnion(pairs, threshold: 1)
        #expect(strict.micro == InstanceAgreement.ofSpans(pairs).micro)
        #expect(overlap.micro.precision >= strict.micro.precision)
    }

    /// Spans that are apart, of at least one token, as results hold them.
    private func randomPair(_ generator: inout SeededGenerator) -> RationalePair {
        func spans() -> [Range<Int>] {
            var spans: [Range<Int>] = []
            var start = Int.random(in: 0..<5, using: &generator)
            for _ in 0..<Int.random(in: 1..<6, using: &generator) {
                let end = start + Int.random(in: 1..<5, using: &generator)
                spans.append(start..<end)
                start = end + Int.random(in: 0..<4, using: &generator)
            }
            return spans
        }
        return RationalePair(gold: spans(), predicted: spans())
    }
}

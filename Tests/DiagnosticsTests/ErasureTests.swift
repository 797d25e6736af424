import Diagnostics
import Encoders
import Tensors
import TestSupport
import Testing

/// Erasure of weights, beside PyTorch's in double precision with a model of three classes.
@Suite("Erasure of weights", .enabled(if: Outside.hasShared, "the recordings are not there"))
struct ErasureTests {
    private let experiments: RecordedExperiments
    private let texts: [AttendedText]
    private var rows: [RecordedExperiments.Erasure.Row] { experiments.values.erasure.rows }

    init() throws {
        experiments = try RecordedExperiments()
        texts = try experiments.erasureModel().attend(
            experiments.values.erasure.rows.map { Recordings.sentence($0.input) },
            workers: Workers(threads: 1)
        ) { $1 }
    }

    @Test func rankingsAreThoseRecorded() throws {
        for (text, row) in zip(texts, rows) {
            #expect(
                largestDifference(text.attention, row.attention.map { Float($0) }) < 2e-6)
            let gradient = text.probabilityGradient(text.ownWeights).map { Float($0) }
            #expect(largestDifference(gradient, row.gradient.map { Float($0) }) < 5e-6)
            for (ranking, name) in [
                (ErasureRanking.attention, "attention"), (.gradient, "gradient"),
                (.product, "attention-x-gradient"),
            ] {
                let expected = try #require(row.orders[name])
                #expect(ranking.orders(text, seed: 0, number: 0) == [expected], "\(name)")
            }
            let descending = try #require(row.orders["attention"])
            #expect(
                ErasureRanking.attentionAscending.orders(text, seed: 0, number: 0)
                    == [descending.reversed()])
        }
    }

    private func expect(
        _ flip: DecisionFlip?, _ removal: RecordedExperiments.Erasure.Removal
    ) {
        #expect(flip?.erased ?? -1 == removal.removed)
        #expect(abs((flip?.fraction ?? -1) - removal.fraction) < 1e-12)
        #expect(abs((flip?.mass ?? -1) - removal.mass) < 5e-6)
    }

    @Test func decisionsFlipAsRecorded() throws {
        for (text, row) in zip(texts, rows) {
            for (name, order) in row.orders {
                expect(DecisionFlip(text, order: order), try #require(row.until_flip[name]))
            }
            let lowest = try #require(row.orders["attention"]).reversed()
            expect(DecisionFlip(text, order: Array(lowest)), row.until_flip_from_lowest)
            for (order, removal) in zip(row.random_orders, row.until_flip_random) {
                expect(DecisionFlip(text, order: order), removal)
            }
        }
    }

    @Test func singleWeightsAreErasedAsRecorded() throws {
        for (text, row) in zip(texts, rows) {
            guard let other = row.single_random_other else {
                #expect(SingleErasure(text, seed: 0, number: 0) == nil, "a single word")
                continue
            }
            let erasure = SingleErasure(text, other: other.index)
            for (own, expected) in [(erasure.highest, row.single_highest), (erasure.other, other)] {
                #expect(own.word == expected.index && own.isFlip == expected.flip)
                #expect(abs(own.weight - expected.attention) < 2e-6)
                #expect(abs(own.divergence - expected.js) < 5e-6)
            }
            #expect(abs(erasure.divergenceDifference - (try #require(row.delta_js))) < 5e-6)
            #expect(abs(erasure.weightDifference - (try #require(row.delta_attention))) < 5e-6)
        }
    }

    @Test func anyOtherWordIsDrawn() throws {
        let text = texts[1]
        let highest = try #require(SingleErasure(text, seed: 0, number: 0)).highest.word
        let drawn = (0..<60).compactMap { SingleErasure(text, seed: 0, number: $0)?.other.word }
        #expect(Set(drawn) == Set(0..<text.words).subtracting([highest]))
        #expect(
            SingleErasure(text, seed: 5, number: 2) == SingleErasure(text, seed: 5, number: 2))
    }

    @Test func randomOrdersDependOnSeedAndNumberAlone() {
        func orders(_ seed: UInt64, _ number: Int) -> [[Int]] {
            ErasureRanking.random.orders(texts[9], seed: seed, number: number)
        }
        #expect(orders(1, 4) == orders(1, 4))
        #expect(orders(1, 4) != orders(1, 5) && orders(1, 4) != orders(2, 4))
        #expect(Set(orders(1, 4)).count == 5)
        #expect(orders(1, 4).allSatisfy { $0.sorted() == Array(0..<texts[9].words) })
    }
}

@Suite("Erasure of weights by hand") struct SmallErasureTests {
    /// σ(Σ a v): class 1 while the mean of what is left is above 0.
    private let text = AttendedText(
        attention: [0.4, 0.3, 0.2, 0.1], values: [2, -1, 1, -3], bias: [0])

    @Test func theRestDecides() throws {
        let flip = try #require(DecisionFlip(text, order: [0, 2, 1, 3]))
        #expect(flip.erased == 1 && flip.fraction == 0.25 && abs(flip.mass - 0.4) < 1e-6)
        let last = try #require(DecisionFlip(text, order: [3, 1, 2, 0]))
        #expect(last.erased == 4, "½ is not above ½: without any weight the bias decides")
        let biased = AttendedText(attention: text.attention, values: text.values, bias: [9])
        #expect(DecisionFlip(biased, order: [0, 1, 2, 3]) == nil)
    }

    @Test func signsComeBeforeWeights() {
        // Gradients have the values' signs.
        #expect(
            ErasureRanking.signTimesAttention.orders(text, seed: 0, number: 0) == [[0, 2, 3, 1]])
        #expect(ErasureRanking.gradient.orders(text, seed: 0, number: 0) == [[0, 2, 1, 3]])
        let negative = AttendedText(attention: text.attention, values: text.values, bias: [-9])
        #expect(
            ErasureRanking.gradient.orders(negative, seed: 0, number: 0) == [[3, 1, 2, 0]],
            "of the probability of class 0")
    }

    @Test func weightsWithoutAnyRestAreZero() {
        let certain = AttendedText(attention: [1, 0], values: [2, 5], bias: [-1])
        let erasure = SingleErasure(certain, other: 1)
        #expect(erasure.highest.isFlip && !erasure.other.isFlip)
        #expect(erasure.other.divergence == 0 && erasure.weightDifference == 1)
    }

    @Test func theTableCountsTexts() throws {
        let flat = AttendedText(attention: [0.6, 0.4], values: [1, 1], bias: [3])
        let highest = AttendedText(attention: [0.6, 0.4], values: [2, -1], bias: [0])
        let other = AttendedText(attention: [0.6, 0.4], values: [-1, 2], bias: [0])
        let texts = [flat, highest, highest, highest, other]
        let table = SingleErasureTable(
            texts.map {
                SingleErasure($0, other: 1)
            })
        #expect(table.both == 0 && table.onlyHighest == 3 && table.onlyOther == 1)
        #expect(table.neither == 1)
        #expect(abs(table.pValue - 5.0 / 16) < 1e-12)
    }
}

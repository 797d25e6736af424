import Randomness
import Rationales
import Testing

@Suite struct GlobalTopKTests {
    @Test func keepsTheWordsAboveAMultipleOfTheMean() {
        let selector = GlobalTopK(cutOff: 1.25, minimum: 1)
        #expect(selector.select([0.1, 0.3, 0.2, 0.3, 0.1]) == [1, 3])
        #expect(selector.select([0.125, 0.3125, 0.25, 0.3125]) == [1])
        #expect(selector.select([0.125, 0.3125, 0.3125, 0.25, 0, 0, 0, 0]) == [1, 2, 3])
    }

    @Test func keepsTheBestWordsWhereFewerAreAbove() {
        let selector = GlobalTopK(cutOff: 9, minimum: 2)
        #expect(selector.select([0.1, 0.3, 0.2, 0.3, 0.1]) == [1, 3])
        #expect(selector.select([0.25, 0.25, 0.25, 0.25]) == [0, 1])
        #expect(selector.select([1]) == [0])
    }

    @Test func theBudgetGoesToDocumentsWhoseSaliencySpreads() {
        // Five of ten words: one of the first, four of the second.
        let peaked: [Float] = [0.96, 0.01, 0.01, 0.01, 0.01]
        let spread: [Float] = [0.24, 0.24, 0.04, 0.24, 0.24]
        let selector = GlobalTopK.calibrated(on: [peaked, spread], ratio: 0.5, minimum: 1)
        #expect(selector.select(peaked) == [0])
        #expect(selector.select(spread) == [0, 1, 3, 4])
    }

    @Test func theBudgetIsSpentAsFarAsAnyCutOffCan() {
        var generator = SeededGenerator(seed: 28)
        for _ in 0..<300 {
            let documents = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
                RandomDocument(words: 0...12, &generator).scores
            }
            let wordCount = documents.reduce(0) { $0 + $1.count }
            let ratio = Double.random(in: 0.05...1, using: &generator)
            let minimum = Int.random(in: 1...3, using: &generator)
            let budget = selectionSize(ratio: ratio, wordCount: wordCount)
            func total(_ cutOff: Double) -> Int {
                let selector = GlobalTopK(cutOff: cutOff, minimum: minimum)
                return documents.reduce(0) { $0 + selector.select($1).count }
            }
            // The selection changes at relative scores only.
            let cutOffs = documents.flatMap { scores in
                scores.map { Double($0) * Double(scores.count) }
            }
            let totals = (cutOffs + [-1]).map(total).filter { $0 <= budget }

            let selector = GlobalTopK.calibrated(on: documents, ratio: ratio, minimum: minimum)
            #expect(total(selector.cutOff) == totals.max() ?? total(1e30))
        }
    }

    @Test func keepsTheBestOfAsManyWordsAsAreAboveTheCutOffButTheMinimumAtLeast() {
        var generator = SeededGenerator(seed: 35)
        for _ in 0..<500 {
            // Multiples of 1/64 and cut-offs of 1/8, so that words often stand at the cut-off itself.
            let whole = (0..<Int.random(in: 0...16, using: &generator)).map { _ in
                Int.random(in: -2...9, using: &generator)
            }
            let eighths = Int.random(in: -8...24, using: &generator)
            let minimum = Int.random(in: 1...5, using: &generator)
            let above = whole.count { $0 * whole.count > 8 * eighths }

            let scores = whole.map { Float($0) / 64 }
            let selector = GlobalTopK(cutOff: Double(eighths) / 8, minimum: minimum)
            #expect(selector.select(scores) == TopK(words: max(minimum, above)).select(scores))
        }
    }

    @Test func aCalibratedCutOffKeepsTheBestWordsToo() {
        var generator = SeededGenerator(seed: 36)
        var (byCutOff, byMinimum) = (0, 0)
        for _ in 0..<300 {
            let documents = (0..<Int.random(in: 1...6, using: &generator)).map { _ in
                RandomDocument(words: 0...12, &generator).scores
            }
            let ratio = Double.random(in: 0.05...1, using: &generator)
            let minimum = Int.random(in: 1...3, using: &generator)
            let selector = GlobalTopK.calibrated(on: documents, ratio: ratio, minimum: minimum)
            for scores in documents {
                let above = scores.count {
                    Double($0) * Double(scores.count) > selector.cutOff
                }
                #expect(
                    selector.select(scores) == TopK(words: max(minimum, above)).select(scores))
                if above > minimum { byCutOff += 1 } else { byMinimum += 1 }
            }
        }
        #expect(byCutOff > 100 && byMinimum > 100, "both decide: \(byCutOff), \(byMinimum)")
    }

    @Test func aBudgetBelowTheMinimumKeepsTheMinimum() {
        let documents: [[Float]] = [[0.5, 0.25, 0.25], [0.25, 0.75]]
        let selector = GlobalTopK.calibrated(on: documents, ratio: 0.1, minimum: 2)
        #expect(selector.cutOff == Double(Float.greatestFiniteMagnitude))
        #expect(selector.select(documents[0]) == [0, 1])
        #expect(selector.select(documents[1]) == [0, 1])
    }

    @Test func aBudgetOfAllWordsKeepsAll() {
        let selector = GlobalTopK.calibrated(on: [[0.5, 0, 0.5], [1]], ratio: 1, minimum: 1)
        #expect(selector.cutOff == -Double(Float.greatestFiniteMagnitude))
        #expect(selector.select([0.5, 0, 0.25, 0.25]) == [0, 1, 2, 3])
    }

    @Test func documentsWithoutSaliencyCanBeCalibratedOn() {
        let documents = [[Float]](repeating: [0, 0, 0, 0], count: 3)
        let selector = GlobalTopK.calibrated(on: documents, ratio: 0.5, minimum: 1)
        #expect(selector.cutOff == 0)
        #expect(selector.select(documents[0]) == [0])
    }

    @Test func refusesAMinimumOfNoWords() async {
        await #expect(processExitsWith: .failure) { _ = GlobalTopK(cutOff: 1, minimum: 0) }
        await #expect(processExitsWith: .failure) { _ = GlobalTopK(cutOff: .nan, minimum: 1) }
    }
}

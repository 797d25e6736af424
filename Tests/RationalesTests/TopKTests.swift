import Randomness
import Rationales
import Testing

@Suite struct TopKTests {
    @Test func keepsTheHighestScoresInDocumentOrder() {
        #expect(TopK(ratio: 0.5).select([0.1, 0.9, 0.2, 0.8]) == [1, 3])
        #expect(TopK(ratio: 0.5).select([0.9, 0.1, 0.2, 0.8]) == [0, 3])
    }

    @Test func tiesGoToTheEarlierWord() {
        #expect(TopK(ratio: 0.5).select([0.25, 0.25, 0.25, 0.25]) == [0, 1])
        #expect(TopK(ratio: 0.5).select([0.1, 0.3, 0.3, 0.3]) == [1, 2])
        #expect(TopK(ratio: 0.5).select([-0.0, 0.0]) == [0])
    }

    @Test func keepsANumberOfWords() {
        #expect(TopK(words: 1).select([0.1, 0.9, 0.2, 0.8]) == [1])
        #expect(TopK(words: 3).select([0.1, 0.9, 0.2, 0.8]) == [1, 2, 3])
        #expect(TopK(words: 5).select([0.1, 0.9, 0.2, 0.8]) == [0, 1, 2, 3])
    }

    @Test func selectsNothingFromNoWordsAndTheWordFromOne() {
        #expect(TopK(ratio: 0.2).select([]) == [])
        #expect(TopK(ratio: 0.2).select([0]) == [0])
        #expect(TopK(ratio: 1).select([0.5]) == [0])
    }

    @Test func noUnselectedWordScoresHigherThanASelectedOne() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<300 {
            // Few distinct values, so that ties are frequent.
            let scores = (0..<Int.random(in: 1...40, using: &generator)).map { _ in
                Float(Int.random(in: 0...5, using: &generator))
            }
            let ratio = Double.random(in: 0.01...1, using: &generator)
            let selection = TopK(ratio: ratio).select(scores)

            #expect(selection.count == selectionSize(ratio: ratio, wordCount: scores.count))
            #expect(zip(selection, selection.dropFirst()).allSatisfy { $0 < $1 })
            for left in scores.indices where !selection.contains(left) {
                for kept in selection {
                    #expect(
                        scores[kept] > scores[left] || scores[kept] == scores[left] && kept < left)
                }
            }
        }
    }

    @Test func refusesScoresThatAreNotNumbers() async {
        await #expect(processExitsWith: .failure) {
            _ = TopK(ratio: 0.5).select([0.1, .nan])
        }
    }

    @Test func refusesARatioOfZero() async {
        await #expect(processExitsWith: .failure) { _ = TopK(ratio: 0) }
    }
}

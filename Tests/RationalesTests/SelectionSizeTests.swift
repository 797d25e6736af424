import Rationales
import Testing

@Suite struct SelectionSizeTests {
    @Test func isTheCeilingOfTheRatio() {
        #expect(selectionSize(ratio: 0.2, wordCount: 6) == 2)
        #expect(selectionSize(ratio: 0.2, wordCount: 1) == 1)
        #expect(selectionSize(ratio: 1, wordCount: 7) == 7)
        #expect(selectionSize(ratio: 0.5, wordCount: 0) == 0)
        #expect(selectionSize(ratio: 1e-12, wordCount: 3) == 1)
    }

    @Test func everyPercentageRoundsAsTheDecimalDoes() {
        for percent in 1...100 {
            for wordCount in 1...2_000 {
                let expected = (percent * wordCount + 99) / 100
                let size = selectionSize(ratio: Double(percent) / 100, wordCount: wordCount)
                if size != expected {
                    Issue.record("\(percent)% of \(wordCount) words: \(size), not \(expected)")
                }
            }
        }
    }
}

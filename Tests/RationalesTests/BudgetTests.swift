import Rationales
import Testing

@Suite struct BudgetTests {
    @Test func aRatioIsRoundedUp() {
        #expect(Budget.ratio(0.2).size(wordCount: 6) == 2)
        #expect(Budget.ratio(0.28).size(wordCount: 25) == 7)
        #expect(Budget.ratio(0.2).size(wordCount: 0) == 0)
    }

    @Test func aNumberOfWordsIsAtMostTheDocument() {
        #expect(Budget.words(3).size(wordCount: 6) == 3)
        #expect(Budget.words(7).size(wordCount: 6) == 6)
        #expect(Budget.words(.max).size(wordCount: 6) == 6)
        #expect(Budget.words(1).size(wordCount: 0) == 0)
    }

    @Test func aBudgetOfNoWordsIsRefused() async {
        await #expect(processExitsWith: .failure) { _ = TopK(words: 0) }
        await #expect(processExitsWith: .failure) { _ = Contiguous(words: -1) }
        await #expect(processExitsWith: .failure) { _ = Sentences(ratio: 1.1) }
    }
}

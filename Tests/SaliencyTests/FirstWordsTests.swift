import Saliency
import Testing

@Suite struct FirstWordsTests {
    @Test func scoresFallWithTheWordsPlaceInTheDocument() throws {
        let first = try TinyModel.score(FirstWords(), TinyModel.chunk(words: 5)).words
        let later = try TinyModel.score(FirstWords(), TinyModel.chunk(words: 5, first: 5)).words
        let all = first + later
        #expect(all.count == 10 && all.allSatisfy { $0 > 0 })
        #expect(zip(all, all.dropFirst()).allSatisfy { $0 > $1 })
    }
}

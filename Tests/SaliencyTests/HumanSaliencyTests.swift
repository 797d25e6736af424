import Saliency
import Testing

@Suite struct HumanSaliencyTests {
    @Test func markedWordsScoreOne() throws {
        // Words 4 to 9 of a document in which 2 to 5 and 8 are marked.
        let input = SaliencyInput(
            TinyModel.chunk(words: 6, first: 4), humanRationale: [2..<6, 8..<9])
        let score = try HumanSaliency().score([input], TinyModel.context())[0]
        #expect(score.words == [1, 1, 0, 0, 1, 0])
    }

    @Test func aRowWithoutARationaleIsRefused() {
        let inputs = [
            SaliencyInput(TinyModel.chunk(words: 2), humanRationale: []),
            SaliencyInput(TinyModel.chunk(words: 2)),
        ]
        let error = #expect(throws: SaliencyError.self) {
            try HumanSaliency().score(inputs, TinyModel.context())
        }
        guard case .cannotScore("human", let problem)? = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect(problem.contains("no human rationale"))
    }
}

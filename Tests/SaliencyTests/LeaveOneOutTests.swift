import Encoders
import Saliency
import Tensors
import Testing
import Tokenization

@Suite struct LeaveOneOutTests {
    /// A chunk's pieces alone.
    private func plain(_ ids: [Int32]) -> TokenizedDocument {
        TokenizedDocument(
            ids: ids, segmentIDs: ids.map { _ in 0 }, offsets: ids.map { _ in 0..<0 },
            wordIndices: ids.map { _ in -1 }, words: [], readWords: 0)
    }

    /// Of a document of one chunk, and of the mean with others.
    @Test(arguments: WordRemoval.allCases, [0, 3])
    func scoresAreDropsOfTheProbability(_ removal: WordRemoval, chunks: Int) throws {
        let model = TinyModel.make(labels: 3)
        let others = OtherChunks(count: chunks, sum: chunks == 0 ? [] : [0.5, -0.25, 0.75])
        let chunk = TinyModel.chunk(words: 9, first: 4)
        let texts = chunk.wholeWords.map { word in
            let isLeftOut = { (piece: Int) in Int(chunk.wordIndices[piece]) == word }
            return plain(
                removal == .delete
                    ? chunk.ids.indices.filter { !isLeftOut($0) }.map { chunk.ids[$0] }
                    : chunk.ids.indices.map {
                        isLeftOut($0) ? TinyModel.maskTokenID : chunk.ids[$0]
                    })
        }
        let logits = model.logits([chunk] + texts, workers: Workers(threads: 1))
            .map { others.documentLogits($0) }
        let label = logits[0].indices.max { logits[0][$0] < logits[0][$1] } ?? 0
        let p = logits.map { CrossEntropy.probabilities($0)[label] }
        let drops = p.dropFirst().map { Float(max(0, p[0] - $0)) }
        #expect(drops.contains { $0 > 0 } && drops.contains(0), "both kinds of words occur")
        let score = try LeaveOneOut(removal).score(
            [SaliencyInput(chunk, others: others)], TinyModel.context(model))[0]
        #expect(score.words == drops)
    }

    @Test func theQueryStays() throws {
        // [CLS] query [SEP] a ##b c d [SEP], of which d is cut.
        let chunk = SaliencyMapTests.document
        let model = TinyModel.make()
        let without = TokenizedDocument(
            ids: [2, 9, 3, 7, 8, 3], segmentIDs: [0, 0, 0, 1, 1, 1],
            offsets: (0..<6).map { _ in 0..<0 }, wordIndices: (0..<6).map { _ in -1 }, words: [],
            readWords: 0)
        let logits = model.logits([chunk, without], workers: Workers(threads: 1))
        let label = logits[0][1] > logits[0][0] ? 1 : 0
        let p = logits.map { CrossEntropy.probabilities($0)[label] }
        let score = try TinyModel.score(LeaveOneOut(.delete), chunk, model)
        #expect(score.words.count == 2)
        #expect(score.words[0] == Float(max(0, p[0] - p[1])))
    }
}

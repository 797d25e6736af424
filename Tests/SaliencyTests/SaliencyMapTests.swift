import Saliency
import Testing
import Tokenization

@Suite struct SaliencyMapTests {
    /// A query, then "ab c de", of which the limit cut the last word after its first piece:
    /// [CLS] query [SEP] a ##b c d [SEP].
    static let document = TokenizedDocument(
        ids: [2, 9, 3, 5, 6, 7, 8, 3], segmentIDs: [0, 0, 0, 1, 1, 1, 1, 1],
        offsets: [0..<0, 0..<3, 0..<0, 0..<1, 1..<2, 3..<4, 5..<6, 0..<0],
        wordIndices: [-1, -1, -1, 0, 0, 1, 2, -1], words: [0..<2, 3..<4, 5..<7], readWords: 2)

    @Test func piecesAreSummedToWordsAndNormalised() {
        let words = Self.document.wordSums([0, 0, 0, 1, 2, 1, 0, 0])
        #expect(words == [3, 1])
        let map = SaliencyMap(normalizing: words)
        // 3 and 1 of 4: exact in binary.
        #expect(map.scores == [0.75, 0.25])
    }

    @Test func specialTokensAndTheQueryAreLeftOut() {
        let plain = Self.document.wordSums([0, 0, 0, 1, 2, 1, 0, 0])
        let heavy = Self.document.wordSums([50, 40, 30, 1, 2, 1, 0, 20])
        #expect(heavy == plain)
    }

    @Test func aWordThatTheLimitCutIsLeftOut() {
        #expect(Self.document.wordSums([0, 0, 0, 1, 2, 1, 100, 0]) == [3, 1])
    }

    @Test func scoresAddUpToOne() {
        let raw = (1...3_000).map { 1 / Float($0) }
        let map = SaliencyMap(normalizing: raw)
        // Each score is rounded to a Float once: 3,000 roundings of at most 2⁻²⁴ of a score.
        #expect(abs(map.scores.reduce(0.0) { $0 + Double($1) } - 1) < 1e-6)
        #expect(map.scores.count == raw.count)
        #expect(zip(map.scores, map.scores.dropFirst()).allSatisfy { $0 > $1 })
    }

    @Test func allZeroStaysZero() {
        #expect(SaliencyMap(normalizing: [0, 0, 0]).scores == [0, 0, 0])
        #expect(Self.document.wordSums([9, 9, 9, 0, 0, 0, 9, 9]) == [0, 0])
    }

    @Test func nothingReadGivesNoScores() {
        let document = TokenizedDocument(
            ids: [2, 3], segmentIDs: [0, 0], offsets: [0..<0, 0..<0], wordIndices: [-1, -1],
            words: [], readWords: 0)
        #expect(document.wordSums([0.5, 0.5]).isEmpty)
    }
}

import Testing
import Tokenization

@Suite struct TokenizedDocumentTests {
    @Test func isTruncatedWhereNotAllWordsWereRead() {
        func document(readWords: Int) -> TokenizedDocument {
            TokenizedDocument(
                ids: [1, 2], segmentIDs: [0, 0], offsets: [0..<0, 0..<1], wordIndices: [-1, 0],
                words: [0..<1, 2..<3], readWords: readWords)
        }
        #expect(document(readWords: 1).isTruncated)
        #expect(!document(readWords: 2).isTruncated)
        #expect(document(readWords: 1) != document(readWords: 2))
    }
}

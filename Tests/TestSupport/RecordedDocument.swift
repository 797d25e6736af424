package import Tokenization

extension Recordings {
    /// Pieces of no word: what is encoded, and nothing that is selected.
    package static func document(_ ids: [Int]) -> TokenizedDocument {
        TokenizedDocument(
            ids: ids.map { Int32($0) }, segmentIDs: ids.map { _ in 0 },
            offsets: ids.map { _ in 0..<0 },
            wordIndices: ids.map { _ in -1 }, words: [], readWords: 0)
    }
}

package import Tokenization

extension Recordings {
    /// Pieces of no word: what is encoded, and nothing that is selected.
    package static func document(_ ids: [Int]) -> TokenizedDocument {
        TokenizedDocument(
            ids: ids.map { Int32($0) }, segmentIDs: ids.map { _ in 0 },
            offsets: ids.map { _ in 0..<0 },
            wordIndices: ids.map { _ in -1 }, words: [], readWords: 0)
    }

    /// A word a piece between a start and an end symbol, as an encoder of words reads them.
    package static func sentence(_ ids: [Int32]) -> TokenizedDocument {
        let words = ids.count - 2
        return TokenizedDocument(
            ids: ids, segmentIDs: ids.map { _ in 0 }, offsets: ids.map { _ in 0..<0 },
            wordIndices: [-1] + (0..<Int32(words)).map { $0 } + [-1],
            words: (0..<words).map { (2 * $0)..<(2 * $0 + 1) }, readWords: words)
    }
}

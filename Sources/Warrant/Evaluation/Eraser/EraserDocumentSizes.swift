import Synchronization

/// How many sentences and tokens the documents of an ERASER dataset have; ``EraserTokens`` says what
/// they are.
final class EraserDocumentSizes: Sendable {
    /// The largest document, and the longest row of a file about documents.
    static let maximumBytes = 64 << 20

    let folder: String
    /// A class, for what was read once is remembered; the lock makes it safe to share.
    private let known = Mutex<[String: [Int]]>([:])

    init(folder: String) { self.folder = folder }

    /// The number of tokens of each sentence, or nil where there is no such document.
    ///
    /// - Throws: ``DatasetError`` where the name leads out of the folder or the file is no text.
    func sentences(
        of docid: String, at location: SourceLocation
    ) throws(DatasetError) -> [Int]? {
        if let sizes = known.withLock({ $0[docid] }) { return sizes }
        let documents = EraserDocuments(folder: folder, maximumBytes: Self.maximumBytes)
        guard try documents.contains(docid, at: location) else { return nil }
        let sizes = EraserTokens(try documents.text(docid, at: location)).sentences
        known.withLock { $0[docid] = sizes }
        return sizes
    }
}

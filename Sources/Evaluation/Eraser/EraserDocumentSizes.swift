import Datasets
import Synchronization

/// How many sentences and tokens the documents of an ERASER dataset have; ``EraserTokens`` says what
/// they are.
final class EraserDocumentSizes: Sendable {
    /// The largest document, and the longest row of a file about documents.
    static let maximumBytes = 64 << 20

    /// Where the documents are, a folder or a file of all documents.
    let path: String
    /// A class, for what was read once is remembered; the lock makes it safe to share.
    private let known = Mutex<[String: [Int]]>([:])
    /// The documents; opened once, since a file of all of them is read to find them.
    private let documents: Mutex<EraserDocuments>

    /// - Parameter path: a folder of documents, a file of all of them, or a folder that holds it.
    /// - Throws: ``DatasetError`` where there is none.
    init(path: String) throws(DatasetError) {
        let file = "\(path)/\(EraserDocuments.fileName)"
        self.path = LineReader.isRegularFile(file) ? file : path
        guard DatasetOrigin.isFolder(self.path) || LineReader.isRegularFile(self.path) else {
            throw DatasetError(
                .missingInput, at: SourceLocation(file: path),
                "no such folder; give the folder of the split's documents, or the file docs.jsonl")
        }
        documents = Mutex(try EraserDocuments(path: self.path, maximumBytes: Self.maximumBytes))
    }

    /// The number of tokens of each sentence, or nil where there is no such document.
    ///
    /// - Throws: ``DatasetError`` where the name leads out of the folder or the file is no text.
    func sentences(
        of docid: String, at location: SourceLocation
    ) throws(DatasetError) -> [Int]? {
        if let sizes = known.withLock({ $0[docid] }) { return sizes }
        let sizes = try documents.withLock { documents throws(DatasetError) -> [Int]? in
            guard try documents.contains(docid, at: location) else { return nil }
            return EraserTokens(try documents.text(docid, at: location), documents.form).sentences
        }
        guard let sizes else { return nil }
        known.withLock { $0[docid] = sizes }
        return sizes
    }
}

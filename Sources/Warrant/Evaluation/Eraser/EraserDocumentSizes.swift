import Synchronization

/// How many sentences and tokens the documents of an ERASER dataset have, as ERASER's `utils.py`
/// counts them: a sentence is a line that is not blank, a token what stands between spaces, after
/// whitespace at both ends of the line is dropped.
///
/// Only U+0020 parts tokens. Warrant's words are parted by any whitespace, so in a document with
/// tabs or no-break spaces within a line the two disagree.
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
        let sizes = Self.sentences(of: try documents.document(docid, at: location).text)
        known.withLock { $0[docid] = sizes }
        return sizes
    }

    /// The number of tokens of each sentence of a text. A line and a token at a time: a text may be
    /// nothing but breaks.
    static func sentences(of text: String) -> [Int] {
        var sizes: [Int] = []
        var rest = text.unicodeScalars[...]
        while !rest.isEmpty {
            let end = rest.firstIndex { $0 == "\n" || $0 == "\r" } ?? rest.endIndex
            var line = rest[..<end]
            rest = rest[end...].dropFirst()
            while let last = line.last, last.isPythonSpace { line.removeLast() }
            var tokens = 0
            var isWithin = false
            for scalar in line.drop(while: \.isPythonSpace) {
                if scalar != " " && !isWithin { tokens += 1 }
                isWithin = scalar != " "
            }
            if tokens > 0 { sizes.append(tokens) }
        }
        return sizes
    }
}

extension Unicode.Scalar {
    /// What Python's `str.strip` drops: White_Space and the four information separators.
    fileprivate var isPythonSpace: Bool {
        properties.isWhitespace || (0x1C...0x1F).contains(value)
    }
}

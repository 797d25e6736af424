import Tokenization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The documents of an ERASER dataset: a folder `docs` with a file for each, or a file `docs.jsonl` with a
/// row for each, which ERASER reads where it is there.
package final class EraserDocuments {
    /// The name of the file of all documents.
    package static let fileName = "docs.jsonl"

    /// One document, in Warrant's words and ERASER's tokens.
    struct Document {
        let text: String
        let wordCount: Int
        let tokenCount: Int
        /// The words of each token; nil where each token is one word, as almost everywhere.
        let tokens: [Range<Int>]?

        init(_ text: String, _ form: EraserTokens.Form) {
            let words = wordRanges(in: text)
            let own = EraserTokens(text, form, keepsPlaces: true)
            self.text = text
            wordCount = words.count
            tokenCount = own.count
            tokens = own.areWords(words) ? nil : own.words(words)
        }

        /// The words of a range of tokens, which must not be empty or reach beyond the last token.
        func words(of range: Range<Int>) -> Range<Int> {
            guard let tokens else { return range }
            return tokens[range.lowerBound].lowerBound..<tokens[range.upperBound - 1].upperBound
        }
    }

    /// Where the documents are, a folder or a file.
    let path: String
    /// How long a document may be, and a row's documents together.
    let maximumBytes: Int

    /// The document last read: the rows about one document usually follow each other.
    private var last: (name: String, document: Document)?
    /// The rows of a file of all documents.
    private let file: EraserDocumentFile?

    /// How the documents' tokens are counted.
    package var form: EraserTokens.Form { file == nil ? .file : .row }

    /// Opens a folder, or a file of all documents, which is read once.
    ///
    /// - Throws: ``DatasetError`` for a file that cannot be read or has rows that are no documents.
    package init(path: String, maximumBytes: Int) throws(DatasetError) {
        self.path = path
        self.maximumBytes = maximumBytes
        file =
            LineReader.isRegularFile(path)
            ? try EraserDocumentFile(path: path, maximumBytes: maximumBytes) : nil
    }

    /// Whether there is a document of this name.
    package func contains(_ name: String, at location: SourceLocation) throws(DatasetError) -> Bool
    {
        if let file { return file.contains(name) }
        return FileManager.default.fileExists(atPath: try path(of: name, at: location))
    }

    /// Reads a document.
    ///
    /// - Parameters:
    ///   - name: the file's name in the folder.
    ///   - location: the row that asks for it, for errors.
    /// - Throws: ``DatasetError`` when it is missing, too long, or not UTF-8.
    func document(
        _ name: String, at location: SourceLocation
    ) throws(DatasetError) -> Document {
        if let last, last.name == name { return last.document }
        let document = Document(try text(name, at: location), form)
        last = (name, document)
        return document
    }

    /// A document's text.
    ///
    /// - Throws: as ``document(_:at:)``.
    package func text(_ name: String, at location: SourceLocation) throws(DatasetError) -> String {
        if let file { return try file.text(name, at: location) }
        let path = try path(of: name, at: location)
        guard FileManager.default.fileExists(atPath: path) else {
            throw DatasetError(
                .missingInput, at: location,
                "the row's document \(path) does not exist: add the file or correct its docid")
        }
        // A pipe would wait for its writer.
        guard LineReader.isRegularFile(path) else {
            throw DatasetError(
                .badData, at: location,
                "the row's document \(path) is not a regular file: correct its docid")
        }
        return try LineReader.text(ofFile: path, maximumBytes: maximumBytes)
    }

    /// A name comes from the data and must not lead out of the folder.
    private func path(
        of name: String, at location: SourceLocation
    ) throws(DatasetError) -> String {
        let isInside = !name.split(separator: "/", omittingEmptySubsequences: false)
            .contains { $0.isEmpty || $0 == "." || $0 == ".." }
        guard isInside else {
            throw DatasetError(
                .badData, at: location,
                "the document name \(DatasetError.quote(name)) leads out of \(self.path); "
                    + "expected the name of a file in it")
        }
        return "\(self.path)/\(name)"
    }
}

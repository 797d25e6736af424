import Tokenization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The folder `docs` of an ERASER dataset.
final class EraserDocuments {
    /// One document, in Warrant's words and ERASER's tokens.
    struct Document {
        let text: String
        let wordCount: Int
        let tokenCount: Int
        /// The words of each token; nil where each token is one word, as almost everywhere.
        let tokens: [Range<Int>]?

        init(_ text: String) {
            let words = wordRanges(in: text)
            let own = EraserTokens(text, keepsPlaces: true)
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

    let folder: String
    /// How long a document may be, and a row's documents together.
    let maximumBytes: Int

    /// The document last read: the rows about one document usually follow each other.
    private var last: (name: String, document: Document)?

    init(folder: String, maximumBytes: Int) {
        self.folder = folder
        self.maximumBytes = maximumBytes
    }

    /// Whether there is a document of this name.
    func contains(_ name: String, at location: SourceLocation) throws(DatasetError) -> Bool {
        FileManager.default.fileExists(atPath: try path(of: name, at: location))
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
        let document = Document(try text(name, at: location))
        last = (name, document)
        return document
    }

    /// A document's text.
    ///
    /// - Throws: as ``document(_:at:)``.
    func text(_ name: String, at location: SourceLocation) throws(DatasetError) -> String {
        let path = try path(of: name, at: location)
        guard FileManager.default.fileExists(atPath: path) else {
            throw DatasetError(
                .missingInput, at: location,
                "the row's document \(path) does not exist: add the file or correct its docid")
        }
        // A pipe would wait for its writer.
        guard Self.isRegularFile(path) else {
            throw DatasetError(
                .badData, at: location,
                "the row's document \(path) is not a regular file: correct its docid")
        }
        var bytes: [UInt8] = []
        let lines = try LineReader(path: path, maximumLineBytes: maximumBytes)
        while let line = try lines.next() {
            bytes.append(contentsOf: line.bytes)
            bytes.append(contentsOf: line.lineBreak.bytes)
            guard bytes.count <= maximumBytes else { throw lines.tooLong(at: 1) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isRegularFile(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFREG
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
                "the document name \(DatasetError.quote(name)) leads out of \(folder); "
                    + "expected the name of a file in it")
        }
        return "\(folder)/\(name)"
    }
}

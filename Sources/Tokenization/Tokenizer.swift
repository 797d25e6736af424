import Files

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Turns a text, or a query and a document, into an encoder's input. Every conforming type gives the
/// ids and offsets of Hugging Face's `tokenizers`.
public protocol Tokenizer: Sendable {
    /// One more than the largest id, added tokens included.
    var vocabularySize: Int { get }
    /// The id of the token that begins every input and whose state is classified, such as [CLS] or <s>.
    var classifierTokenID: Int32 { get }
    /// The id of the token that ends every text, such as [SEP] or </s>.
    var separatorTokenID: Int32 { get }
    /// The id that pads sequences.
    var paddingTokenID: Int32 { get }
    /// The id of the token that stands for a piece left out, such as [MASK] or <mask>.
    var maskTokenID: Int32 { get }
    /// The longest input that the folder names, in pieces; nil where it names none.
    var modelMaximumLength: Int? { get }

    /// What counts as a word of a document.
    var words: WordRule { get }

    /// The text of a token; nil for an id that has none.
    func token(for id: Int32) -> String?

    /// Tokenizes a document, after a query where there is one, cut to `maximumLength` pieces in all.
    /// Only the document is cut.
    ///
    /// - Throws: `TokenizerError.noRoomForDocument` where the query and the special tokens leave no
    ///   room for a piece of the document.
    func tokenize(
        _ document: String, query: String?, maximumLength: Int
    ) throws -> TokenizedDocument
}

/// Opens the tokenizer of a Hugging Face model folder, of whichever kind it is.
///
/// The model's type in `tokenizer.json` decides. Without that file `vocab.txt` means WordPiece, and
/// `vocab.json` with `merges.txt` byte-level BPE.
///
/// - Parameter words: what counts as a word of a document.
/// - Throws: `TokenizerError` where a file is missing, malformed or asks for what is not supported.
public func openTokenizer(
    folder: URL, words: WordRule = .whitespace
) throws -> any Tokenizer {
    try openTokenizer(FolderFiles(folder), words: words)
}

extension FolderFiles {
    /// The files of a folder.
    package convenience init(_ folder: URL) { self.init(folder.path(percentEncoded: false)) }
}

/// Opens a tokenizer from files that may have been read already: they are not read again.
///
/// - Parameter words: what counts as a word of a document.
/// - Throws: `TokenizerError`, as with a folder.
package func openTokenizer(
    _ folder: FolderFiles, words: WordRule = .whitespace
) throws -> any Tokenizer {
    let files = try TokenizerFiles(folder)
    return try files.model(among: TokenizerModels.all).open(files, words: words)
}

extension Tokenizer {
    /// Tokenizes a document without a query, cut to `maximumLength` pieces (at least 2) in all.
    public func tokenize(_ document: String, maximumLength: Int) throws -> TokenizedDocument {
        try tokenize(document, query: nil, maximumLength: maximumLength)
    }
}

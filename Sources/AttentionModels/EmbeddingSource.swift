import Classifiers
import Encoders
import Errors
import Files
import Tensors
import Tokenization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where a model's word embeddings come from before it is trained.
package enum EmbeddingSource: Sendable, Equatable {
    /// Values from N(0, 1).
    case random
    /// A text file of word vectors, as fastText and GloVe have them.
    case vectors(String)
    /// The word pieces of a Hugging Face encoder's folder: a word's vector is the mean of its pieces'.
    case wordPieces(String)

    /// A source by what people call it: `random`, a file of vectors, or an encoder's folder or name.
    ///
    /// - Throws: `WarrantError` where nothing is there, `EncoderError`.
    package init(_ name: String) throws {
        if name == "random" {
            self = .random
        } else if let kind = try? FileManager.default.attributesOfItem(
            atPath: URL(filePath: name).resolvingSymlinksInPath().path)[.type]
            as? FileAttributeType,
            kind == .typeRegular
        {
            self = .vectors(name)
        } else {
            self = .wordPieces(try EncoderLocation(name).folder.path)
        }
    }

    /// What it is called in results.
    package var title: String {
        switch self {
        case .random: "random"
        case .vectors(let path): URL(filePath: path).lastPathComponent
        case .wordPieces(let path): "\(URL(filePath: path).lastPathComponent) word-piece"
        }
    }

    /// What the values depend on: a digest of the files.
    ///
    /// - Throws: `FileError`, `EncoderError`.
    package func digest() throws -> String {
        switch self {
        case .random: "random"
        case .vectors(let path):
            "vectors " + FileDigests.sha256(try MappedFile(path: path))
        case .wordPieces(let path):
            "pieces " + FileDigests.stage(files: try FileDigests.files(FolderFiles(path)))
        }
    }

    /// The vectors of a vocabulary's words; nil at random.
    ///
    /// - Parameter size: their width; nil: as they come.
    /// - Throws: `WarrantError`, `FileError`, `EncoderError`, `TokenizerError`, `SafetensorsError`.
    package func vectors(of vocabulary: WordVocabulary, size: Int?) throws -> WordVectors? {
        switch self {
        case .random: nil
        case .vectors(let path):
            try WordVectors(file: MappedFile(path: path), words: vocabulary.words, size: size)
        case .wordPieces(let path):
            try WordVectors(encoder: FolderFiles(path), words: vocabulary.words, size: size)
        }
    }
}

/// A vector for each word of a vocabulary.
package struct WordVectors: Sendable {
    /// The width.
    package let size: Int
    /// [words, size] in row-major order.
    package let values: [Float]
    /// How many words, special ones apart, have a vector; the others' are zero.
    package let known: Int
}

import Crypto
import Encoders
import Files

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// SHA-256 of files and of folders.
package enum FileDigests {
    /// The files that a stage's prediction depends on, where they are present.
    package static let stageFiles = [
        "added_tokens.json", "config.json", "merges.txt", "model.safetensors",
        "special_tokens_map.json", "tokenizer.json", "tokenizer_config.json", "vocab.json",
        "vocab.txt",
    ]

    /// Lower-case hexadecimal SHA-256 of bytes.
    package static func sha256(_ bytes: some DataProtocol) -> String {
        hexadecimal(SHA256.hash(data: bytes))
    }

    /// SHA-256 of a file.
    ///
    /// - Throws: `FileError` for an unreadable file.
    /// - Complexity: O(size); about half a second for a gigabyte.
    package static func sha256(file: URL) throws -> String {
        sha256(try MappedFile(path: file.path))
    }

    /// The size and the SHA-256 of a file that this process has just written, read piece by piece: it
    /// may be large, and mapped pages count as memory.
    ///
    /// - Throws: `FileError` for an unreadable file.
    package static func written(_ path: String) throws(FileError) -> (bytes: Int, sha256: String) {
        var hash = SHA256()
        let bytes = try readPieces(of: path) { hash.update(bufferPointer: $0) }
        return (bytes, hexadecimal(hash.finalize()))
    }

    /// SHA-256 of the very bytes that others read of an opened file.
    package static func sha256(_ file: MappedFile) -> String {
        var hash = SHA256()
        file.withBytes { hash.update(bufferPointer: $0) }
        return hexadecimal(hash.finalize())
    }

    /// One digest for a stage's folder: SHA-256 over a line `name digest` for each of its files, by
    /// name.
    ///
    /// - Throws: `FileError` for an unreadable file.
    package static func stage(_ folder: URL) throws -> String {
        try stage(files: files(in: folder))
    }

    /// The digest of a stage's folder from those of its files.
    package static func stage(files: [String: String]) -> String {
        sha256(Array(lines(files).utf8))
    }

    /// A line `name digest` for each file, by name.
    static func lines(_ files: [String: String]) -> String {
        files.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value)\n" }.joined()
    }

    /// The digest of each file of a stage or an encoder, by name; of weights in several parts each
    /// part's, and their index'.
    package static func files(in folder: URL) throws -> [String: String] {
        try files(FolderFiles(folder.path))
    }

    /// The same of files that may have been read already.
    ///
    /// - Throws: `FileError`, and for an index that is not one `EncoderError`, `TokenizerError`.
    package static func files(_ folder: FolderFiles) throws -> [String: String] {
        var digests: [String: String] = [:]
        for name in try Set(stageFiles).union(CheckpointWeights.fileNames(folder)) {
            guard let file = try folder.file(name) else { continue }
            digests[name] = sha256(file)
        }
        return digests
    }

    private static func hexadecimal(_ digest: SHA256.Digest) -> String {
        let digits = Array("0123456789abcdef".utf8)
        var text: [UInt8] = []
        for byte in digest { text += [digits[Int(byte >> 4)], digits[Int(byte & 15)]] }
        return String(decoding: text, as: UTF8.self)
    }
}

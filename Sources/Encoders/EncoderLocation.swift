import Errors
import Files
import JSON

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Where the files of an encoder lie that is given as a folder or by its name on the Hugging Face hub.
///
/// ```swift
/// let location = try EncoderLocation("sentence-transformers/all-MiniLM-L6-v2")
/// let configuration = try EncoderConfiguration(folder: location.folder)
/// ```
public struct EncoderLocation: Sendable {
    /// The folder that holds `config.json` and the weights.
    public let folder: URL
    /// What people should know of where the encoder was found, a line each.
    public let notices: [String]

    /// Finds an encoder: in the folder of that path, or, where there is none, by its name in the
    /// Hugging Face cache of this user, without its owner's name where that tells one. In a folder of `sentence-transformers` it is the one that
    /// `modules.json` names.
    ///
    /// - Parameters:
    ///   - encoder: a path, or a name such as `bert-base-uncased` or
    ///     `sentence-transformers/all-MiniLM-L6-v2`.
    ///   - environment: says where the cache is (`HF_HUB_CACHE`, `HF_HOME`, `XDG_CACHE_HOME`, `HOME`).
    /// - Throws: `EncoderError` for a name that the cache lacks, with how to get it, and for a
    ///   `modules.json` that names no encoder of the folder; `TokenizerError`; another
    ///   `DescribedError` about a file.
    public init(
        _ encoder: String, environment: [String: String] = ProcessInfo.processInfo.environment
    ) throws {
        var folder = encoder
        var notices: [String] = []
        if !Self.exists(encoder), Self.isName(encoder) {
            let cache = HuggingFaceCache(environment)
            if let (name, snapshot) = try cache.find(encoder) {
                folder = snapshot
                notices.append("reading \(name) from \(snapshot)")
            } else if !Self.isInsideFolder(encoder) {
                throw cache.missing(encoder)
            }
        }
        if let inner = try Self.transformer(in: FolderFiles(folder)) {
            folder = "\(folder)/\(inner)"
            notices.append("reading the encoder in \(folder), which modules.json names")
        }
        self.folder = URL(filePath: folder)
        self.notices = notices
    }

    /// Whether a text can be an encoder's name: one part, or two with a slash between them.
    package static func isName(_ text: String) -> Bool {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false)
        return parts.count <= 2
            && parts.allSatisfy { part in
                part.utf8.count <= 96 && part.unicodeScalars.first.map(isLetterOrDigit) == true
                    && part.unicodeScalars.allSatisfy {
                        isLetterOrDigit($0) || "._-".unicodeScalars.contains($0)
                    }
                    && !part.contains("--") && !part.contains("..")
            }
    }

    private static func isLetterOrDigit(_ scalar: Unicode.Scalar) -> Bool {
        ("a"..."z").contains(scalar) || ("A"..."Z").contains(scalar) || ("0"..."9").contains(scalar)
    }

    private static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: path)
    }

    /// Whether the part before a slash is a folder here: then a path was meant.
    private static func isInsideFolder(_ text: String) -> Bool {
        guard let slash = text.firstIndex(of: "/") else { return false }
        return exists(String(text[..<slash]))
    }

    /// The folder of the encoder within one of `sentence-transformers`; nil where the weights lie in
    /// the folder itself, or it is none of theirs.
    private static func transformer(in folder: FolderFiles) throws -> String? {
        let own = [
            CheckpointWeights.fileName, CheckpointWeights.indexName, "pytorch_model.bin",
            "pytorch_model.bin.index.json",
        ]
        guard !own.contains(where: folder.has),
            let bytes = try folder.bytes("modules.json", upTo: 1 << 20)
        else { return nil }
        let path = folder.path(of: "modules.json")
        let root = try JSONValue(json: bytes, file: path)
        // The oldest ones are named after the encoder's family.
        let types = ["Transformer", "BERT", "DistilBERT", "RoBERTa"]
        let module = (root.array ?? []).first { module in
            guard let type = module["type"]?.string?.split(separator: ".").last else {
                return false
            }
            return types.contains { $0 == type }
        }
        guard let name = module?["path"]?.string else {
            throw EncoderError.invalid(
                path, "names no module of the type Transformer with a path: this is no text encoder"
            )
        }
        if name.isEmpty { return nil }
        guard isName(name), !name.contains("/") else {
            throw EncoderError.invalid(
                path,
                "the encoder's path is \"\(printable(name, limit: 80))\"; expected the name of a folder "
                    + "beside it")
        }
        return name
    }
}

extension EncoderLocation {
    /// What an encoder in a folder is called: the name on the hub for one in the Hugging Face cache,
    /// else the folder's name, for `0_Transformer` and its like that of the folder around it.
    package static func name(of folder: URL) -> String {
        var parts = folder.standardizedFileURL.path.split(separator: "/").map(String.init)
        if parts.count > 1, let last = parts.last, last.hasPrefix("0_") { parts.removeLast() }
        if parts.count >= 3, parts[parts.count - 2] == "snapshots",
            parts[parts.count - 3].hasPrefix(HuggingFaceCache.prefix)
        {
            return parts[parts.count - 3].dropFirst(HuggingFaceCache.prefix.count)
                .split(separator: "--").joined(separator: "/")
        }
        return parts.last ?? ""
    }
}

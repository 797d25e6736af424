#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The JSON files of a tokenizer's folder, parsed once and not yet understood.
struct TokenizerFiles {
    /// The kinds of tokenizers that there are readers for.
    enum Kind {
        case wordPiece
        case byteLevelBPE
    }

    let configuration: JSONFile?
    let specialTokensMap: JSONFile?
    let addedTokens: JSONFile?
    /// `tokenizer.json` without its vocabulary.
    let tokenizer: JSONFile?
    /// The vocabulary of `tokenizer.json`.
    let members: VocabularyMembers?
    private let folder: URL

    init(_ folder: URL) throws {
        self.folder = folder
        func json(_ name: String) throws -> JSONFile? {
            let path = Self.path(name, in: folder)
            guard let bytes = try bytesOfFile(at: path, upTo: largestSettingsFile) else {
                return nil
            }
            let root = try JSONParser.value(of: bytes, file: path)
            guard root.object != nil else {
                throw TokenizerError.malformed(
                    file: path, line: 1, problem: "an object was expected")
            }
            return JSONFile(path: path, root: root)
        }
        configuration = try json("tokenizer_config.json")
        specialTokensMap = try json("special_tokens_map.json")
        addedTokens = try json("added_tokens.json")

        let path = Self.path("tokenizer.json", in: folder)
        if let bytes = try bytesOfFile(at: path) {
            let members = VocabularyMembers(file: path)
            let root = try JSONParser.value(
                of: bytes, file: path, visiting: ["model", "vocab"], members.add)
            tokenizer = JSONFile(path: path, root: root)
            self.members = members
        } else {
            tokenizer = nil
            members = nil
        }
    }

    var folderPath: String { folder.path(percentEncoded: false) }

    func path(_ name: String) -> String { Self.path(name, in: folder) }

    private static func path(_ name: String, in folder: URL) -> String {
        folder.appending(path: name).path(percentEncoded: false)
    }

    /// What `tokenizer.json` says, or else what the names of the other files tell.
    ///
    /// Older files do not name the model's type; merges are BPE's alone.
    func kind() throws -> Kind {
        if let tokenizer {
            let model = tokenizer.root["model"]
            switch model?["type"]?.string ?? (model?["merges"] == nil ? "WordPiece" : "BPE") {
            case "WordPiece": return .wordPiece
            case "BPE": return .byteLevelBPE
            case let other:
                throw TokenizerError.unsupported(
                    file: tokenizer.path,
                    problem: "the model's type is \(quoted(other)); \"WordPiece\" or \"BPE\" was "
                        + "expected")
            }
        }
        let manager = FileManager.default
        let isBPE =
            !manager.fileExists(atPath: path("vocab.txt"))
            && manager.fileExists(atPath: path("vocab.json"))
        return isBPE ? .byteLevelBPE : .wordPiece
    }
}

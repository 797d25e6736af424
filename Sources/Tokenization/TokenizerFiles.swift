import Errors
import Files
import JSON

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
    private let folder: FolderFiles

    init(_ folder: FolderFiles) throws {
        self.folder = folder
        func json(_ name: String) throws -> JSONFile? {
            guard let bytes = try folder.tokenizerBytes(name, upTo: largestSettingsFile) else {
                return nil
            }
            let path = folder.path(of: name)
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

        if let bytes = try folder.tokenizerBytes("tokenizer.json") {
            let path = folder.path(of: "tokenizer.json")
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

    var folderPath: String { folder.path }

    func path(_ name: String) -> String { folder.path(of: name) }

    /// A file's bytes; nil where there is no such file.
    func bytes(_ name: String) throws -> [UInt8]? { try folder.tokenizerBytes(name) }

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
        let isBPE = try bytes("vocab.txt") == nil && bytes("vocab.json") != nil
        return isBPE ? .byteLevelBPE : .wordPiece
    }
}

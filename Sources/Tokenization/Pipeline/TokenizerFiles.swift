import Errors
import Files
import JSON

/// The JSON files of a tokenizer's folder, parsed once and not yet understood.
package struct TokenizerFiles {
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

    func path(_ name: String) -> String { folder.path(of: name) }

    /// A file's bytes; nil where there is no such file.
    func bytes(_ name: String) throws -> [UInt8]? { try folder.tokenizerBytes(name) }

    /// The kind of the tokenizer among `models`: what `tokenizer.json` says, or else what the names
    /// of the other files tell.
    func model(
        among models: [any TokenizerModel.Type]
    ) throws -> any TokenizerModel.Type {
        if let tokenizer {
            let model = tokenizer.member("model")
            // Older files do not name the model's type; merges are BPE's alone.
            let usual =
                model?.root["merges"] == nil ? WordPieceModel.type : BytePairModel.type
            let type = try model?.string("type") ?? usual
            if let known = models.first(where: { $0.type == type }) { return known }
            throw TokenizerError.unsupported(
                file: tokenizer.path,
                problem: "the model's type is \(quoted(type)); "
                    + models.map { quoted($0.type) }.joined(separator: " or ") + " was expected")
        }
        for model in models {
            if let name = model.olderFiles.first, try bytes(name) != nil { return model }
        }
        throw missing(among: models)
    }

    /// That the folder holds none of some kinds of tokenizers.
    func missing(among models: [any TokenizerModel.Type]) -> TokenizerError {
        let files = [["tokenizer.json"]] + models.map { $0.olderFiles }.filter { !$0.isEmpty }
        return .unreadable(
            file: folder.path,
            problem: "has "
                + files.map { "no " + $0.joined(separator: " with ") }.joined(separator: ", ")
                + "; a Hugging Face model's folder with one of these was expected")
    }
}

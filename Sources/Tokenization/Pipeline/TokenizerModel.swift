/// A kind of tokenizer, named after the model in its pipeline: how that is read, which steps around
/// it are supported, and the fast reader that such pipelines compile to.
///
/// A kind is one file with its model, its reader, and one element of `TokenizerModels.all`.
package protocol TokenizerModel: Sendable, Equatable {
    /// What `tokenizer.json` calls it under `model.type`.
    static var type: String { get }
    /// The files that hold it where there is no `tokenizer.json`; the first one tells the kind.
    /// Empty: there are none.
    static var olderFiles: [String] { get }
    /// The tokens with a role where no file names them, by the name of the role in the files.
    static var specialTokens: [String: String] { get }

    /// The tokens with their ids.
    var vocabulary: Vocabulary { get }

    /// Reads the model, and adapts the tokens with a role to it.
    ///
    /// - Returns: the model, and the file that its vocabulary was read from.
    static func read(
        _ files: TokenizerFiles, _ settings: inout TokenizerSettings
    ) throws -> (model: Self, vocabularyFile: String)

    /// Complains about steps in `tokenizer.json` that are not supported around this model, or that
    /// another file states otherwise, and takes the tokens with a role from them.
    static func check(
        _ steps: PipelineSteps, of tokenizer: JSONFile, _ settings: inout TokenizerSettings,
        _ files: TokenizerFiles
    ) throws

    /// The steps around the model where there is no `tokenizer.json`.
    ///
    /// - Parameter special: the token with a role, and its id.
    static func usualSteps(
        _ settings: TokenizerSettings, _ files: TokenizerFiles,
        special: (_ role: String) -> SpecialToken
    ) throws -> PipelineSteps

    /// Makes the fast reader of a pipeline whose steps have passed `check`.
    static func tokenizer(
        _ pipeline: TokenizerPipeline<Self>, words: WordRule
    ) throws -> any Tokenizer
}

/// The kinds of tokenizers that are read.
enum TokenizerModels {
    /// Every kind. Without `tokenizer.json` the first one counts whose file is there.
    static let all: [any TokenizerModel.Type] = [
        WordPieceModel.self, BytePairModel.self, WordLevelModel.self,
    ]
}

extension TokenizerModel {
    /// Reads a folder's pipeline and makes its fast reader.
    static func open(_ files: TokenizerFiles, words: WordRule) throws -> any Tokenizer {
        try tokenizer(TokenizerPipeline(files), words: words)
    }
}

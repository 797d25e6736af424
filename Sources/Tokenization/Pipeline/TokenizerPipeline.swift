import Files

/// What a tokenizer's files describe, as values: its added tokens, the model, and the steps around
/// it.
///
/// Hugging Face's `tokenizer.json` states it; older folders have it in several files, from which the
/// same value is read. A fast reader is compiled from it.
///
///     try TokenizerPipeline<WordPieceModel>(FolderFiles(folder)).model.longestWord  // 100
package struct TokenizerPipeline<Model: TokenizerModel>: Sendable, Equatable {
    /// The tokens that are found in a text as they are written, those with a role included.
    package let addedTokens: [AddedToken]
    /// What happens before the model and after it.
    package let steps: PipelineSteps
    /// What turns the words of a text into pieces.
    package let model: Model
    /// The tokens with a role, by the name of the role in the files, such as "cls_token".
    package let specialTokens: [String: String]
    /// The longest input that the folder names, in pieces; nil where it names none.
    package let modelMaximumLength: Int?

    /// Reads the pipeline of a folder that holds a tokenizer of this kind.
    ///
    /// - Throws: `TokenizerError` where a file is missing, malformed or asks for what is not
    ///   supported.
    package init(_ folder: FolderFiles) throws {
        let files = try TokenizerFiles(folder)
        _ = try files.model(among: [Model.self])
        try self.init(files)
    }

    init(_ files: TokenizerFiles) throws {
        var settings = TokenizerSettings(specialTokens: Model.specialTokens)
        try settings.read(files)
        let stated = try files.tokenizer.map { tokenizer in
            let steps = try PipelineSteps(tokenizer)
            try Model.check(steps, of: tokenizer, &settings, files)
            try settings.readAddedTokens(tokenizer)
            return steps
        }
        let (model, vocabularyFile) = try Model.read(files, &settings)
        let added = try settings.addedTokens(with: model.vocabulary, of: vocabularyFile)
        if let tokenizer = files.tokenizer {
            try stated?.postProcessor?.checkIDs(of: added, in: tokenizer)
        }
        steps =
            try stated
            ?? Model.usualSteps(settings, files) { role in
                let content = settings.specialTokens[role] ?? ""
                return SpecialToken(content: content, id: Int(added.id(of: content)))
            }
        addedTokens = added
        specialTokens = settings.specialTokens
        modelMaximumLength = settings.modelMaximumLength
        self.model = model
    }

    /// The id of the token with a role, 0 where there is none.
    func id(of role: String) -> Int32 { addedTokens.id(of: specialTokens[role] ?? "") }

    /// The texts of the added tokens that the vocabulary lacks.
    var addedContents: [Int32: String] {
        var contents: [Int32: String] = [:]
        for token in addedTokens where model.vocabulary.token(for: token.id) == nil {
            contents[token.id] = String(decoding: token.content, as: UTF8.self)
        }
        return contents
    }

    /// One more than the largest id, added tokens included.
    var vocabularySize: Int {
        max(model.vocabulary.count, (addedTokens.map { Int($0.id) }.max() ?? -1) + 1)
    }
}

/// The steps of a pipeline around its model.
package struct PipelineSteps: Sendable, Equatable {
    /// What changes a text before it is split.
    package let normalizer: Normalizer?
    /// What splits a text into stretches that pieces do not cross.
    package let preTokenizer: PreTokenizer?
    /// What puts special tokens around the pieces of one or two texts.
    package let postProcessor: PostProcessor?
}

extension PipelineSteps {
    /// Reads the steps that `tokenizer.json` states.
    init(_ tokenizer: JSONFile) throws {
        normalizer = try tokenizer.member("normalizer").map(Normalizer.init)
        preTokenizer = try tokenizer.member("pre_tokenizer").map(PreTokenizer.init)
        postProcessor = try tokenizer.member("post_processor").map(PostProcessor.init)
    }
}

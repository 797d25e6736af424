/// The tokenizer files of a WordPiece model's folder, read and checked against each other.
struct WordPieceFolder {
    private(set) var settings = TokenizerSettings()
    let vocabulary: Vocabulary
    /// The file that the vocabulary was read from.
    private(set) var vocabularyPath: String

    init(_ files: TokenizerFiles) throws {
        try settings.read(
            configuration: files.configuration, specialTokensMap: files.specialTokensMap,
            addedTokens: files.addedTokens)
        if let tokenizer = files.tokenizer {
            try settings.read(tokenizer: tokenizer, configuration: files.configuration)
        } else {
            try Self.checkClass(files.configuration)
        }

        let prefix = Array(settings.continuationPrefix.utf8)
        vocabularyPath = files.path("vocab.txt")
        if let bytes = try bytesOfFile(at: vocabularyPath) {
            vocabulary = try Vocabulary(lines: bytes, file: vocabularyPath, prefix: prefix)
            try files.members?.requireSame(as: vocabulary, file: vocabularyPath)
        } else if let members = files.members {
            vocabulary = try members.vocabulary(prefix: prefix)
            vocabularyPath = files.path("tokenizer.json")
        } else {
            throw TokenizerError.unreadable(
                file: files.folderPath,
                problem: "has no tokenizer.json, no vocab.txt, and no vocab.json with merges.txt; "
                    + "a Hugging Face folder of a BERT, DistilBERT or RoBERTa model was expected")
        }
    }

    /// Complains about a tokenizer whose `vocab.txt` is read in another way than BERT's.
    private static func checkClass(_ file: JSONFile?) throws {
        guard let file, let name = try file.string("tokenizer_class") else { return }
        let known = ["Bert", "DistilBert", "Electra", "MobileBert"].flatMap {
            ["\($0)Tokenizer", "\($0)TokenizerFast"]
        }
        guard known.contains(name) else {
            throw TokenizerError.unsupported(
                file: file.path,
                problem: "tokenizer_class is \(quoted(name)); without tokenizer.json only BERT's "
                    + "is known: save the tokenizer again so that it has that file")
        }
    }
}

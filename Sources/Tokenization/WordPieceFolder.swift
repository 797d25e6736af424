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
            try files.configuration?.checkClass(
                ["Bert", "DistilBert", "Electra", "MobileBert"], family: "BERT")
            try Self.checkSplitting(files.configuration)
        }

        let prefix = Array(settings.continuationPrefix.utf8)
        vocabularyPath = files.path("vocab.txt")
        if let bytes = try files.bytes("vocab.txt") {
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

    /// BERT's Japanese tokenizer has a `vocab.txt` too. Its class may stand in the model's
    /// configuration alone, but how it splits stands here.
    private static func checkSplitting(_ file: JSONFile?) throws {
        guard let file else { return }
        for (name, known) in [
            ("word_tokenizer_type", "basic"), ("subword_tokenizer_type", "wordpiece"),
        ] {
            try expect(name, try file.string(name) ?? known, known, in: file)
        }
    }
}

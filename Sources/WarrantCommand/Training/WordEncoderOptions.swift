import ArgumentParser
import AttentionModels
import Encoders
import Warrant

/// How an encoder of words is made; a transformer has all of it from its folder.
struct WordEncoderOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "How words are scored: tanh, additive attention, the default, or dot, scaled dot products.",
            valueName: "name"))
    var attention: AttentionScore?

    @Option(
        help: ArgumentHelp(
            "Word embeddings before training: random, the default, a text file of word vectors "
                + "(fastText's and GloVe's format), or a Hugging Face encoder whose word pieces' mean is "
                + "taken.",
            valueName: "random|file|folder|name"))
    var embeddings: String?

    @Option(
        help: ArgumentHelp(
            "How wide embeddings are: 300 at random, the source's width by default; an encoder's are "
                + "projected onto their principal components where fewer are asked for.",
            valueName: "n"))
    var embeddingSize: Int?

    @Option(
        help: ArgumentHelp(
            "How wide states are, of an LSTM in each direction; \(AttentionOptions().hiddenSize) by "
                + "default.", valueName: "n"))
    var hiddenSize: Int?

    @Option(
        help: ArgumentHelp(
            "In how many training texts a word must stand to be known; "
                + "\(AttentionOptions().minimumDocuments) by default.", valueName: "n"))
    var minimumDocuments: Int?

    /// The library's options for one of `WordEncoders`.
    ///
    /// - Throws: `WarrantError`, `EncoderError` where the embeddings are not there, or a number is
    ///   out of its range.
    func options(_ encoder: String) throws -> AttentionOptions {
        var options = AttentionOptions()
        options.encoder = encoder
        options.attention = attention ?? options.attention
        if let embeddings { options.embeddings = try EmbeddingSource(embeddings) }
        options.embeddingSize = embeddingSize
        options.hiddenSize = hiddenSize ?? options.hiddenSize
        options.minimumDocuments = minimumDocuments ?? options.minimumDocuments
        try options.validate()
        return options
    }

    /// The first option that was given; nil: none was.
    var firstGiven: String? {
        let given: [(String, Bool)] = [
            ("--attention", attention != nil), ("--embeddings", embeddings != nil),
            ("--embedding-size", embeddingSize != nil), ("--hidden-size", hiddenSize != nil),
            ("--minimum-documents", minimumDocuments != nil),
        ]
        return given.first { $0.1 }?.0
    }
}

extension AttentionScore: ExpressibleByArgument {}

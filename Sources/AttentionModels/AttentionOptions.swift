import Encoders
import Errors
import JSON
import Training

/// How a classifier with attention is trained. The defaults are those of Jain & Wallace 2019 (section 3;
/// `configurations.py` and `Trainers/TrainerBC.py` of `successar/AttentionExplanation`) for single texts.
package struct AttentionOptions: Sendable, Equatable {
    /// One of `WordEncoders`.
    package var encoder = "lstm"
    /// How states are scored.
    package var attention = AttentionScore.additive
    /// Where word embeddings come from.
    package var embeddings = EmbeddingSource.random
    /// The width of an embedding; nil: that of the source, and 300 at random.
    package var embeddingSize: Int?
    /// H: of each direction of an LSTM, else of a state.
    package var hiddenSize = 128
    /// In how many training texts a word must stand to be known.
    package var minimumDocuments = 1
    /// Which texts are read.
    package var lengths = LengthFilter()
    /// Passes over the training texts; nil: 8, and 25 of pairs.
    package var epochs: Int?
    /// Texts in a step; nil: 32, and 128 of pairs.
    package var batchSize: Int?
    /// Adam's learning rate.
    package var learningRate: Float = 1e-3
    /// L2 decay, added to the gradient; of single texts not of the attention's parameters.
    package var weightDecay: Float = 1e-5
    /// Decides new weights, and the order of texts.
    package var seed: UInt64 = 0

    /// The authors' options.
    package init() {}

    /// The model in a few words, without its seed: `lstm, tanh attention, random embeddings`.
    package var title: String {
        "\(encoder), \(attention.rawValue) attention, \(embeddings.title) embeddings"
    }

    /// The recipe for these data.
    package func recipe(pairs: Bool) -> TrainingRecipe {
        var recipe = TrainingRecipe()
        recipe.epochs = epochs ?? (pairs ? 25 : 8)
        recipe.batchSize = batchSize ?? (pairs ? 128 : 32)
        recipe.learningRate = learningRate
        recipe.weightDecay = weightDecay
        recipe.warmup = 0
        return recipe
    }

    /// Checks that every setting is in its range.
    ///
    /// - Throws: `WarrantError` naming the setting.
    package func validate() throws {
        func require(_ holds: Bool, _ what: String) throws {
            guard holds else { throw WarrantError(.wrongUsage, what) }
        }
        try require(
            WordEncoders.named(encoder) != nil,
            "there is no encoder \"\(printable(encoder, limit: 60))\"; there are "
                + WordEncoders.names.joined(separator: ", "))
        try require(
            (4...4096).contains(hiddenSize) && hiddenSize % 4 == 0,
            "the hidden size is \(hiddenSize); a multiple of 4 from 4 to 4,096 is needed")
        try require(
            embeddingSize.map { (1...16_384).contains($0) } ?? true,
            "the embedding size is \(embeddingSize ?? 0); 1 to 16,384 is needed")
        try require(
            minimumDocuments >= 1,
            "the minimum number of documents is \(minimumDocuments); at least 1 is needed")
        try lengths.validate()
        try recipe(pairs: false).validate()
    }

    /// What a trained model depends on besides the rows, in the order of its key.
    ///
    /// - Parameter embeddings: the digest of the embeddings' source.
    package func dependencies(embeddings: String, pairs: Bool) -> StageKey.Dependencies {
        let recipe = recipe(pairs: pairs)
        return [
            ("encoder", .string(encoder)), ("attention", .string(attention.rawValue)),
            ("embeddings", .string(embeddings)),
            ("embedding_size", embeddingSize.map { .integer($0) } ?? .null),
            ("hidden_size", .integer(hiddenSize)),
            ("minimum_documents", .integer(minimumDocuments)), ("lengths", lengths.json),
            ("epochs", .integer(recipe.epochs)), ("batch_size", .integer(recipe.batchSize)),
            ("learning_rate", .float(recipe.learningRate)),
            ("weight_decay", .float(recipe.weightDecay)), ("seed", .string("\(seed)")),
        ]
    }
}

/// Which texts are read, by how many words they have. Others are left out, and counted.
package struct LengthFilter: Sendable, Equatable {
    /// The fewest words.
    package var minimum = 1
    /// The most words; nil: any number.
    package var maximum: Int?
    /// Whether each set's longest texts are left out, however long they are, as Jain & Wallace leave them
    /// out of SST.
    package var dropsLongest = false

    /// Every text.
    package init() {}

    func validate() throws {
        guard minimum >= 1, maximum.map({ $0 >= minimum }) ?? true else {
            throw WarrantError(
                .wrongUsage,
                "texts of \(minimum) to \(maximum.map { "\($0)" } ?? "any number of") words are none"
            )
        }
    }

    var json: JSONText {
        [
            "minimum": .integer(minimum), "maximum": maximum.map { .integer($0) } ?? .null,
            "drops_longest": .bool(dropsLongest),
        ]
    }

    /// Whether each of a set's texts is read, by their numbers of words.
    package func accepts(_ counts: [Int]) -> [Bool] {
        let longest = counts.max() ?? 0
        return counts.map { count in
            count >= minimum && count <= maximum ?? .max && !(dropsLongest && count == longest)
        }
    }
}

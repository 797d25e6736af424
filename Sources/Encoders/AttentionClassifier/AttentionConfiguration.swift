import Files
import JSON
import Tokenization

/// The shape of an `AttentionClassifier`, and its classes: what its folder's `config.json` states.
///
///     {"model_type": "lstm", "attention": "tanh", "vocab_size": 16180, "embedding_size": 300,
///      "hidden_size": 128, "reads_pairs": false, "id2label": {"0": "negative", "1": "positive"}}
package struct AttentionConfiguration: Sendable {
    /// What reads words: one of `WordEncoders`.
    package var encoder: any WordEncoder.Type
    /// How states are scored.
    package var attention: AttentionScore
    /// The encoder's size.
    package var shape: WordEncoderShape
    /// How many logits there are: one of two classes through σ, or one of each class.
    package var outputs: Int
    /// Whether a text comes with a question.
    package var readsPairs: Bool
    /// The classes' names by index.
    package var labels: [String]

    /// A shape from its parts.
    package init(
        encoder: any WordEncoder.Type, attention: AttentionScore, shape: WordEncoderShape,
        outputs: Int, readsPairs: Bool, labels: [String]
    ) {
        precondition(
            outputs > 0 && labels.count == max(2, outputs), "a logit for each class, or one of two")
        self.encoder = encoder
        self.attention = attention
        self.shape = shape
        self.outputs = outputs
        self.readsPairs = readsPairs
        self.labels = labels
    }

    /// The authors' shape for these classes: one logit of two classes of texts, else one of each.
    package init(
        encoder: any WordEncoder.Type, attention: AttentionScore, shape: WordEncoderShape,
        labels: [String], readsPairs: Bool
    ) {
        self.init(
            encoder: encoder, attention: attention, shape: shape,
            outputs: labels.count == 2 && !readsPairs ? 1 : labels.count, readsPairs: readsPairs,
            labels: labels)
    }
}

extension AttentionConfiguration {
    /// Reads `config.json`.
    ///
    /// - Throws: `EncoderError` for what is no such model's, `FileError`.
    package init(_ folder: FolderFiles) throws {
        let file = try ConfigurationFile(folder)
        func named<Value>(
            _ key: String, among names: [String], _ value: (String) -> Value?
        ) throws -> Value {
            let name = try file.string(key)
            guard let found = name.flatMap(value) else {
                throw file.error(
                    "\(key) is \(name.map { "\"\($0)\"" } ?? "missing"); expected one of "
                        + names.joined(separator: ", "))
            }
            return found
        }
        let encoder = try named("model_type", among: WordEncoders.names, WordEncoders.named)
        let attention = try named(
            "attention", among: AttentionScore.allCases.map(\.rawValue),
            AttentionScore.init(rawValue:))
        let shape = WordEncoderShape(
            vocabularySize: try file.integer("vocab_size", in: 5...(1 << 24)),
            embeddingSize: try file.integer("embedding_size", in: 1...(1 << 14)),
            hiddenSize: try file.integer("hidden_size", in: 4...(1 << 12)))
        guard shape.hiddenSize % 4 == 0 else {
            throw file.error("hidden_size is \(shape.hiddenSize); expected a multiple of 4")
        }
        let labels = try file.labels()
        guard labels.count > 1 else {
            throw file.error("expected id2label with at least two classes")
        }
        self.init(
            encoder: encoder, attention: attention, shape: shape, labels: labels,
            readsPairs: try file.bool("reads_pairs") ?? false)
    }

    /// `config.json` as `init` reads it.
    package func json() -> [UInt8] {
        let file: JSONText = [
            "architectures": ["AttentionClassifier"],
            "model_type": .string(encoder.name), "attention": .string(attention.rawValue),
            "vocab_size": .integer(shape.vocabularySize),
            "embedding_size": .integer(shape.embeddingSize),
            "hidden_size": .integer(shape.hiddenSize), "reads_pairs": .bool(readsPairs),
            "id2label": .object(
                labels.enumerated().map { (key: "\($0)", value: JSONText.string($1)) }),
        ]
        return Array(file.write().utf8) + [UInt8(ascii: "\n")]
    }
}

extension AttentionConfiguration: ClassifierConfiguration {
    package var vocabularySize: Int { shape.vocabularySize }
    /// No limit of the model's.
    package var maximumLength: Int { ChunkSize.whole.length }
    /// States are computed once, from the embeddings.
    package var layers: Int { 1 }
    package var heads: Int { 1 }
    package var readerName: String { "the encoder \(encoder.name) of words" }

    /// Embeddings, states and the attention over words.
    package func handsOut(_ quantity: TraceQuantity) -> Bool {
        switch quantity {
        case .hiddenStates(let layer): (0...1).contains(layer)
        case .wordAttention, .wordEmbeddings, .wordEmbeddingGradients: true
        default: false
        }
    }

    /// What the encoder keeps of each token, and its gradients where the pass records.
    package func passBytes(tokens: Int, _ wanted: Set<TraceQuantity>) -> Double {
        let (embedding, hidden) = (Double(shape.embeddingSize), Double(shape.hiddenSize))
        let activations = Double(encoder.passNumbers(shape))
        let recorded = wanted.contains(where: \.isGradient) ? 2.0 : 1.0
        let handedOut = Double(wanted.count) * max(embedding, 2 * hidden)
        return 4 * Double(tokens) * (recorded * activations + handedOut)
    }

    package func check(haveQueries: Bool, at place: String) throws {
        guard haveQueries != readsPairs else { return }
        throw EncoderError.invalid(
            place,
            haveQueries
                ? "\(readerName) was trained without queries, and cannot read one"
                : "\(readerName) was trained with queries, and reads no text without one")
    }
}

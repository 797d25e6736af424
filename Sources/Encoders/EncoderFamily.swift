/// A family of BERT-like encoders: the layers that `Bert` computes, with the family's own names in a
/// checkpoint, keys in `config.json`, positions and head.
///
/// A family is one file in `Families` and one element of `allCases`; nothing else depends on which it is.
package struct EncoderFamily: Sendable {
    /// What `config.json` calls it under `model_type`.
    package let rawValue: String
    /// What the class names of `transformers` begin with, such as `Bert`.
    let className: String
    /// The names of its parameters in a checkpoint of `transformers`.
    let names: CheckpointNames
    /// Its own keys in `config.json`.
    var keys = ConfigurationKeys()
    /// Whether token types have embeddings.
    var hasSegments = true
    /// Whether texts are told apart by their segments, and not by the separators between them: with a
    /// single segment no query can be told from a document.
    var tellsPairsBySegments = false
    /// LayerNorm's ε where `config.json` does not set it; nil: it does.
    var fixedLayerNormEpsilon: Float?
    /// The padding token's id where `config.json` has none.
    var usualPaddingTokenID = 0
    /// Dropout before the head where `config.json` has none; nil: as of hidden states.
    var usualClassifierDropout: Float?
    /// Whether the dropout before the head is a tagger's too; else it has that of hidden states.
    var taggersHaveClassifierDropout = true
    /// How many positions no token takes, by the padding token's id.
    var unusedPositions: @Sendable (_ paddingTokenID: Int) -> Int = { _ in 0 }
    /// The position of each token's embedding, by the padding token's id.
    var positionIDs: @Sendable (_ batch: PackedBatch, _ paddingTokenID: Int) -> [Int32] = {
        batch, _ in batch.positionIDs
    }
    /// Whether the attention's output is dropped out before it is added to the layer's input.
    var dropsOutAttentionOutput = true
    /// Whether the [CLS] state is dropped out before the dense layer of the head.
    var dropsOutBeforePooler = false
    /// What follows that dense layer.
    var poolerActivation = PoolerActivation.tanh
    /// Whether `SequenceClassifier.trimmed` knows its names.
    package var isTrimmable = false

    /// What follows the dense layer between encoder and head.
    enum PoolerActivation: Sendable { case tanh, relu }

    init(_ modelType: String, className: String, names: CheckpointNames) {
        rawValue = modelType
        self.className = className
        self.names = names
    }

    /// All families that are read and trained.
    package static let allCases: [EncoderFamily] = [.bert, .roberta, .distilbert]

    /// The family that `config.json` calls so; nil where none is.
    package init?(rawValue: String) {
        guard let family = Self.allCases.first(where: { $0.rawValue == rawValue }) else {
            return nil
        }
        self = family
    }

    /// The class of `transformers` that has this encoder with a head for so many classes: none is an
    /// encoder alone, one a tagger's.
    func architecture(classes: Int) -> String {
        switch classes {
        case 0: className + "Model"
        case 1: className + "ForTokenClassification"
        default: className + "ForSequenceClassification"
        }
    }
}

extension EncoderFamily: Hashable, CustomStringConvertible {
    /// Whether two are the same family.
    package static func == (first: Self, second: Self) -> Bool {
        first.rawValue == second.rawValue
    }

    /// Hashes the name.
    package func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }

    /// The name.
    package var description: String { rawValue }
}

/// What a checkpoint calls the parts that differ between families. Those of a layer are relative to
/// it; `embeddings` are called alike everywhere.
struct CheckpointNames: Sendable {
    /// The encoder, and the prefix that a checkpoint of it alone goes without.
    let encoder: String
    /// The dense layer between the encoder and the head.
    let pooler: String
    /// The last layer, to one logit for each class.
    let head: String
    /// The last layer of a head that has no dense layer before it, in every family.
    static let plainHead = "classifier"
    /// The layers, by number.
    var layers = "encoder.layer"
    var query = "attention.self.query"
    var key = "attention.self.key"
    var value = "attention.self.value"
    var attentionOutput = "attention.output.dense"
    var attentionNorm = "attention.output.LayerNorm"
    var intermediate = "intermediate.dense"
    var output = "output.dense"
    var outputNorm = "output.LayerNorm"

    /// Whether a parameter is the encoder's, and not its head's.
    func isEncoder(_ name: String) -> Bool { name.hasPrefix(encoder + ".") }
}

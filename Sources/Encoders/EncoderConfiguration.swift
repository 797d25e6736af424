/// The shape of an encoder, as a Hugging Face `config.json` states it.
public struct EncoderConfiguration: Sendable, Equatable {
    /// The architecture.
    package var family = EncoderFamily.bert
    /// The width of hidden states.
    public var hiddenSize: Int
    /// How many transformer layers there are.
    public var layers: Int
    /// Attention heads in a layer; each is `hiddenSize / heads` wide.
    public var heads: Int
    /// The width of the feed-forward layer.
    public var intermediateSize: Int
    /// How many word pieces have an embedding.
    public var vocabularySize: Int
    /// The longest sequence, special tokens included.
    public var maximumLength: Int
    /// How many token types (segments) have an embedding; none in DistilBERT.
    package var segments: Int
    /// Added to the variance in LayerNorm.
    package var layerNormEpsilon: Float = 1e-12
    /// Dropout of hidden states while training.
    package var hiddenDropout: Float = 0.1
    /// Dropout of attention probabilities while training.
    package var attentionDropout: Float = 0.1
    /// Dropout before the classification head; nil: as `hiddenDropout`.
    package var classifierDropout: Float?
    /// The standard deviation of new weights.
    package var initializerRange: Float = 0.02
    /// The id that pads sequences; nothing is padded here, but RoBERTa's positions begin after it.
    package var paddingTokenID: Int = 0

    /// A configuration of a BERT with the usual dropout, epsilon and initial range.
    package init(
        hiddenSize: Int, layers: Int, heads: Int, intermediateSize: Int, vocabularySize: Int,
        maximumLength: Int, segments: Int = 2
    ) {
        self.hiddenSize = hiddenSize
        self.layers = layers
        self.heads = heads
        self.intermediateSize = intermediateSize
        self.vocabularySize = vocabularySize
        self.maximumLength = maximumLength
        self.segments = segments
    }

    /// Whether the encoder can tell a query from a document: by their segments, as BERT was trained
    /// to, or by the separators between them, as RoBERTa and DistilBERT were.
    package var readsPairs: Bool { !family.tellsPairsBySegments || segments > 1 }

    /// How many positions have an embedding: in RoBERTa more than are used.
    var positions: Int { maximumLength + family.unusedPositions(paddingTokenID) }

    /// How many elements all parameters have together, without head and pooler.
    var encoderParameterCount: Int {
        let layer =
            4 * hiddenSize * (hiddenSize + 1) + 2 * hiddenSize * intermediateSize
            + intermediateSize + 5 * hiddenSize
        return (vocabularySize + positions + segments + 2) * hiddenSize + layers * layer
    }
}

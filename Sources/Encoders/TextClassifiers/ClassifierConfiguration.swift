import Errors

/// The shape of a ``TextClassifier``: what is known of it without its weights.
///
/// ``EncoderConfiguration`` is that of a transformer.
public protocol ClassifierConfiguration: Sendable {
    /// How many word pieces have an embedding.
    var vocabularySize: Int { get }
    /// The longest input, the query and special tokens included.
    var maximumLength: Int { get }
    /// How many layers compute states.
    var layers: Int { get }
    /// Attention heads in a layer.
    var heads: Int { get }
    /// What reads the tokens, such as `a transformer`, for errors.
    var readerName: String { get }

    /// Whether a pass can hand out a quantity.
    func handsOut(_ quantity: TraceQuantity) -> Bool

    /// The memory that a pass over one document takes, in bytes: an estimate, from above.
    ///
    /// - Parameters:
    ///   - tokens: the document's, special ones included.
    ///   - wanted: what the pass hands out.
    func passBytes(tokens: Int, _ wanted: Set<TraceQuantity>) -> Double

    /// Complains where the model cannot read rows like these.
    ///
    /// - Parameters:
    ///   - haveQueries: whether rows have a query.
    ///   - place: what the complaint names: a folder, or a file with a place in it.
    /// - Throws: a `DescribedError`.
    func check(haveQueries: Bool, at place: String) throws
}

extension ClassifierConfiguration {
    /// The memory of a pass that hands out nothing but logits.
    public func passBytes(tokens: Int) -> Double { passBytes(tokens: tokens, []) }
}

extension EncoderConfiguration: ClassifierConfiguration {
    /// Whichever its family is.
    public var readerName: String { "a transformer" }

    /// Everything but the attention over words that another head has.
    public func handsOut(_ quantity: TraceQuantity) -> Bool {
        switch quantity {
        case .hiddenStates(let layer): (0...layers).contains(layer)
        case .attention(let layer), .meanAttention(let layer), .clsAttention(let layer),
            .clsAttentionGradients(let layer), .values(let layer), .clsAttentionNorms(let layer):
            (0..<layers).contains(layer)
        case .wordEmbeddings, .wordEmbeddingGradients: true
        case .wordAttention: false
        }
    }

    /// Some encoders cannot tell a query from a document.
    public func check(haveQueries: Bool, at place: String) throws {
        guard haveQueries, !readsPairs else { return }
        throw WarrantError(
            .badData,
            "\(place): the encoder's type_vocab_size is 1, so it cannot tell a query from a document; use "
                + "another encoder")
    }
}

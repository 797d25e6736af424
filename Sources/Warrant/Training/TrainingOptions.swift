/// How a rationale model is trained. The defaults suit encoders of MiniLM's size and larger on
/// sentences.
public struct TrainingOptions: Sendable, Equatable {
    /// Passes over the training documents, for each of the two models.
    public var epochs = 3
    /// Documents in a step.
    public var batchSize = 32
    /// AdamW's highest learning rate.
    public var learningRate: Float = 5e-5
    /// Decoupled weight decay.
    public var weightDecay: Float = 0.01
    /// The share of steps in which the learning rate rises.
    public var warmup = 0.06
    /// Decides new weights, the order of documents, dropout, the `random` scorer and controls, and which
    /// documents a human share takes.
    public var seed: UInt64 = 0
    /// How many threads work; the weights do not depend on it.
    public var threads = 1
    /// What products are computed in; weights, moments, LayerNorm, softmax and losses stay in
    /// float32. `bf16` only where `Precision.hasFastBF16`.
    public var precision = Precision.fp32
    /// The saliency scorer's name, with its settings.
    public var scorer = "cls-attention"
    /// What selects words by their scores.
    public var selection = ThresholderSettings()
    /// Trains a tagger to select what scorer and thresholder do; nil: they select themselves.
    public var tagging: Tagging?
    /// What the classifier is compared with.
    public var controls: [Control] = []
    /// The most tokens that are read at a time; nil: as many as the encoder can.
    public var maximumLength: Int?
    /// The most tokens from the beginning of one window of a long document to that of the next; nil:
    /// three quarters of a window.
    public var stride: Int?
    /// How weights are stored.
    public var weightFormat = FloatFormat.f32

    /// How a tagger is trained.
    public struct Tagging: Sendable, Equatable {
        /// The share of training documents that are supervised by their human rationales instead.
        public var humanShare: Double

        /// A tagger's recipe.
        public init(humanShare: Double = 0) { self.humanShare = humanShare }

        /// How many of so many training documents are to be supervised by human rationales.
        package func humanDocuments(of documents: Int) -> Int {
            Int((humanShare * Double(documents)).rounded())
        }
    }

    /// The default recipe.
    public init() {}

    /// Checks that every setting is in its range.
    ///
    /// - Throws: `WarrantError` naming the setting.
    public func validate() throws {
        func require(_ holds: Bool, _ what: String) throws {
            guard holds else { throw WarrantError(.wrongUsage, what) }
        }
        try require(epochs >= 1, "epochs is \(epochs); at least 1 is needed")
        try require(batchSize >= 1, "the batch size is \(batchSize); at least 1 is needed")
        try require(threads >= 1, "threads is \(threads); at least 1 is needed")
        try require(
            precision == .fp32 || Precision.hasFastBF16,
            "this CPU (or this oneDNN) has no bf16 instructions; train in fp32")
        try require(
            learningRate > 0 && learningRate.isFinite,
            "the learning rate is \(learningRate); a positive number is needed")
        try require(
            weightDecay >= 0 && weightDecay.isFinite,
            "the weight decay is \(weightDecay); a number of at least 0 is needed")
        try require(
            (0...1).contains(tagging?.humanShare ?? 0),
            "the human share is \(tagging?.humanShare ?? 0); a share of the documents is needed")
        try selection.validate()
        try require(
            warmup >= 0 && warmup <= 1, "the warm-up is \(warmup); a share of the steps is needed")
    }

    /// The parts of a run, in order.
    public var stages: [TrainingProgress.Stage] {
        [.support, .extraction] + (tagging == nil ? [] : [.tagger]) + [.classifier]
            + controls.map { .control($0) }
    }

    /// The windows that an encoder of this shape reads.
    ///
    /// - Throws: `WarrantError` for a length that it cannot read, or a stride that leaves gaps.
    package func window(_ configuration: EncoderConfiguration) throws -> WindowSize {
        let length = maximumLength ?? configuration.maximumLength
        guard (8...configuration.maximumLength).contains(length) else {
            throw WarrantError(
                .wrongUsage,
                "the maximum length is \(length); this encoder reads 8 to "
                    + "\(configuration.maximumLength) tokens")
        }
        guard let stride else { return WindowSize(length: length) }
        guard (1...length).contains(stride) else {
            throw WarrantError(
                .wrongUsage,
                "the stride is \(stride); windows of \(length) tokens need 1 to \(length)")
        }
        return WindowSize(length: length, stride: stride)
    }
}

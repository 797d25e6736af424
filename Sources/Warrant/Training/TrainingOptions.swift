/// How a rationale model is trained. The defaults are those of the recipe that the README measures.
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
    /// Decides new weights, the order of documents and dropout.
    public var seed: UInt64 = 0
    /// How many threads work; the weights do not depend on it.
    public var threads = 1
    /// What products are computed in; weights, moments, LayerNorm, softmax and losses stay in
    /// float32. `bf16` only where `Precision.hasFastBF16`.
    public var precision = Precision.fp32
    /// The share of a document's words that a rationale keeps.
    public var ratio = 0.2
    /// The saliency scorer's name.
    public var scorer = "cls-attention"
    /// The thresholder.
    public var thresholder = ThresholderName.topK
    /// The most tokens that are read of a document; nil: all that the encoder can.
    public var maximumLength: Int?
    /// How weights are stored.
    public var weightFormat = FloatFormat.f32

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
            warmup >= 0 && warmup <= 1, "the warm-up is \(warmup); a share of the steps is needed")
    }
}

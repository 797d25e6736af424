/// How the models of an experiment are trained: a run's recipe without seed, threads and rationales.
public struct ExperimentRecipe: Sendable, Equatable {
    /// Passes over the training documents, for each model.
    public var epochs = TrainingOptions().epochs
    /// Documents in a step.
    public var batchSize = TrainingOptions().batchSize
    /// AdamW's highest learning rate.
    public var learningRate = TrainingOptions().learningRate
    /// Decoupled weight decay.
    public var weightDecay = TrainingOptions().weightDecay
    /// The share of steps in which the learning rate rises.
    public var warmup = TrainingOptions().warmup
    /// What products are computed in; `auto` is bf16 where the CPU has instructions for it.
    public var precision = PrecisionChoice.fp32
    /// The most tokens that are read at a time; nil: as many as the encoder can.
    public var maximumLength: Int?
    /// The most tokens from the beginning of one window to that of the next; nil: three quarters of
    /// a window.
    public var stride: Int?

    /// The default recipe.
    public init() {}

    /// What products are computed in on this machine.
    public var resolvedPrecision: Precision {
        precision != .fp32 && Precision.hasFastBF16 ? .bf16 : .fp32
    }

    /// The options of a run.
    func options(seed: UInt64, threads: Int) -> TrainingOptions {
        var options = TrainingOptions()
        options.epochs = epochs
        options.batchSize = batchSize
        options.learningRate = learningRate
        options.weightDecay = weightDecay
        options.warmup = warmup
        options.precision = resolvedPrecision
        options.maximumLength = maximumLength
        options.stride = stride
        options.seed = seed
        options.threads = threads
        return options
    }

    /// Sets what the object names.
    ///
    /// - Throws: `WarrantError` that names the place.
    mutating func read(_ json: PlacedJSON) throws {
        try json.check(keys: [
            "epochs", "batch_size", "learning_rate", "weight_decay", "warmup", "precision",
            "maximum_length", "stride",
        ])
        epochs = try json.member("epochs")?.integer(in: 1...1000) ?? epochs
        batchSize = try json.member("batch_size")?.integer(in: 1...4096) ?? batchSize
        if let rate = json.member("learning_rate") {
            learningRate = Float(try rate.number(in: 0...1))
            guard learningRate > 0 else { throw rate.error("expected a number above 0") }
        }
        if let decay = json.member("weight_decay") {
            weightDecay = Float(try decay.number(in: 0...1))
        }
        warmup = try json.member("warmup")?.number(in: 0...1) ?? warmup
        precision = try json.member("precision")?.name() ?? precision
        maximumLength =
            try json.member("maximum_length")?.integer(in: 8...(1 << 20)) ?? maximumLength
        stride = try json.member("stride")?.integer(in: 1...(1 << 20)) ?? stride
    }
}

import ArgumentParser
import AttentionModels
import Warrant

/// How a model is trained.
struct RecipeOptions: ParsableArguments {
    // What is not given is that of `ClassifierOrigin.usualRecipe`.
    private static let usual = TrainingRecipe()
    private static let usualOfWords = (
        AttentionOptions().recipe(pairs: false), pairs: AttentionOptions().recipe(pairs: true)
    )

    @Option(
        help: ArgumentHelp(
            "Passes over the training rows, for each model; \(usual.epochs) by default, for an encoder "
                + "of words \(usualOfWords.0.epochs), or \(usualOfWords.pairs.epochs) with queries.",
            valueName: "n"))
    var epochs: Int?

    @Option(
        help: ArgumentHelp(
            "Documents in a step; \(usual.batchSize) by default, for an encoder of words "
                + "\(usualOfWords.0.batchSize), or \(usualOfWords.pairs.batchSize) with queries.",
            valueName: "n"))
    var batchSize: Int?

    @Option(
        help: ArgumentHelp(
            "AdamW's highest learning rate, \(usual.learningRate) by default; for an encoder of words "
                + "Adam's, \(usualOfWords.0.learningRate) by default.", valueName: "rate"))
    var learningRate: Float?

    @Option(
        help: ArgumentHelp(
            "Decoupled weight decay, \(usual.weightDecay) by default; for an encoder of words added to "
                + "the gradient, \(usualOfWords.0.weightDecay) by default.", valueName: "rate"))
    var weightDecay: Float?

    @Option(
        help: ArgumentHelp(
            "The share of steps in which the rate rises; \(usual.warmup) by default. Not for an encoder "
                + "of words, whose rate is constant.", valueName: "share"))
    var warmup: Double?

    @Option(
        help: ArgumentHelp(
            "How much a document's loss counts by its class: none, all alike, or balanced, "
                + "n / (k * n_c) of n documents in k classes, n_c of them in its own, so that rare "
                + "classes count as much as frequent ones.",
            valueName: "name"))
    var classWeights = ClassWeights.none

    @Option(
        help: ArgumentHelp(
            "Read this many tokens at a time; longer texts are read in chunks that overlap. The "
                + "encoder's limit by default.", valueName: "n"))
    var maximumLength: Int?

    @Option(
        help: ArgumentHelp(
            "The most tokens from one chunk to the next; three quarters of a chunk by default.",
            valueName: "n"))
    var stride: Int?

    @Option(
        help: ArgumentHelp(
            "Decides new weights, the order of documents, dropout, the rows that are held out without "
                + "--dev, and all that is random; "
                + "\(TrainingOptions().seed) by default.",
            valueName: "n"))
    var seed: UInt64?

    @Option(
        help: ArgumentHelp(
            "Multiply in fp32 or bf16; bf16 is faster, where the CPU has instructions for it.",
            valueName: "name"))
    var precision = Precision.fp32

    @Option(help: ArgumentHelp("How weights are stored.", valueName: "format"))
    var weights = StoredWeights.f32

    /// What replaces settings of the usual recipe.
    private var overrides: TrainingRecipe.Overrides {
        var overrides = TrainingRecipe.Overrides()
        overrides.epochs = epochs
        overrides.batchSize = batchSize
        overrides.learningRate = learningRate
        overrides.weightDecay = weightDecay
        overrides.warmup = warmup
        overrides.classWeights = classWeights
        overrides.maximumLength = maximumLength
        overrides.stride = stride
        return overrides
    }

    func validate() throws { try overrides.check(prefix: "--") }

    /// The library's options, but for the threads.
    ///
    /// - Parameter usual: the recipe where nothing else is given.
    func options(_ usual: TrainingRecipe) -> TrainingOptions {
        var options = TrainingOptions()
        options.recipe = usual.overridden(by: overrides)
        options.seed = seed ?? options.seed
        options.weightFormat = weights.format
        options.precision = PrecisionChoice(precision).resolved()
        return options
    }
}

/// What is different where the classifier of rationales is trained.
struct ClassifierRecipeOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Passes over the training rationales; as --epochs by default.", valueName: "n"))
    var classifierEpochs: Int?

    @Option(
        help: ArgumentHelp("Rationales in a step; as --batch-size by default.", valueName: "n"))
    var classifierBatchSize: Int?

    @Option(
        help: ArgumentHelp(
            "AdamW's highest learning rate; as --learning-rate by default.", valueName: "rate"))
    var classifierLearningRate: Float?

    @Option(
        help: ArgumentHelp(
            "Decoupled weight decay; as --weight-decay by default.", valueName: "rate"))
    var classifierWeightDecay: Float?

    @Option(
        help: ArgumentHelp(
            "The share of steps in which the rate rises; as --warmup by default.",
            valueName: "share"))
    var classifierWarmup: Double?

    @Option(
        help: ArgumentHelp(
            "How much a rationale's loss counts by its class; as --class-weights by default.",
            valueName: "name"))
    var classifierClassWeights: ClassWeights?

    @Option(
        help: ArgumentHelp(
            "Read this many tokens of a rationale at a time; as --maximum-length by default.",
            valueName: "n"))
    var classifierMaximumLength: Int?

    @Option(
        help: ArgumentHelp(
            "The most tokens from one chunk of a rationale to the next; as --stride by default, or three "
                + "quarters of a chunk where --classifier-maximum-length is given.",
            valueName: "n"))
    var classifierStride: Int?

    /// What replaces the recipe's settings.
    var overrides: TrainingRecipe.Overrides {
        var overrides = TrainingRecipe.Overrides()
        overrides.epochs = classifierEpochs
        overrides.batchSize = classifierBatchSize
        overrides.learningRate = classifierLearningRate
        overrides.weightDecay = classifierWeightDecay
        overrides.warmup = classifierWarmup
        overrides.classWeights = classifierClassWeights
        overrides.maximumLength = classifierMaximumLength
        overrides.stride = classifierStride
        return overrides
    }

    func validate() throws { try overrides.check(prefix: "--classifier-") }
}

extension TrainingRecipe.Overrides {
    /// Complains about a setting out of its range under its option's name.
    fileprivate func check(prefix: String) throws {
        func check<Value: Comparable>(
            _ value: Value?, in range: ClosedRange<Value>, _ name: String
        ) throws {
            if let value { try WarrantCommand.check(value, in: range, prefix + name) }
        }
        try check(epochs, in: Limits.epochs, "epochs")
        try check(batchSize, in: Limits.batchSize, "batch-size")
        if let learningRate, !(learningRate > 0 && learningRate <= 1) {
            throw ValidationError(
                "\(prefix)learning-rate is \(learningRate); give a number above 0 and at most 1")
        }
        try check(weightDecay, in: 0...1, "weight-decay")
        try check(warmup, in: 0...1, "warmup")
        try check(maximumLength, in: Limits.maximumLength, "maximum-length")
        try check(stride, in: 1...(maximumLength ?? Limits.stride.upperBound), "stride")
    }
}

extension Precision: ExpressibleByArgument {}

extension ClassWeights: ExpressibleByArgument {}

/// The names of the formats in which weights are stored.
enum StoredWeights: String, ExpressibleByArgument, CaseIterable {
    case f32, bf16, f16

    var format: FloatFormat {
        switch self {
        case .f32: .f32
        case .bf16: .bf16
        case .f16: .f16
        }
    }
}

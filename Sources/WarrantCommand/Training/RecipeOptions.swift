import ArgumentParser
import Warrant

/// How a model is trained.
struct RecipeOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Passes over the training rows, for each model.", valueName: "n"))
    var epochs = TrainingOptions().epochs

    @Option(help: ArgumentHelp("Documents in a step.", valueName: "n"))
    var batchSize = TrainingOptions().batchSize

    @Option(help: ArgumentHelp("AdamW's highest learning rate.", valueName: "rate"))
    var learningRate = TrainingOptions().learningRate

    @Option(help: ArgumentHelp("Decoupled weight decay.", valueName: "rate"))
    var weightDecay = TrainingOptions().weightDecay

    @Option(
        help: ArgumentHelp("The share of steps in which the rate rises.", valueName: "share"))
    var warmup = TrainingOptions().warmup

    @Option(
        help: ArgumentHelp(
            "Read this many tokens at a time; longer texts are read in windows that overlap. The "
                + "encoder's limit by default.", valueName: "n"))
    var maximumLength: Int?

    @Option(
        help: ArgumentHelp(
            "The most tokens from one window to the next; three quarters of a window by default.",
            valueName: "n"))
    var stride: Int?

    @Option(
        help: ArgumentHelp(
            "Decides new weights, the order of documents, dropout, and all that is random; "
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

    func validate() throws {
        try check(epochs, in: 1...1000, "--epochs")
        try check(batchSize, in: 1...4096, "--batch-size")
        guard learningRate > 0 && learningRate <= 1 else {
            throw ValidationError(
                "--learning-rate is \(learningRate); give a number above 0 and at most 1")
        }
        try check(weightDecay, in: 0...1, "--weight-decay")
        try check(warmup, in: 0...1, "--warmup")
        if let maximumLength { try check(maximumLength, in: 8...(1 << 20), "--maximum-length") }
        if let stride { try check(stride, in: 1...(maximumLength ?? 1 << 20), "--stride") }
    }

    /// The library's options, but for the threads.
    var options: TrainingOptions {
        var options = TrainingOptions()
        options.epochs = epochs
        options.batchSize = batchSize
        options.learningRate = learningRate
        options.weightDecay = weightDecay
        options.warmup = warmup
        options.maximumLength = maximumLength
        options.stride = stride
        options.seed = seed ?? options.seed
        options.weightFormat = weights.format
        options.precision = PrecisionChoice(precision).resolved()
        return options
    }
}

extension Precision: ExpressibleByArgument {}

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

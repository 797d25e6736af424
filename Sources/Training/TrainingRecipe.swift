import Encoders
import Errors
import Models
import Tokenization

/// How a model is fine-tuned, and how much it reads at a time. The defaults suit encoders of MiniLM's
/// size and larger on sentences.
public struct TrainingRecipe: Sendable, Equatable {
    /// Passes over the training documents.
    public var epochs = 3
    /// Documents in a step.
    public var batchSize = 32
    /// AdamW's highest learning rate.
    public var learningRate: Float = 5e-5
    /// Decoupled weight decay.
    public var weightDecay: Float = 0.01
    /// The share of steps in which the learning rate rises.
    public var warmup = 0.06
    /// How the classes of documents are weighted in the loss of classifiers; taggers have none.
    public var classWeights = ClassWeights.none
    /// The most tokens that are read at a time; nil: as many as the encoder can.
    public var maximumLength: Int?
    /// The most tokens from the beginning of one chunk of a long document to that of the next; nil:
    /// three quarters of a chunk.
    public var stride: Int?

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
        try require(
            learningRate > 0 && learningRate.isFinite,
            "the learning rate is \(learningRate); a positive number is needed")
        try require(
            weightDecay >= 0 && weightDecay.isFinite,
            "the weight decay is \(weightDecay); a number of at least 0 is needed")
        try require(
            warmup >= 0 && warmup <= 1, "the warm-up is \(warmup); a share of the steps is needed")
    }

    /// The chunks that an encoder of this shape reads.
    ///
    /// - Throws: `WarrantError` for a length that it cannot read, or a stride that leaves gaps.
    package func chunk(_ configuration: any ClassifierConfiguration) throws -> ChunkSize {
        let length = maximumLength ?? configuration.maximumLength
        guard (8...configuration.maximumLength).contains(length) else {
            throw WarrantError(
                .wrongUsage,
                "the maximum length is \(length); this encoder reads 8 to "
                    + "\(configuration.maximumLength) tokens")
        }
        guard let stride else { return ChunkSize(length: length) }
        guard (1...length).contains(stride) else {
            throw WarrantError(
                .wrongUsage,
                "the stride is \(stride); chunks of \(length) tokens need 1 to \(length)")
        }
        return ChunkSize(length: length, stride: stride)
    }
}

extension TrainingRecipe {
    /// Settings that replace those of a recipe; nil: as they are there.
    package struct Overrides: Sendable, Equatable {
        package var epochs: Int?
        package var batchSize: Int?
        package var learningRate: Float?
        package var weightDecay: Float?
        package var warmup: Double?
        package var classWeights: ClassWeights?
        package var maximumLength: Int?
        package var stride: Int?

        package init() {}

        /// The whole numbers that files and options may set.
        package enum Limits {
            package static let epochs = 1...1000
            package static let batchSize = 1...4096
            package static let maximumLength = 8...(1 << 20)
            package static let stride = 1...(1 << 20)
        }
    }

    /// The recipe with some settings replaced. A stride goes with the length that it was given for: a
    /// new length alone has the usual one.
    package func overridden(by overrides: Overrides) -> TrainingRecipe {
        var recipe = self
        recipe.epochs = overrides.epochs ?? epochs
        recipe.batchSize = overrides.batchSize ?? batchSize
        recipe.learningRate = overrides.learningRate ?? learningRate
        recipe.weightDecay = overrides.weightDecay ?? weightDecay
        recipe.warmup = overrides.warmup ?? warmup
        recipe.classWeights = overrides.classWeights ?? classWeights
        if overrides.maximumLength != nil { recipe.stride = nil }
        recipe.maximumLength = overrides.maximumLength ?? maximumLength
        recipe.stride = overrides.stride ?? recipe.stride
        return recipe
    }
}

extension TrainingRecord.Recipe {
    /// What is kept of a recipe.
    package init(_ recipe: TrainingRecipe) {
        self.init(
            epochs: recipe.epochs, batchSize: recipe.batchSize,
            learningRate: recipe.learningRate, weightDecay: recipe.weightDecay,
            warmup: recipe.warmup,
            classWeights: recipe.classWeights == .none ? nil : recipe.classWeights)
    }
}

/// `warrant.json`: how the stages of a model belong together.
public struct ModelManifest: Codable, Sendable, Equatable {
    /// The format that this package writes and reads.
    public static let currentFormat = 1

    /// The folder's format.
    public var formatVersion = currentFormat
    /// The classes by index.
    public var labels: [String]
    /// The saliency scorer's name.
    public var scorer: String
    /// The thresholder's name.
    public var thresholder: String
    /// The share of words that a rationale keeps.
    public var ratio: Double
    /// The most tokens that are read of a text, special tokens included.
    public var maximumLength: Int
    /// Whether documents come with a query.
    public var usesQuery: Bool
    /// How the model was trained and what it scored.
    public var training: TrainingRecord
    /// How its scores depend on the precision; nil where the CPU that trained it has one only.
    public var precision: PrecisionRecord?
    /// SHA-256 of each file of the stages, by path within the folder.
    public var files: [String: String]

    enum CodingKeys: String, CodingKey {
        case labels, scorer, thresholder, ratio, training, files
        case precision = "precision_check"
        case formatVersion = "format_version"
        case maximumLength = "maximum_length"
        case usesQuery = "uses_query"
    }
}

/// How a model was trained: enough to train it again. No times and no machine, so that the same run
/// gives the same bytes.
public struct TrainingRecord: Codable, Sendable, Equatable {
    /// Macro-F1 and accuracy on one set.
    public struct Score: Codable, Sendable, Equatable {
        /// Macro-averaged F1 over the classes.
        public var macroF1: Double
        /// The share of right predictions.
        public var accuracy: Double
        /// How many documents were measured.
        public var documents: Int

        enum CodingKeys: String, CodingKey {
            case accuracy, documents
            case macroF1 = "macro_f1"
        }

        init(_ metrics: ClassificationMetrics) {
            macroF1 = metrics.macroF1
            accuracy = metrics.accuracy
            documents = metrics.count
        }
    }

    /// One model's scores.
    public struct Scores: Codable, Sendable, Equatable {
        /// The epoch that was best on the development set, from 1.
        public var bestEpoch: Int
        /// On the development set.
        public var dev: Score
        /// On the test set, where one was given.
        public var test: Score?

        enum CodingKeys: String, CodingKey {
            case dev, test
            case bestEpoch = "best_epoch"
        }
    }

    /// The encoder folder's name.
    public var encoder: String
    /// The package's version.
    public var warrant: String
    /// Passes over the training documents.
    public var epochs: Int
    /// Documents in a step.
    public var batchSize: Int
    /// The highest learning rate.
    public var learningRate: Float
    /// Decoupled weight decay.
    public var weightDecay: Float
    /// The share of steps in which the rate rises.
    public var warmup: Double
    /// The run's seed.
    public var seed: UInt64
    /// The products' precision; nil for models from before there was a choice: float32.
    public var precision: String?
    /// How many documents were learned from.
    public var trainDocuments: Int
    /// The support model's scores, on whole documents.
    public var support: Scores
    /// The classifier's scores, on rationales.
    public var classifier: Scores

    enum CodingKeys: String, CodingKey {
        case encoder, warrant, epochs, warmup, seed, precision, support, classifier
        case batchSize = "batch_size"
        case learningRate = "learning_rate"
        case weightDecay = "weight_decay"
        case trainDocuments = "train_documents"
    }
}

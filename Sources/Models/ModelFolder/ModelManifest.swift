import Errors
import Metrics
import Rationales
import Tokenization

/// `warrant.json`: how the stages of a model belong together.
public struct ModelManifest: Codable, Sendable, Equatable {
    /// The format that this package writes.
    package static let currentFormat = 4
    /// The formats that this package reads. Format 1 had no chunks: documents were cut. In format 2
    /// rationales were read in the same chunks as texts. Formats 1 to 3 hold no digest of the manifest
    /// itself.
    package static let knownFormats = 1...currentFormat

    /// The most classes of a model.
    package static let mostLabels = 4_096

    /// The folder's format.
    public var formatVersion = currentFormat
    /// The classes by index.
    public var labels: [String]
    /// The saliency scorer's name, with its settings.
    public var scorer: String
    /// What selects words by their scores.
    public var selection: ThresholderSettings
    /// What counts as a word of a text.
    public var words: WordRule
    /// In how long chunks texts are read.
    public var chunk: ChunkSize
    /// In how long chunks rationales are read.
    public var classifierChunk: ChunkSize
    /// Whether documents come with a query.
    public var usesQuery: Bool
    /// How the model was trained and what it scored.
    public var training: TrainingRecord
    /// How its scores depend on the precision; nil where the CPU that trained it has one only.
    public var precision: PrecisionRecord?
    /// SHA-256 of each file of the stages, by path within the folder.
    public var files: [String: String] = [:]

    /// Whether a tagger selects the words, and not the scorer.
    public var usesTagger: Bool { training.tagger != nil }

    /// The manifest of a model that has no files yet.
    package init(
        labels: [String], scorer: String, selection: ThresholderSettings, words: WordRule,
        chunk: ChunkSize, classifierChunk: ChunkSize, usesQuery: Bool,
        training: TrainingRecord, precision: PrecisionRecord?
    ) {
        self.labels = labels
        self.words = words
        self.scorer = scorer
        self.selection = selection
        self.chunk = chunk
        self.classifierChunk = classifierChunk
        self.usesQuery = usesQuery
        self.training = training
        self.precision = precision
    }

    private enum CodingKeys: String, CodingKey {
        case labels, scorer, stride, training, files
        // The thresholder's "words" stand beside it.
        case words = "word_rule"
        case precision = "precision_check"
        case formatVersion = "format_version"
        case maximumLength = "maximum_length"
        case classifierChunk = "classifier_window"
        case usesQuery = "uses_query"
        case manifestDigest = "manifest_sha256"
    }

    /// Reads a manifest; the thresholder's settings stand beside the other keys.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        formatVersion = try values.decode(Int.self, forKey: .formatVersion)
        labels = try values.decode([String].self, forKey: .labels)
        guard labels.count <= Self.mostLabels else {
            throw DecodingError.dataCorruptedError(
                forKey: .labels, in: values,
                debugDescription: "there are \(labels.count) labels; expected at most "
                    + "\(Self.mostLabels)")
        }
        scorer = try values.decode(String.self, forKey: .scorer)
        selection = try ThresholderSettings(from: decoder)
        chunk = try Self.chunk(values, isCut: formatVersion == 1)
        words = try values.decodeIfPresent(WordRule.self, forKey: .words) ?? .whitespace
        // Said only where it is another.
        classifierChunk =
            formatVersion >= 3 && values.contains(.classifierChunk)
            ? try Self.chunk(
                values.nestedContainer(keyedBy: CodingKeys.self, forKey: .classifierChunk),
                isCut: false)
            : chunk
        usesQuery = try values.decode(Bool.self, forKey: .usesQuery)
        training = try values.decode(TrainingRecord.self, forKey: .training)
        precision = try values.decodeIfPresent(PrecisionRecord.self, forKey: .precision)
        files = try values.decode([String: String].self, forKey: .files)
    }

    /// Reads a length and a stride.
    ///
    /// - Parameter isCut: whether there may be no stride.
    private static func chunk(
        _ values: KeyedDecodingContainer<CodingKeys>, isCut: Bool
    ) throws -> ChunkSize {
        let length = try values.decode(Int.self, forKey: .maximumLength)
        let stride = try values.decodeIfPresent(Int.self, forKey: .stride)
        let place = values.codingPath.map { $0.stringValue + "." }.joined()
        guard length >= 3 else {
            throw DecodingError.dataCorruptedError(
                forKey: .maximumLength, in: values,
                debugDescription: "\(place)maximum_length is \(length); expected at least 3")
        }
        guard stride.map({ (1...length).contains($0) }) ?? isCut else {
            throw DecodingError.dataCorruptedError(
                forKey: .stride, in: values,
                debugDescription:
                    "\(place)stride is \(stride.map { "\($0)" } ?? "missing"); expected "
                    + "1 to \(length)")
        }
        return ChunkSize(length: length, stride: stride)
    }

    /// Writes the manifest with the thresholder's settings beside the other keys.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        try values.encode(formatVersion, forKey: .formatVersion)
        try values.encode(ManifestDigest.blank, forKey: .manifestDigest)
        try values.encode(labels, forKey: .labels)
        try values.encode(scorer, forKey: .scorer)
        try selection.encode(to: encoder)
        if words != .whitespace { try values.encode(words, forKey: .words) }
        try values.encode(chunk.length, forKey: .maximumLength)
        try values.encodeIfPresent(chunk.stride, forKey: .stride)
        if classifierChunk != chunk {
            var other = values.nestedContainer(
                keyedBy: CodingKeys.self, forKey: .classifierChunk)
            try other.encode(classifierChunk.length, forKey: .maximumLength)
            try other.encodeIfPresent(classifierChunk.stride, forKey: .stride)
        }
        try values.encode(usesQuery, forKey: .usesQuery)
        try values.encode(training, forKey: .training)
        try values.encodeIfPresent(precision, forKey: .precision)
        try values.encode(files, forKey: .files)
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
        /// How many classes have documents, where not all have: macro-F1 says nothing of the others.
        public var classesWithRows: Int?

        enum CodingKeys: String, CodingKey {
            case accuracy, documents
            case macroF1 = "macro_f1"
            case classesWithRows = "classes_with_rows"
        }

        /// What is kept of the metrics.
        package init(_ metrics: ClassificationMetrics) {
            macroF1 = metrics.macroF1
            accuracy = metrics.accuracy
            documents = metrics.count
            if metrics.classesWithRows < metrics.classes.count {
                classesWithRows = metrics.classesWithRows
            }
        }

        /// Macro-F1 as people read it, with the number of classes that have documents where not all
        /// have: `0.912`, or `1.000 (1 of 2 classes)`.
        ///
        /// - Parameter classes: how many classes there are.
        package func macroF1Text(classes: Int) -> String {
            let covered = classesWithRows.map { " (\($0) of \(classes) classes)" }
            return decimalText(macroF1, places: 3) + (covered ?? "")
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

        package init(bestEpoch: Int, dev: Score, test: Score? = nil) {
            self.bestEpoch = bestEpoch
            self.dev = dev
            self.test = test
        }

        enum CodingKeys: String, CodingKey {
            case dev, test
            case bestEpoch = "best_epoch"
        }
    }

    /// How a model was trained.
    public struct Recipe: Codable, Sendable, Equatable {
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
        /// How the classes were weighted in the loss; nil: all alike.
        public var classWeights: ClassWeights?

        package init(
            epochs: Int, batchSize: Int, learningRate: Float, weightDecay: Float,
            warmup: Double, classWeights: ClassWeights? = nil
        ) {
            self.epochs = epochs
            self.batchSize = batchSize
            self.learningRate = learningRate
            self.weightDecay = weightDecay
            self.warmup = warmup
            self.classWeights = classWeights
        }

        enum CodingKeys: String, CodingKey {
            case epochs, warmup
            case batchSize = "batch_size"
            case learningRate = "learning_rate"
            case weightDecay = "weight_decay"
            case classWeights = "class_weights"
        }

        package init(_ record: TrainingRecord) {
            epochs = record.epochs
            batchSize = record.batchSize
            learningRate = record.learningRate
            weightDecay = record.weightDecay
            warmup = record.warmup
            classWeights = record.classWeights
        }
    }

    /// What a tagger learned.
    public struct Tagger: Codable, Sendable, Equatable {
        /// The epoch that was best on the development set, from 1.
        public var bestEpoch: Int
        /// F1 of the words that it selects in the development set.
        public var devF1: Double
        /// How many training documents were supervised by their human rationales.
        public var humanDocuments: Int

        package init(bestEpoch: Int, devF1: Double, humanDocuments: Int) {
            self.bestEpoch = bestEpoch
            self.devF1 = devF1
            self.humanDocuments = humanDocuments
        }

        enum CodingKeys: String, CodingKey {
            case bestEpoch = "best_epoch"
            case devF1 = "dev_f1"
            case humanDocuments = "human_documents"
        }
    }

    /// The encoder folder's name, or that of an encoder of words.
    public var encoder: String
    /// How an encoder of words was made; nil: the encoder is a transformer.
    public var wordModel: WordModel?
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
    /// How the classes were weighted in the loss; nil: all alike.
    public var classWeights: ClassWeights?
    /// How the classifier, and those of controls, were trained; nil: as the support model.
    public var classifierRecipe: Recipe?
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
    /// What the tagger learned; nil: there is none.
    public var tagger: Tagger?
    /// The scores of classifiers on control rationales, by the control's name; nil: none was trained.
    public var controls: [String: Scores]?

    package init(
        encoder: String, warrant: String, epochs: Int, batchSize: Int,
        learningRate: Float, weightDecay: Float, warmup: Double,
        classWeights: ClassWeights? = nil, classifierRecipe: Recipe? = nil, seed: UInt64,
        precision: String? = nil, trainDocuments: Int, support: Scores,
        classifier: Scores, tagger: Tagger? = nil, controls: [String: Scores]? = nil
    ) {
        self.encoder = encoder
        self.warrant = warrant
        self.epochs = epochs
        self.batchSize = batchSize
        self.learningRate = learningRate
        self.weightDecay = weightDecay
        self.warmup = warmup
        self.classWeights = classWeights
        self.classifierRecipe = classifierRecipe
        self.seed = seed
        self.precision = precision
        self.trainDocuments = trainDocuments
        self.support = support
        self.classifier = classifier
        self.tagger = tagger
        self.controls = controls
    }

    enum CodingKeys: String, CodingKey {
        case encoder, warrant, epochs, warmup, seed, precision, support, classifier, tagger,
            controls
        case wordModel = "word_model"
        case batchSize = "batch_size"
        case learningRate = "learning_rate"
        case weightDecay = "weight_decay"
        case classWeights = "class_weights"
        case classifierRecipe = "classifier_recipe"
        case trainDocuments = "train_documents"
    }
}

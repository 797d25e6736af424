import JSON
import Models
import Tensors
import Tokenization
import Training

/// How the models of an experiment are trained: a run's options without seed, threads and rationales.
public struct ExperimentRecipe: Sendable, Equatable {
    /// How support models and taggers are trained, and in how long chunks documents are read.
    public var support = TrainingRecipe()
    /// What is different for classifiers of rationales.
    package var classifierOverrides = TrainingRecipe.Overrides()
    /// What products are computed in; `auto` is bf16 where the CPU has instructions for it.
    public var precision = PrecisionChoice.fp32
    /// What counts as a word of a document.
    public var words = WordRule.whitespace

    /// The default recipe.
    package init() {}

    /// How classifiers of rationales are trained, and in how long chunks rationales are read.
    package var classifier: TrainingRecipe { support.overridden(by: classifierOverrides) }

    /// What products are computed in on this machine.
    package var resolvedPrecision: Precision {
        precision != .fp32 && Precision.hasFastBF16 ? .bf16 : .fp32
    }

    /// The options of a run.
    func options(seed: UInt64, threads: Int) -> TrainingOptions {
        var options = TrainingOptions()
        options.recipe = support
        options.classifierRecipe = classifier
        options.precision = resolvedPrecision
        options.words = words
        options.seed = seed
        options.threads = threads
        return options
    }

    private static let keys = [
        "epochs", "batch_size", "learning_rate", "weight_decay", "warmup", "maximum_length",
        "stride", "class_weights",
    ]

    /// Sets what the object names.
    ///
    /// - Throws: `WarrantError` that names the place.
    mutating func read(_ json: PlacedJSON) throws {
        try json.check(keys: Self.keys + ["precision", "words", "classifier"])
        var overrides = TrainingRecipe.Overrides()
        try overrides.read(json)
        support = support.overridden(by: overrides)
        // A stride goes with the length that it was given for, the classifier's with that of texts too
        // where it has no length of its own.
        if overrides.maximumLength != nil, classifierOverrides.maximumLength == nil {
            classifierOverrides.stride = nil
        }
        precision = try json.member("precision")?.name() ?? precision
        words = try json.member("words")?.name() ?? words
        if let classifier = json.member("classifier") {
            try classifier.check(keys: Self.keys)
            try classifierOverrides.read(classifier)
        }
    }
}

extension TrainingRecipe.Overrides {
    /// Sets what the object names; a length without a stride takes one that was named before away.
    ///
    /// - Throws: `WarrantError` that names the place.
    fileprivate mutating func read(_ json: PlacedJSON) throws {
        epochs = try json.member("epochs")?.integer(in: Limits.epochs) ?? epochs
        batchSize = try json.member("batch_size")?.integer(in: Limits.batchSize) ?? batchSize
        if let rate = json.member("learning_rate") {
            let value = Float(try rate.number(in: 0...1))
            guard value > 0 else { throw rate.error("expected a number above 0") }
            learningRate = value
        }
        if let decay = json.member("weight_decay") {
            weightDecay = Float(try decay.number(in: 0...1))
        }
        warmup = try json.member("warmup")?.number(in: 0...1) ?? warmup
        classWeights = try json.member("class_weights")?.name() ?? classWeights
        if let length = json.member("maximum_length") {
            (maximumLength, stride) = (try length.integer(in: Limits.maximumLength), nil)
        }
        stride = try json.member("stride")?.integer(in: Limits.stride) ?? stride
    }
}

import Encoders
import Errors
import Models
import Rationales
import Tensors
import Tokenization

/// How a rationale model is trained.
public struct TrainingOptions: Sendable, Equatable {
    /// How models are trained, and in how long chunks texts are read.
    public var recipe = TrainingRecipe()
    /// How the classifier of rationales, and those of controls, are trained instead, and in how long
    /// chunks rationales are read; nil: as the other models.
    public var classifierRecipe: TrainingRecipe?
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
    /// What counts as a word of a document.
    public var words = WordRule.whitespace
    /// What selects words by their scores.
    public var selection = ThresholderSettings()
    /// Trains a tagger to select what scorer and thresholder do; nil: they select themselves.
    public var tagging: Tagging?
    /// What the classifier is compared with.
    public var controls: [Control] = []
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

    /// The default options.
    public init() {}

    /// Checks that every setting is in its range.
    ///
    /// - Throws: `WarrantError` naming the setting.
    public func validate() throws {
        func require(_ holds: Bool, _ what: String) throws {
            guard holds else { throw WarrantError(.wrongUsage, what) }
        }
        try recipe.validate()
        if let classifierRecipe { try Self.ofClassifier { try classifierRecipe.validate() } }
        try require(threads >= 1, "threads is \(threads); at least 1 is needed")
        try require(
            precision == .fp32 || Precision.hasFastBF16,
            "this CPU (or this oneDNN) has no bf16 instructions; train in fp32")
        try require(
            (0...1).contains(tagging?.humanShare ?? 0),
            "the human share is \(tagging?.humanShare ?? 0); a share of the documents is needed")
        try selection.validate()
    }

    /// The parts of a run, in order.
    package var stages: [TrainingProgress.Stage] {
        let selection = TrainingProgress.Stage.selection(tagging)
        return [.support] + selection + [.classifier] + controls.map { .control($0) }
    }

    /// The chunks in which an encoder of this shape reads documents, and those for rationales.
    ///
    /// - Throws: `WarrantError` for a length that it cannot read, or a stride that leaves gaps.
    package func chunks(
        _ configuration: any ClassifierConfiguration
    ) throws -> (documents: ChunkSize, rationales: ChunkSize) {
        let documents = try recipe.chunk(configuration)
        guard let classifierRecipe else { return (documents, documents) }
        return (documents, try Self.ofClassifier { try classifierRecipe.chunk(configuration) })
    }

    /// Says of an error that it is about the classifier's recipe.
    private static func ofClassifier<Value>(_ body: () throws -> Value) throws -> Value {
        do { return try body() } catch let error as WarrantError {
            throw WarrantError(error.kind, "the classifier's recipe: \(error)")
        }
    }
}

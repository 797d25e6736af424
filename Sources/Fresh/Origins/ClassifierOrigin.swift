import Classifiers
import Encoders
import Metrics
import Models
import Tensors
import Tokenization
import Training

/// What the classifiers of a run begin from, and how they learn: the support model, the classifier
/// of rationales and those of controls.
///
/// `PretrainedEncoder` is one, a transformer that gets a new head; `WordEncoderOrigin` is another.
package protocol ClassifierOrigin: Sendable {
    /// The encoder's name in records.
    var name: String { get }
    /// What errors name.
    var place: String { get }
    /// The scorer that is meant where none is named.
    var usualScorer: String { get }
    /// The recipe where nothing else is asked for.
    var usualRecipe: TrainingRecipe { get }
    /// What a record says of an encoder that learns from the beginning.
    var record: TrainingRecord.WordModel? { get }

    /// A digest of all that new classifiers depend on, besides labels and seed.
    ///
    /// - Throws: `FileError`, `EncoderError`, `TokenizerError`.
    func digest() throws -> String

    /// The shape of the classifiers.
    ///
    /// - Throws: `EncoderError`, `FileError`.
    func configuration() throws -> any ClassifierConfiguration

    /// The files of the tokenizer that all stages have.
    ///
    /// - Throws: `FileError`.
    func tokenizerFiles() throws -> [(name: String, bytes: [UInt8])]

    /// The tokenizer.
    ///
    /// - Throws: `TokenizerError`.
    func tokenizer(words: WordRule) throws -> any Tokenizer

    /// Complains about options that these classifiers cannot be trained with.
    ///
    /// - Throws: `WarrantError`.
    func check(_ options: TrainingOptions) throws

    /// A new tagger.
    ///
    /// - Throws: `EncoderError`, `SafetensorsError`; `WarrantError` where there can be none.
    func newTagger(seed: UInt64) throws -> TokenTagger

    /// Trains a classifier.
    func train(_ training: ClassifierTraining, in graph: StageGraph) throws
        -> ClassifierTraining.Outcome
}

/// A classifier that is to be trained: its texts and classes, and its recipe.
package struct ClassifierTraining {
    /// The stage's key, by which the training is kept.
    let key: StageKey
    /// The stage's name in progress.
    let stage: TrainingProgress.Stage
    /// What is read, and learned.
    let data: Splits<LabelledDocuments>
    /// The classes by name.
    let labels: [String]
    /// Its ids must have embeddings.
    let tokenizer: any Tokenizer
    let recipe: TrainingRecipe
    let options: TrainingOptions
    let workers: Workers

    /// The best epoch's classifier.
    package struct Outcome {
        let model: any TextClassifier
        let epoch: Int
        let dev: ClassificationMetrics
        let loss: LossTrend
        /// The time that was spent before the training went on.
        let secondsBefore: Double
    }

    /// How much a document's loss counts, by its class.
    var classWeights: [Double] {
        recipe.classWeights.weights(of: data.train.labels, count: labels.count)
    }

    /// Trains a model for a task.
    ///
    /// - Parameters:
    ///   - metric: what the best epoch is chosen by, such as `dev macro-F1`.
    ///   - dev: the metrics within the task's score on the development set.
    func run<Task: TrainingTask>(
        _ model: Task.Model, _ task: Task, metric: String, in graph: StageGraph,
        dev: (Task.DevScore) -> ClassificationMetrics
    ) throws -> Outcome where Task.Model: TextClassifier {
        let unfinished = try graph.store.unfinished(key, called: stage.name)
        let outcome = try graph.train(
            model, task,
            Trainer(
                recipe: recipe, seed: options.seed, weightFormat: options.weightFormat,
                workers: workers, stage: stage.measured(by: metric)), unfinished)
        return Outcome(
            model: outcome.model, epoch: outcome.epoch, dev: dev(outcome.dev),
            loss: outcome.loss, secondsBefore: unfinished?.secondsBefore ?? 0)
    }
}

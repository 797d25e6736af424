import Classifiers
import Datasets
import Encoders
import Files
import Metrics
import Models
import Rationales
import Saliency
import Tensors
import Tokenization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The stages of FRESH (Jain, Wiegreffe, Pinter & Wallace 2020), each on its own: a support model on
/// whole documents, word scores, a selection of words, a tagger where one is wanted, and a
/// classifier that is trained on the selected words only. What one stage gives the next takes.
package struct FreshPipeline {
    /// A Hugging Face encoder folder's files, read once for all stages.
    package let encoder: FolderFiles
    /// How models are trained; another seed may be set between the stages of one run and those of the next.
    package var options: TrainingOptions
    package let labels: [String]
    package let workers: Workers
    package let tokenizer: any Tokenizer
    /// Reads rationales, whose words are joined by spaces.
    package let rationaleTokenizer: any Tokenizer
    /// In how long windows documents are read.
    package let window: WindowSize
    /// In how long windows rationales are read.
    package let classifierWindow: WindowSize
    package let data: Splits<DocumentSet>
    /// What is kept of the stages of this seed's run, to go on from; nil: nothing.
    package let checkpoints: StageCheckpoints?
    package let report: (TrainingProgress) throws -> Void

    /// Opens the encoder and tokenizes the rows.
    ///
    /// - Parameter checkpoints: of the stages of this seed's run.
    /// - Throws: `WarrantError`, `EncoderError`, `TokenizerError`, `SaliencyError`, `DatasetError`.
    package init(
        encoder: FolderFiles, data: TrainingData, options: TrainingOptions,
        checkpoints: StageCheckpoints? = nil,
        report: @escaping (TrainingProgress) throws -> Void
    ) throws {
        try options.validate()
        // What the model's folder will be made of besides can be read, before there is work to lose.
        _ = try RationaleModel.tokenizerFiles(of: encoder)
        let configuration = try EncoderConfiguration(encoder)
        if data.usesQuery { try configuration.requirePairs(at: encoder.path) }
        try SaliencyScorers.named(options.scorer, seed: options.seed).check(configuration)
        if let share = options.tagging?.humanShare, share > 0, let first = data.train.first,
            data.train.allSatisfy({ $0.rationale == nil })
        {
            throw DatasetError(
                .badData, at: first.location,
                "neither this row nor any other has a human rationale, which a human share of \(share) "
                    + "needs; train the tagger without")
        }
        let (workers, tokenizer) = (
            Workers(threads: options.threads, precision: options.precision),
            try openTokenizer(encoder, words: options.words)
        )
        let (window, classifierWindow) = try options.windows(configuration)
        let scorer = try SaliencyScorers.named(options.scorer, seed: options.seed)
        for row in data.train + data.dev + data.test {
            try MemoryLimit.ofMachine.check(
                row, in: window, tokenizer,
                what: "training, or the scorer \"\(scorer.name)\",",
                remedy: "give a shorter --maximum-length, another --scorer, or cut the text",
                bytes: {
                    max(
                        configuration.passBytes(tokens: $0, [.wordEmbeddingGradients]),
                        scorer.passBytes(tokens: $0, configuration))
                })
        }
        self.encoder = encoder
        self.options = options
        self.checkpoints = checkpoints
        self.report = report
        self.workers = workers
        self.tokenizer = tokenizer
        rationaleTokenizer = try openTokenizer(encoder)
        self.window = window
        self.classifierWindow = classifierWindow
        labels = data.labels
        self.data = try Splits(train: data.train, dev: data.dev, test: data.test).map {
            try DocumentSet(
                $0, labels: data.labels, tokenizer: tokenizer, window: window,
                needsHumanRationale: options.scorer == "human", workers: workers)
        }
    }

    // MARK: Classifiers

    /// A fine-tuned classifier, at its best epoch.
    package struct TrainedClassifier {
        package let model: SequenceClassifier
        package let epoch: Int
        package let dev: ClassificationMetrics
        /// How its loss began and ended.
        package let loss: LossTrend
        /// nil: there is no test set.
        package let test: ClassificationMetrics?
        /// The logits of the test documents.
        package let testLogits: [[Float]]

        /// What the training record says of it.
        package var scores: TrainingRecord.Scores {
            .init(bestEpoch: epoch, dev: .init(dev), test: test.map { .init($0) })
        }
    }

    /// Stage 1: the support model, on whole documents.
    package func trainSupport() throws -> TrainedClassifier {
        try train(.support, options.recipe, data.map(\.full))
    }

    /// Stage 4: the classifier, on rationales and nothing else.
    package func trainClassifier(
        _ words: Splits<[RationaleWords]>, stage: TrainingProgress.Stage = .classifier
    ) throws -> TrainedClassifier {
        let reader = RationaleClassifier(
            model: try start(), tokenizer: rationaleTokenizer, window: classifierWindow)
        return try train(
            stage, options.classifierRecipe ?? options.recipe,
            try words.zip(data).map { words, set in
                LabelledDocuments(
                    documents: try words.map { try reader.tokenize($0) }, labels: set.labels)
            })
    }

    /// The encoder with a new head.
    private func start() throws -> SequenceClassifier {
        let model = try SequenceClassifier(encoder: encoder, labels: labels, seed: options.seed)
        try RationaleClassifier.check(
            tokenizer, fits: model, folder: URL(filePath: encoder.path))
        return model
    }

    /// Trains a model, from a checkpoint where there is one.
    private func fineTune<Task: FineTuningTask>(
        _ stage: TrainingProgress.Stage, _ recipe: TrainingRecipe, _ model: Task.Model, _ task: Task
    ) throws -> Trainer.Outcome<Task.Model, Task.DevScore> {
        let keeping = checkpoints?.hooks(stage)
        return try Trainer(
            recipe: recipe, seed: options.seed, weightFormat: options.weightFormat,
            workers: workers, stage: stage
        ).run(
            model, task, from: checkpoints?.saved(stage),
            hooks: TrainingHooks(
                afterStep: { state in
                    try report(state.progress)
                    try keeping?.afterStep(state)
                },
                afterEpoch: { state in
                    try report(state.progress)
                    try keeping?.afterEpoch(state)
                }))
    }

    private func train(
        _ stage: TrainingProgress.Stage, _ recipe: TrainingRecipe, _ data: Splits<LabelledDocuments>
    ) throws -> TrainedClassifier {
        let outcome = try fineTune(
            stage, recipe, try start(),
            ClassificationTask(
                train: data.train, dev: data.dev,
                classWeights: recipe.classWeights.weights(
                    of: data.train.labels, count: labels.count)))
        let test =
            data.test.documents.isEmpty
            ? nil : try data.test.evaluate(outcome.model, workers: workers)
        return TrainedClassifier(
            model: outcome.model, epoch: outcome.epoch, dev: outcome.dev, loss: outcome.loss,
            test: test?.metrics, testLogits: test?.logits ?? [])
    }

    // MARK: Rationales

    /// How many words were read of each document.
    package var wordCounts: Splits<[Int]> { data.map { $0.tokenized.map(\.readWords) } }

    /// Stage 2: a score for each word, by a scorer with the support model or by a tagger.
    package func saliency(_ source: Extractor.Source) throws -> Splits<[SaliencyMap]> {
        // Scores do not depend on what selects by them.
        let scorer = Extractor(
            source, tokenizer: tokenizer, thresholder: TopK(ratio: 1), window: window)
        let stage: TrainingProgress.Stage
        switch source {
        case .saliency: stage = .extraction
        case .tagger: stage = .taggerExtraction
        }
        if let kept = try checkpoints?.saliency(stage, words: wordCounts) { return kept }
        let total = data.all.reduce(0) { $0 + $1.documents.count }
        let begin = ContinuousClock.now
        var done = 0
        let scores = try data.map { set in
            var maps: [SaliencyMap] = []
            for first in stride(from: 0, to: set.documents.count, by: 256) {
                let part = first..<min(set.documents.count, first + 256)
                maps += try scorer.scores(
                    Array(set.documents[part]), Array(set.tokenized[part]), workers: workers
                ).map(\.saliency)
                done += part.count
                try report(
                    TrainingProgress(stage, documents: done, of: total, since: begin))
            }
            return maps
        }
        checkpoints?.keep(scores, stage)
        return scores
    }

    /// Stage 3: the words that a thresholder selects. A budget over the data set is that of the
    /// training documents: its cut-off then serves every document alike.
    ///
    /// - Returns: the thresholder, calibrated, and for each document the selected words' indices.
    package func select(
        _ saliency: Splits<[SaliencyMap]>, by settings: ThresholderSettings
    ) throws -> (settings: ThresholderSettings, selections: Splits<[[Int]]>) {
        let settings = try settings.calibrated(on: saliency.train.map(\.scores))
        let thresholder = try settings.thresholder()
        let selections = saliency.zip(data).map { maps, set in
            maps.indices.map { index in
                thresholder.select(
                    maps[index], of: set.documents[index], set.tokenized[index])
            }
        }
        return (settings, selections)
    }

    /// The selected words of each document, with its query: all that a classifier is given.
    package func words(_ selections: Splits<[[Int]]>) -> Splits<[RationaleWords]> {
        selections.zip(data).map { selections, set in
            zip(selections, zip(set.documents, set.tokenized)).map { selection, document in
                Rationale(
                    text: document.0.text, words: document.1.words, selection: selection
                ).classifierInput(query: document.0.query)
            }
        }
    }

    // MARK: Tagger

    /// A fine-tuned tagger, at its best epoch.
    package struct TrainedTagger {
        package let tagger: TokenTagger
        package let epoch: Int
        /// F1 of its selected words on the development set.
        package let devF1: Double
        /// How its loss began and ended.
        package let loss: LossTrend
        /// How many training documents were supervised by their human rationales.
        package let humanDocuments: Int
    }

    /// Between stages 3 and 4: a tagger that learned to select what a thresholder takes by a scorer's
    /// saliency, and its own scores, which take the scorer's place.
    ///
    /// - Parameters:
    ///   - saliency: the scorer's.
    ///   - settings: the thresholder, not calibrated.
    package func tag(
        _ saliency: Splits<[SaliencyMap]>, by settings: ThresholderSettings,
        _ tagging: TrainingOptions.Tagging
    ) throws -> (tagger: TrainedTagger, saliency: Splits<[SaliencyMap]>) {
        let trained = try trainTagger(
            select(saliency, by: settings).selections, by: settings, tagging)
        return (trained, try self.saliency(.tagger(trained.tagger)))
    }

    /// A tagger that learns to select these words, or for a share of the training documents those
    /// that a human marked.
    private func trainTagger(
        _ selections: Splits<[[Int]]>, by settings: ThresholderSettings,
        _ tagging: TrainingOptions.Tagging
    ) throws -> TrainedTagger {
        let start = try TokenTagger(encoder: encoder, seed: options.seed)
        let set = data.train
        let targets = TaggingTargets(
            selections: selections.train,
            human: set.documents.map { $0.humanRationale(in: tokenizer.words) },
            wordCounts: set.tokenized.map(\.words.count), tagging, seed: options.seed)
        let task = TaggingTask(
            documents: set.tokenized, targets: targets.words,
            positiveWeight: targets.positiveWeight(settings),
            dev: (set: data.dev, selections: selections.dev), settings: settings,
            tokenizer: tokenizer, window: window)
        let outcome = try fineTune(.tagger, options.recipe, start, task)
        return TrainedTagger(
            tagger: outcome.model, epoch: outcome.epoch, devF1: outcome.dev,
            loss: outcome.loss, humanDocuments: targets.humanDocuments.count)
    }
}

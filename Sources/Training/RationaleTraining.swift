import Classifiers
import Datasets
import Encoders
import Files
import Metrics
import Models
import Rationales
import Saliency
import Tensors

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// FRESH from end to end (Jain, Wiegreffe, Pinter & Wallace 2020): a support model on whole
/// documents, its saliency thresholded to rationales, and a classifier of its own that is trained
/// on the rationales only.
public struct RationaleTraining {
    /// A Hugging Face folder of a BERT, DistilBERT or RoBERTa encoder.
    public let encoder: URL
    /// The rows.
    public let data: TrainingData
    /// How models are trained.
    public let options: TrainingOptions
    /// Called after every step; what it throws ends the run.
    public let report: (TrainingProgress) throws -> Void
    /// Keeps what the run has done, and holds what one that was killed had done; nil: nothing is kept.
    package var checkpoint: TrainingCheckpoint?

    /// A run that has not begun.
    public init(
        encoder: URL, data: TrainingData, options: TrainingOptions,
        report: @escaping (TrainingProgress) throws -> Void = { _ in }
    ) {
        self.encoder = encoder
        self.data = data
        self.options = options
        self.report = report
    }

    /// What a run produced.
    public struct Outcome: Sendable {
        /// The model, ready for use; its certificates are good once it was written and opened again.
        public let model: RationaleModel
        /// How many documents of each set took part.
        public let documents: Splits<Int>
        /// How many documents of all sets are longer than one window.
        public let windowedDocuments: Int
        /// Rows that were left out because the tokenizer reads no word of them.
        public let unreadableRows: [SourceLocation]
        /// Rows that were left out because they have no human rationale, where the scorer needs one.
        public let unmarkedRows: [SourceLocation]
        /// The test documents' classes by index.
        public let testLabels: [Int]
        /// What each variant predicts of the test documents: classes by index. The support model and
        /// the classifier first, then the controls.
        public let testPredictions: [(variant: Variant, classes: [Int])]
        /// What should be known of the trained models: classes that are never predicted, a loss that
        /// rose.
        public let notices: [Notice]
    }

    /// Runs all stages.
    ///
    /// - Throws: `WarrantError`, `EncoderError`, `TokenizerError`, `SaliencyError`,
    ///   `ThresholderError`, `DatasetError`, another `DescribedError` about a file, and what `report`
    ///   throws.
    public func run() throws -> Outcome {
        let pipeline = try FreshPipeline(
            encoder: FolderFiles(encoder.path), data: data, options: options,
            checkpoints: checkpoint.map { StageCheckpoints($0, seed: options.seed) },
            report: report)
        let scorer = try SaliencyScorers.named(options.scorer, seed: options.seed)

        // 1. The support model, on whole documents.
        let support = try pipeline.trainSupport()

        // 2 and 3. Its saliency, thresholded to rationales, or a tagger that learned to select them.
        let source = Extractor.Source.saliency(scorer, of: support.model)
        var saliency = try pipeline.saliency(source)
        var tagger: FreshPipeline.TrainedTagger?
        if let tagging = options.tagging {
            (tagger, saliency) = try pipeline.tag(saliency, by: options.selection, tagging)
        }
        let selected = try pipeline.select(saliency, by: options.selection)

        // 4. The classifier, on rationales and nothing else.
        let words = pipeline.words(selected.selections)
        let classifier = try pipeline.trainClassifier(words)

        // What the classifier is to be compared with.
        let controls = try options.controls.map { control in
            let selections = control.selections(
                like: selected.selections,
                words: pipeline.wordCounts,
                seed: options.seed)
            return (
                control,
                try pipeline.trainClassifier(pipeline.words(selections), stage: .control(control))
            )
        }

        let extractor = Extractor(
            tagger.map { .tagger($0.tagger) } ?? source, tokenizer: pipeline.tokenizer,
            thresholder: try selected.settings.thresholder(), window: pipeline.window)
        let finished = RationaleClassifier(
            model: classifier.model, tokenizer: pipeline.rationaleTokenizer,
            window: pipeline.classifierWindow)
        let manifest = ModelManifest(
            labels: data.labels, scorer: options.scorer, selection: selected.settings,
            words: options.words, window: pipeline.window,
            classifierWindow: pipeline.classifierWindow, usesQuery: data.usesQuery,
            training: record(pipeline, support, tagger, classifier, controls),
            precision: try precisionRecord(pipeline, words.dev, extractor, finished))
        let model = RationaleModel(
            manifest: manifest, support: support.model, extractor: extractor,
            classifier: finished,
            classifierIdentity: ClassifierIdentity(
                files: nil,
                reading: try ClassifierReading(
                    chunks: pipeline.classifierWindow, tokenizer: pipeline.tokenizer,
                    hasQuery: data.usesQuery)),
            workers: pipeline.workers)
        let variants =
            [(Variant.support, support), (.classifier, classifier)]
            + controls.map { (.control($0), $1) }
        return Outcome(
            model: model,
            documents: pipeline.data.map { $0.documents.count },
            windowedDocuments: pipeline.data.all.reduce(0) { sum, set in
                sum + set.tokenized.count { $0.windows.count > 1 }
            },
            unreadableRows: pipeline.data.all.flatMap(\.unreadable),
            unmarkedRows: pipeline.data.all.flatMap(\.unmarked),
            testLabels: pipeline.data.test.labels,
            testPredictions: variants.map { variant, trained in
                (variant, trained.testLogits.map(\.indexOfLargest))
            }, notices: notices(variants, tagger))
    }

    private func notices(
        _ variants: [(Variant, FreshPipeline.TrainedClassifier)],
        _ tagger: FreshPipeline.TrainedTagger?
    ) -> [Notice] {
        func recipe(_ variant: Variant) -> TrainingRecipe {
            variant == .support
                ? options.recipe : options.classifierRecipe ?? options.recipe
        }
        var losses = variants.map { variant, trained in
            (variant.stage.name, trained.loss, recipe(variant))
        }
        if let tagger {
            losses.append((TrainingProgress.Stage.tagger.name, tagger.loss, options.recipe))
        }
        // Controls may well have nothing to tell classes by.
        return variants.filter { variant, _ in variant == .support || variant == .classifier }
            .compactMap { variant, trained in
                .classesNeverPredicted(
                    trained.dev, labels: data.labels, model: variant.stage.name,
                    weights: recipe(variant).classWeights)
            }
            + losses.compactMap { model, loss, recipe in
                .risenLoss(loss, model: model, learningRate: recipe.learningRate)
            }
    }

    /// Classifies development documents from end to end in the precision that was not trained with,
    /// and compares; nil where this CPU has one precision only.
    ///
    /// - Parameter words: the documents' rationales in the precision of training.
    private func precisionRecord(
        _ pipeline: FreshPipeline, _ words: [RationaleWords], _ extractor: Extractor,
        _ classifier: RationaleClassifier
    ) throws -> PrecisionRecord? {
        guard Precision.hasFastBF16 else { return nil }
        let dev = pipeline.data.dev
        let count = min(dev.documents.count, 512)
        let labels = Array(dev.labels[..<count])
        var macroF1: [Precision: Double] = [:]
        for precision in Precision.allCases {
            let workers = Workers(threads: options.threads, precision: precision)
            let rationales =
                precision == options.precision
                ? Array(words[..<count])
                : try extractor.extract(
                    Array(dev.documents[..<count]), Array(dev.tokenized[..<count]),
                    workers: workers
                ).enumerated().map { index, extraction in
                    let query = dev.documents[index].query
                    return extraction?.rationale.classifierInput(query: query)
                        ?? RationaleWords(words: [], query: query)
                }
            let predictions = try classifier.classify(rationales, workers: workers)
            macroF1[precision] =
                ClassificationMetrics(
                    gold: labels, predicted: predictions.map { $0?.index ?? 0 },
                    classCount: data.labels.count
                ).macroF1
        }
        guard let fp32 = macroF1[.fp32], let bf16 = macroF1[.bf16] else { return nil }
        return PrecisionRecord(documents: count, fp32: fp32, bf16: bf16)
    }

    private func record(
        _ pipeline: FreshPipeline, _ support: FreshPipeline.TrainedClassifier,
        _ tagger: FreshPipeline.TrainedTagger?, _ classifier: FreshPipeline.TrainedClassifier,
        _ controls: [(Control, FreshPipeline.TrainedClassifier)]
    ) -> TrainingRecord {
        var record = TrainingRecord(
            encoder: EncoderLocation.name(of: encoder), warrant: warrantVersion,
            epochs: options.recipe.epochs, batchSize: options.recipe.batchSize,
            learningRate: options.recipe.learningRate, weightDecay: options.recipe.weightDecay,
            warmup: options.recipe.warmup, seed: options.seed,
            precision: options.precision.rawValue,
            trainDocuments: pipeline.data.train.documents.count,
            support: support.scores, classifier: classifier.scores)
        record.classWeights = TrainingRecord.Recipe(options.recipe).classWeights
        if let other = options.classifierRecipe.map({ TrainingRecord.Recipe($0) }),
            other != TrainingRecord.Recipe(record)
        {
            record.classifierRecipe = other
        }
        record.tagger = tagger.map {
            .init(bestEpoch: $0.epoch, devF1: $0.devF1, humanDocuments: $0.humanDocuments)
        }
        if !controls.isEmpty {
            record.controls = Dictionary(
                uniqueKeysWithValues: controls.map { ($0.rawValue, $1.scores) })
        }
        return record
    }
}

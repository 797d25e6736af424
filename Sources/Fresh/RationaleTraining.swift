import Classifiers
import Datasets
import Encoders
import Files
import Metrics
import Models
import Rationales
import Saliency
import Tensors
import Training

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// FRESH from end to end (Jain, Wiegreffe, Pinter & Wallace 2020): a support model on whole
/// documents, its saliency thresholded to rationales, and a classifier of its own that is trained
/// on the rationales only.
public struct RationaleTraining {
    /// What the classifiers begin from.
    package let origin: any ClassifierOrigin
    /// The rows.
    public let data: TrainingData
    /// How models are trained.
    public let options: TrainingOptions
    /// Called after every step; what it throws ends the run.
    public let report: (TrainingProgress) throws -> Void

    /// A run that has not begun.
    ///
    /// - Parameter encoder: a Hugging Face folder of a BERT, DistilBERT or RoBERTa encoder.
    public init(
        encoder: URL, data: TrainingData, options: TrainingOptions,
        report: @escaping (TrainingProgress) throws -> Void = { _ in }
    ) {
        self.init(
            origin: PretrainedEncoder(FolderFiles(encoder.path)), data: data, options: options,
            report: report)
    }

    /// A run that has not begun, whatever its classifiers begin from.
    package init(
        origin: any ClassifierOrigin, data: TrainingData, options: TrainingOptions,
        report: @escaping (TrainingProgress) throws -> Void = { _ in }
    ) {
        self.origin = origin
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
        /// How many documents of all sets are longer than one chunk.
        public let chunkedDocuments: Int
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
    public func run() throws -> Outcome { try run(in: graph(NoStore())) }

    /// A graph for the run.
    ///
    /// - Parameter store: keeps what the run has done, and has what one that was killed had done.
    package func graph(_ store: any StageStore) -> StageGraph {
        StageGraph(
            store: store,
            remembering: [
                DocumentsStage.self, SupportStage.self, SaliencyStage.self, TaggerStage.self,
                TaggerSaliencyStage.self,
            ], report: report)
    }

    /// Runs all stages in a graph.
    ///
    /// - Throws: as `run`, and what the graph's store throws.
    package func run(in graph: StageGraph) throws -> Outcome {
        let run = try FreshRun(origin: origin, data: data, options: options)
        let documents = try graph.output(of: run.documents)
        let support = try graph.output(of: run.support)
        let tagger = try run.tagger.map { try graph.output(of: $0) }
        let selection = try graph.output(of: run.selection)
        let readers = [Variant.classifier] + options.controls.map { .control($0) }
        let classifiers = try readers.map { variant in
            try graph.output(of: ClassifierStage(run, variant, selection, of: documents))
        }
        let variants = Array(zip([Variant.support] + readers, [support] + classifiers))
        let model = try model(documents, selection, tagger, variants)
        return Outcome(
            model: model,
            documents: documents.data.map { $0.documents.count },
            chunkedDocuments: documents.data.all.reduce(0) { sum, set in
                sum + set.tokenized.count { $0.chunks.count > 1 }
            },
            unreadableRows: documents.data.all.flatMap(\.unreadable),
            unmarkedRows: documents.data.all.flatMap(\.unmarked),
            testLabels: documents.data.test.labels,
            testPredictions: variants.map { ($0, $1.scores.testPredictions) },
            notices: notices(variants, tagger))
    }

    /// The model that users get.
    ///
    /// - Parameter variants: the support model and the classifier first.
    private func model(
        _ documents: FreshDocuments, _ selection: Selection, _ tagger: TrainedTagger?,
        _ variants: [(Variant, TrainedClassifier)]
    ) throws -> RationaleModel {
        let support = try variants[0].1.model()
        let source: Extractor.Source =
            if let tagger { .tagger(tagger.tagger) } else {
                .saliency(
                    try SaliencyScorers.named(options.scorer, seed: options.seed), of: support)
            }
        let extractor = Extractor(
            source, tokenizer: documents.tokenizer,
            thresholder: try selection.settings.thresholder(), chunk: documents.chunk)
        let classifier = RationaleClassifier(
            model: try variants[1].1.model(), tokenizer: documents.rationaleTokenizer,
            chunk: documents.classifierChunk)
        let words = documents.words(selection.words).dev
        let manifest = ModelManifest(
            labels: data.labels, scorer: options.scorer, selection: selection.settings,
            words: options.words, chunk: documents.chunk,
            classifierChunk: documents.classifierChunk, usesQuery: data.usesQuery,
            training: record(documents, variants, tagger),
            precision: try precisionRecord(documents, words, extractor, classifier))
        return RationaleModel(
            manifest: manifest, support: support, extractor: extractor, classifier: classifier,
            classifierIdentity: ClassifierIdentity(
                files: nil,
                reading: try ClassifierReading(
                    chunks: documents.classifierChunk, tokenizer: documents.tokenizer,
                    hasQuery: data.usesQuery)),
            workers: documents.workers)
    }

    private func notices(
        _ variants: [(Variant, TrainedClassifier)], _ tagger: TrainedTagger?
    ) -> [Notice] {
        func recipe(_ variant: Variant) -> TrainingRecipe {
            variant == .support
                ? options.recipe : options.classifierRecipe ?? options.recipe
        }
        var losses = variants.compactMap { variant, trained in
            trained.course.map { (variant.stage.name, $0.loss, recipe(variant)) }
        }
        if let tagger {
            losses.append((TrainingProgress.Stage.tagger.name, tagger.loss, options.recipe))
        }
        // Controls may well have nothing to tell classes by.
        return variants.filter { variant, _ in variant == .support || variant == .classifier }
            .compactMap { variant, trained in
                trained.course.flatMap {
                    .classesNeverPredicted(
                        $0.dev, labels: data.labels, model: variant.stage.name,
                        weights: recipe(variant).classWeights)
                }
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
        _ documents: FreshDocuments, _ words: [RationaleWords], _ extractor: Extractor,
        _ classifier: RationaleClassifier
    ) throws -> PrecisionRecord? {
        guard Precision.hasFastBF16 else { return nil }
        let dev = documents.data.dev
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
        _ documents: FreshDocuments, _ variants: [(Variant, TrainedClassifier)],
        _ tagger: TrainedTagger?
    ) -> TrainingRecord {
        var record = TrainingRecord(
            encoder: origin.name, warrant: warrantVersion,
            epochs: options.recipe.epochs, batchSize: options.recipe.batchSize,
            learningRate: options.recipe.learningRate, weightDecay: options.recipe.weightDecay,
            warmup: options.recipe.warmup, seed: options.seed,
            precision: options.precision.rawValue,
            trainDocuments: documents.data.train.documents.count,
            support: variants[0].1.scores.record, classifier: variants[1].1.scores.record)
        record.classWeights = TrainingRecord.Recipe(options.recipe).classWeights
        if let other = options.classifierRecipe.map({ TrainingRecord.Recipe($0) }),
            other != TrainingRecord.Recipe(record)
        {
            record.classifierRecipe = other
        }
        record.wordModel = origin.record
        record.tagger = tagger.map {
            .init(bestEpoch: $0.epoch, devF1: $0.devF1, humanDocuments: $0.humanDocuments)
        }
        if !options.controls.isEmpty {
            record.controls = Dictionary(
                uniqueKeysWithValues: variants.dropFirst(2).map { ($0.name, $1.scores.record) })
        }
        return record
    }
}

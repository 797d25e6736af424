#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// FRESH from end to end (Jain, Wiegreffe, Pinter & Wallace 2020): a support model on whole
/// documents, its saliency thresholded to rationales, and a classifier of its own that is trained
/// on the rationales only.
public struct RationaleTraining {
    /// A Hugging Face BERT folder.
    public let encoder: URL
    /// The rows.
    public let data: TrainingData
    /// The recipe.
    public let options: TrainingOptions
    /// Called after every step; what it throws ends the run.
    public let report: (TrainingProgress) throws -> Void

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
        /// How many documents of all sets the encoder's limit cut.
        public let truncatedDocuments: Int
        /// Rows that were left out because the tokenizer reads no whole word of them.
        public let unreadableRows: [SourceLocation]
    }

    /// One set of rows on its way through the pipeline.
    private struct Split {
        var documents: [Document]
        var labels: [Int]
        var tokenized: [TokenizedDocument]
        var unreadable: [SourceLocation]
        var full: LabelledDocuments { LabelledDocuments(documents: tokenized, labels: labels) }
    }

    /// Runs all stages.
    ///
    /// - Throws: `WarrantError`, `EncoderError`, `SafetensorsError`, `TokenizerError`,
    ///   `ThresholderError`, and what `report` throws.
    public func run() throws -> Outcome {
        try options.validate()
        let scorer = try SaliencyScorers.named(options.scorer, seed: options.seed)
        let thresholder = try options.thresholder.thresholder(ratio: options.ratio)
        let workers = Workers(threads: options.threads, precision: options.precision)
        let tokenizer = try openTokenizer(folder: encoder)

        // 1. The support model, on whole documents.
        let supportStart = try SequenceClassifier(
            encoder: encoder, labels: data.labels, seed: options.seed)
        try RationaleClassifier.check(tokenizer, fits: supportStart, folder: encoder)
        let limit = try maximumLength(supportStart.configuration)
        guard !data.usesQuery || supportStart.configuration.segments > 1 else {
            throw WarrantError(
                .badData,
                "\(encoder.path): type_vocab_size is 1, so this encoder cannot tell a query from a "
                    + "document; use another encoder")
        }
        let (train, dev, test) = (
            try split(data.train, tokenizer, limit, workers),
            try split(data.dev, tokenizer, limit, workers),
            try split(data.test, tokenizer, limit, workers)
        )
        let supportRun = fineTuning(.support, workers)
        let support = try supportRun.run(supportStart, train: train.full, dev: dev.full)
        let supportTest =
            test.documents.isEmpty ? nil : try supportRun.evaluate(support.model, test.full)

        // 2 and 3. Its attention, thresholded to rationales.
        let extractor = Extractor(
            support: support.model, tokenizer: tokenizer, scorer: scorer, thresholder: thresholder,
            maximumLength: limit)
        let total = [train, dev, test].reduce(0) { $0 + $1.documents.count }
        var extracted = 0
        func rationales(_ split: Split) throws -> [RationaleWords] {
            try extract(split, with: extractor, workers, total: total, done: &extracted)
        }
        let (trainWords, devWords, testWords) = (
            try rationales(train), try rationales(dev), try rationales(test)
        )

        // 4. The classifier, on rationales and nothing else.
        let classifierStart = try SequenceClassifier(
            encoder: encoder, labels: data.labels, seed: options.seed)
        let reader = RationaleClassifier(
            model: classifierStart, tokenizer: tokenizer, maximumLength: limit)
        func words(_ rationales: [RationaleWords], _ split: Split) throws -> LabelledDocuments {
            LabelledDocuments(
                documents: try rationales.map { try reader.tokenize($0) }, labels: split.labels)
        }
        let classifierRun = fineTuning(.classifier, workers)
        let classifier = try classifierRun.run(
            classifierStart, train: try words(trainWords, train), dev: try words(devWords, dev))
        let classifierTest =
            test.documents.isEmpty
            ? nil : try classifierRun.evaluate(classifier.model, try words(testWords, test))

        let finished = RationaleClassifier(
            model: classifier.model, tokenizer: tokenizer, maximumLength: limit)
        let manifest = ModelManifest(
            labels: data.labels, scorer: options.scorer,
            thresholder: options.thresholder.rawValue, ratio: options.ratio, maximumLength: limit,
            usesQuery: data.usesQuery,
            training: record(
                support: scores(support, supportTest),
                classifier: scores(classifier, classifierTest),
                trainDocuments: train.documents.count),
            precision: try precisionRecord(dev, devWords, extractor, finished), files: [:])
        let model = RationaleModel(
            manifest: manifest, extractor: extractor,
            classifier: finished, classifierDigest: RationaleModel.unsavedDigest, workers: workers)
        let truncated = [train, dev, test].reduce(0) { sum, split in
            sum + split.tokenized.count { $0.isTruncated }
        }
        return Outcome(
            model: model, truncatedDocuments: truncated,
            unreadableRows: [train, dev, test].flatMap(\.unreadable))
    }

    private func maximumLength(_ configuration: EncoderConfiguration) throws -> Int {
        let limit = options.maximumLength ?? configuration.maximumLength
        guard (8...configuration.maximumLength).contains(limit) else {
            throw WarrantError(
                .wrongUsage,
                "the maximum length is \(limit); this encoder reads 8 to "
                    + "\(configuration.maximumLength) tokens")
        }
        return limit
    }

    private func split(
        _ rows: [Example], _ tokenizer: any Tokenizer, _ limit: Int, _ workers: Workers
    ) throws -> Split {
        let indices = Dictionary(uniqueKeysWithValues: data.labels.enumerated().map { ($1, $0) })
        let tokenized = try tokenizer.tokenize(
            rows.map(\.document), maximumLength: limit, workers: workers)
        // A prediction from nothing is no prediction, so nothing is learned or measured from it.
        let readable = rows.indices.filter { tokenized[$0].isReadable }
        if let first = rows.first, readable.isEmpty {
            throw DatasetError(
                .badData, at: first.location,
                "the tokenizer reads no whole word of this row or of the others within \(limit) tokens"
            )
        }
        return Split(
            documents: readable.map { rows[$0].document },
            labels: readable.map { rows[$0].label.flatMap { indices[$0] } ?? 0 },
            tokenized: readable.map { tokenized[$0] },
            unreadable: rows.indices.filter { !tokenized[$0].isReadable }.map { rows[$0].location })
    }

    private func fineTuning(_ stage: TrainingProgress.Stage, _ workers: Workers) -> FineTuning {
        FineTuning(options: options, workers: workers, stage: stage, report: report)
    }

    private func extract(
        _ split: Split, with extractor: Extractor, _ workers: Workers, total: Int, done: inout Int
    ) throws -> [RationaleWords] {
        let start = ContinuousClock.now
        let before = done
        var rationales: [RationaleWords] = []
        for first in stride(from: 0, to: split.documents.count, by: 256) {
            let window = first..<min(split.documents.count, first + 256)
            let extractions = try extractor.extract(
                Array(split.documents[window]), Array(split.tokenized[window]), workers: workers)
            for (document, extraction) in zip(split.documents[window], extractions) {
                rationales.append(Self.words(extraction, of: document))
            }
            done += window.count
            let seconds = (ContinuousClock.now - start) / .seconds(1)
            let speed = seconds > 0 ? Double(done - before) / seconds : 0
            try report(
                TrainingProgress(
                    stage: .extraction, epoch: 0, epochs: 0, documents: done, totalDocuments: total,
                    loss: nil, devMacroF1: nil, isEpochEnd: done == total,
                    documentsPerSecond: speed,
                    secondsLeft: speed > 0 ? Double(total - done) / speed : 0))
        }
        return rationales
    }

    /// What the classifier is given of a document; no words where nothing was extracted.
    private static func words(_ extraction: Extraction?, of document: Document) -> RationaleWords {
        extraction?.rationale.classifierInput(query: document.query)
            ?? RationaleWords(words: [], query: document.query)
    }

    /// Classifies development documents from end to end in the precision that was not trained with,
    /// and compares; nil where this CPU has one precision only.
    ///
    /// - Parameter words: the documents' rationales in the precision of training.
    private func precisionRecord(
        _ dev: Split, _ words: [RationaleWords], _ extractor: Extractor,
        _ classifier: RationaleClassifier
    ) throws -> PrecisionRecord? {
        guard Precision.hasFastBF16 else { return nil }
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
                ).enumerated().map { Self.words($1, of: dev.documents[$0]) }
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

    private func scores(
        _ outcome: FineTuning.Outcome, _ test: ClassificationMetrics?
    ) -> TrainingRecord.Scores {
        TrainingRecord.Scores(
            bestEpoch: outcome.epoch, dev: .init(outcome.devMetrics), test: test.map { .init($0) })
    }

    private func record(
        support: TrainingRecord.Scores, classifier: TrainingRecord.Scores, trainDocuments: Int
    ) -> TrainingRecord {
        TrainingRecord(
            encoder: encoder.standardizedFileURL.lastPathComponent, warrant: warrantVersion,
            epochs: options.epochs, batchSize: options.batchSize,
            learningRate: options.learningRate, weightDecay: options.weightDecay,
            warmup: options.warmup, seed: options.seed, precision: options.precision.rawValue,
            trainDocuments: trainDocuments,
            support: support, classifier: classifier)
    }
}

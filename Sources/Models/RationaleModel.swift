import Classifiers
import Encoders
import Errors
import Files
import Rationales
import Saliency
import Tensors
import Tokenization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A prediction with its grounds.
public struct Classification: Sendable {
    /// What was selected, and from how much of the document.
    public let extraction: Extraction
    /// All that the classifier saw.
    public let classifierInput: RationaleWords
    /// What it said.
    public let prediction: Prediction
    /// Enough to make the prediction again.
    public let certificate: Certificate

    /// The predicted class's name.
    public var label: String { prediction.label }
    /// The selected words, in place.
    public var rationale: Rationale { extraction.rationale }
}

/// A trained model: selects a rationale, and predicts from the rationale alone.
///
/// ```swift
/// let model = try RationaleModel(folder: URL(filePath: "Models/sst-small"))
/// let answer = try model.classify(["a dull , lifeless film that wastes its cast"])[0]
/// print(answer?.label ?? "", answer?.rationale.snippets.map(\.text) ?? [])
/// // negative ["dull", "cast"]
/// ```
public final class RationaleModel: Sendable {
    /// How the model was made.
    public let manifest: ModelManifest
    /// The classifier of whole documents.
    public let support: any TextClassifier
    /// Selects a rationale from a document.
    public let extractor: Extractor
    /// Predicts from a rationale's words.
    public let classifier: RationaleClassifier
    /// What certificates name the classifier by: its files and how it reads.
    public let classifierIdentity: ClassifierIdentity
    private let workers: Workers

    /// What the model's products are computed in.
    public var precision: Precision { workers.precision }

    /// Loads a model folder; every file is checked against its SHA-256.
    ///
    /// - Parameters:
    ///   - threads: how many threads work; the answers do not depend on it.
    ///   - precision: what products are computed in.
    ///   - memoryLimit: how much memory passes may take at the same time.
    /// - Throws: `WarrantError`, `EncoderError`, `TokenizerError`, `ThresholderError`, or another
    ///   `DescribedError`, each naming the file.
    public convenience init(
        folder: URL, threads: Int = ProcessInfo.processInfo.activeProcessorCount,
        precision: PrecisionChoice = .auto, memoryLimit: MemoryLimit = .ofMachine
    ) throws {
        try self.init(
            ModelFolder(folder, workers: Workers(threads: max(1, threads))), threads: threads,
            precision: precision, memoryLimit: memoryLimit)
    }

    /// Loads a model from the very bytes that were checked when the folder was opened.
    ///
    /// - Throws: as with a folder's URL; `FileError` for weights that were written into meanwhile.
    package init(
        _ model: ModelFolder, threads: Int = ProcessInfo.processInfo.activeProcessorCount,
        precision: PrecisionChoice = .auto, memoryLimit: MemoryLimit = .ofMachine
    ) throws {
        manifest = model.manifest
        workers = Workers(
            threads: max(1, threads), precision: precision.resolved(manifest.precision))
        let file = model.url.appendingPathComponent(ModelFolder.manifestName).path
        let scorer: any SaliencyScorer
        let thresholder: any Thresholder
        do {
            scorer = try SaliencyScorers.named(manifest.scorer, seed: manifest.training.seed)
            thresholder = try manifest.selection.thresholder()
        } catch { throw WarrantError(.badData, "\(file): \(error)") }
        // All stages at once: what there is to read and to lay out is the same for each.
        let manifest = manifest
        let stages = ModelFolder.stages(manifest)
        let loaders = Workers(threads: min(stages.count, max(1, threads)))
        let loaded = loaders.map(stages.count) { index, _ -> Result<LoadedStage, any Error> in
            Result {
                try LoadedStage(
                    stages[index], model.files(stages[index]), manifest, in: file)
            }
        }
        let byStage = Dictionary(uniqueKeysWithValues: try zip(stages, loaded.map { try $0.get() }))
        guard let support = byStage[.support], case .classifier(let supportModel) = support.model,
            let classifier = byStage[.classifier], case .classifier(let pred) = classifier.model
        else { preconditionFailure("a model has a support model and a classifier") }
        do { try scorer.check(supportModel.configuration) } catch {
            throw WarrantError(.badData, "\(file): \(error)")
        }
        for model in [supportModel, pred] {
            try model.configuration.check(
                haveQueries: manifest.usesQuery,
                at: "\(file): uses_query is \(manifest.usesQuery)")
        }
        self.support = supportModel
        self.classifier = RationaleClassifier(
            model: pred, tokenizer: classifier.tokenizer,
            chunk: manifest.classifierChunk)
        classifierIdentity = try ClassifierIdentity(
            files: model.digests(.classifier),
            reading: ClassifierReading(
                chunks: manifest.classifierChunk, tokenizer: classifier.tokenizer,
                hasQuery: manifest.usesQuery))
        let selector = byStage[.extractor] ?? support
        let source: Extractor.Source =
            switch selector.model {
            case .tagger(let tagger): .tagger(tagger)
            case .classifier(let model): .saliency(scorer, of: model)
            }
        var extractor = Extractor(
            source, tokenizer: selector.tokenizer, thresholder: thresholder, chunk: manifest.chunk
        )
        extractor.memoryLimit = memoryLimit
        self.extractor = extractor
    }

    /// One stage's model and tokenizer, checked against the manifest.
    private struct LoadedStage: Sendable {
        /// What a stage may be.
        enum Model: Sendable {
            case classifier(any TextClassifier), tagger(TokenTagger)
        }

        let model: Model
        let tokenizer: any Tokenizer

        /// - Parameter file: where the manifest stands.
        init(
            _ stage: ModelFolder.Stage, _ folder: FolderFiles, _ manifest: ModelManifest,
            in file: String
        ) throws {
            let configuration: any ClassifierConfiguration
            var labels: [String]?
            switch stage {
            case .extractor:
                let tagger = try TokenTagger(folder)
                (model, configuration) = (.tagger(tagger), tagger.configuration)
            case .support, .classifier:
                let classifier = try TextClassifiers.open(folder)
                (model, configuration) = (.classifier(classifier), classifier.configuration)
                labels = classifier.labels
            }
            // A classifier's texts are words joined by spaces.
            tokenizer = try openTokenizer(
                folder, words: stage == .classifier ? .whitespace : manifest.words)
            try RationaleClassifier.check(
                tokenizer, fits: configuration, folder: URL(filePath: folder.path))
            let most = configuration.maximumLength
            let (key, chunk) =
                stage == .classifier && manifest.classifierChunk != manifest.chunk
                ? ("classifier_window.maximum_length", manifest.classifierChunk)
                : ("maximum_length", manifest.chunk)
            guard chunk.length <= most else {
                throw WarrantError(
                    .badData, "\(file): \(key) is \(chunk.length); expected 3 to \(most)")
            }
            guard labels.map({ $0 == manifest.labels }) ?? true else {
                throw WarrantError(
                    .badData,
                    "\(file): labels are \(manifest.labels), but a stage's config.json has "
                        + "\(labels ?? [])")
            }
        }
    }

    /// A model from stages that are in memory.
    package init(
        manifest: ModelManifest, support: any TextClassifier, extractor: Extractor,
        classifier: RationaleClassifier, classifierIdentity: ClassifierIdentity, workers: Workers
    ) {
        self.manifest = manifest
        self.support = support
        self.extractor = extractor
        self.classifier = classifier
        self.classifierIdentity = classifierIdentity
        self.workers = workers
    }

    /// Selects a rationale of each document, without a prediction; nil for a document without
    /// words.
    ///
    /// - Throws: `TokenizerError` where a query leaves no room for a document.
    public func extract(_ documents: [Document]) throws -> [Extraction?] {
        try extractor.extract(documents, workers: workers)
    }

    /// Selects a rationale of each document as `extract(_:)`, in another precision or on other threads.
    package func extract(_ documents: [Document], workers: Workers) throws -> [Extraction?] {
        try extractor.extract(documents, workers: workers)
    }

    /// Predicts each document's class from its rationale alone; nil for a document without words,
    /// since a prediction from nothing is no prediction.
    ///
    /// - Throws: `TokenizerError` where a query leaves no room for a document.
    public func classify(_ documents: [Document]) throws -> [Classification?] {
        let extractions = try extract(documents)
        let selected = extractions.indices.filter { extractions[$0] != nil }
        let inputs = selected.compactMap {
            extractions[$0]?.rationale.classifierInput(query: documents[$0].query)
        }
        let predictions = try classifier.classify(inputs, workers: workers)
        var classifications = [Classification?](repeating: nil, count: documents.count)
        for (position, index) in selected.enumerated() {
            guard let extraction = extractions[index], let prediction = predictions[position] else {
                continue
            }
            classifications[index] = Classification(
                extraction: extraction, classifierInput: inputs[position], prediction: prediction,
                certificate: Certificate(
                    prediction, of: inputs[position], by: classifierIdentity,
                    precision: precision))
        }
        return classifications
    }

    /// Predicts from rationales' words alone; nil for one without a piece to read.
    package func predict(_ rationales: [RationaleWords]) throws -> [Prediction?] {
        try classifier.classify(rationales, workers: workers)
    }

    /// Makes a certificate's prediction again from its words alone, in the certificate's precision where
    /// this CPU has it, and compares label and logits.
    ///
    /// A model that was trained just now has no files, and so nothing that a certificate could name:
    /// write it and open the folder.
    ///
    /// - Throws: `TokenizerError` where the certificate's query leaves no room for its words,
    ///   `EncoderError` where the model gives something that is not a number.
    public func check(_ certificate: Certificate) throws -> CertificateCheck {
        guard classifierIdentity.filesDigest != nil else {
            return .fails([
                "classifier_sha256: this model was not written yet, so it certifies nothing"
            ])
        }
        if let difference = queryDifference(from: certificate) { return .fails([difference]) }
        let precision = certificate.usablePrecision
        return try certificate.check(
            by: classifier, classifierIdentity,
            workers: precision == workers.precision
                ? workers : Workers(threads: 1, precision: precision))
    }

    /// A certificate has a query if and only if the model was trained with queries: it could hold
    /// words that no rationale has otherwise.
    package func queryDifference(from certificate: Certificate) -> String? {
        guard (certificate.query != nil) != manifest.usesQuery else { return nil }
        return manifest.usesQuery
            ? "query: the certificate has none, and this model was trained with queries"
            : "query: the certificate has one, and this model was trained without queries"
    }

    /// What the support model says of whole documents; nil for one without words.
    ///
    /// - Throws: `TokenizerError` where a query leaves no room for a document.
    public func readWhole(_ documents: [Document]) throws -> [Prediction?] {
        try supportPredictions(documents).map { $0.isReadable ? $0.prediction : nil }
    }

    /// What the support model says of documents, also of those without words.
    package func supportPredictions(
        _ documents: [Document]
    ) throws -> [(prediction: Prediction, isReadable: Bool)] {
        let tokenized = try extractor.tokenizer.chunks(
            documents, extractor.chunk, workers: workers)
        return try zip(support.logits(tokenized, workers: workers), tokenized).map {
            logits, document in
            try Logits.check(logits, of: "the support model")
            return (Prediction(logits: logits, labels: support.labels), document.isReadable)
        }
    }
}

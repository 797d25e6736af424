import AttentionModels
import Classifiers
import Datasets
import Diagnostics
import Encoders
import Errors
import JSON
import Models
import Tensors
import Tokenization
import Training

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Texts as a transformer reads them.
struct EncoderTexts: Sendable {
    /// Those that it reads in one piece.
    let documents: [TokenizedDocument]
    /// Each text's class.
    let labels: [Int]
}

/// The support model of a rationale model's folder, and the texts that it is measured on.
package struct LoadedSubject: Sendable {
    /// A model, and the texts as it reads them.
    enum Model: Sendable {
        /// A classifier with attention over words.
        case words(AttentionClassifier, WordTexts)
        /// An encoder whose [CLS] state is classified.
        case transformer(SequenceClassifier, EncoderTexts)
    }

    let model: Model
    /// The epoch at whose end the model is.
    let epoch: Int
    /// What reports say of it.
    package let context: ReportContext
    /// Rows that were left out: without words, or longer than the model reads at a time.
    package let leftOut: Int
    let workers: Workers
    private let digest: String
    private let rows: String

    /// The support model of a folder that `warrant train` wrote.
    ///
    /// - Parameters:
    ///   - examples: the rows that are measured.
    ///   - data: what people call them.
    /// - Throws: `WarrantError`, `DatasetError`, and what loading throws.
    package init(
        folder: URL, measuring examples: [Example], data: String, workers: Workers
    ) throws {
        let loaded = try RationaleModel(folder: folder, threads: 1, precision: .fp32)
        let manifest = loaded.manifest
        let labels = loaded.support.labels
        let readable = examples.filter { !wordRanges(in: $0.text).isEmpty }
        try TrainingData.check(readable, labels: labels, usesQuery: manifest.usesQuery)
        guard let first = readable.first else {
            throw WarrantError(.badData, "\(data): no row has a text with words")
        }
        let support = folder.appending(path: "support")
        digest = try FileDigests.stage(support)
        rows = RowDigests.digest(measured: readable)
        self.workers = workers
        epoch = manifest.training.support.bestEpoch
        let tokenizer = try openTokenizer(folder: support, words: manifest.words)
        var facts: [(key: String, value: JSONText)] = [
            ("folder", .string(folder.lastPathComponent))
        ]
        let kind: String
        let kept: Int
        if let words = loaded.support as? WordClassifier {
            let texts = try WordTexts(
                readable, labels: labels, usesQuery: manifest.usesQuery, LengthFilter(), tokenizer,
                called: data, workers: workers)
            model = .words(words.model, texts)
            kept = texts.count
            kind = words.configuration.encoder.name
            facts.append(("attention", .string(words.configuration.attention.rawValue)))
        } else if let transformer = loaded.support as? SequenceClassifier {
            let indices = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
            let tokenized = try readable.map {
                try tokenizer.tokenize($0.text, query: $0.query, maximumLength: 1 << 24)
            }
            let whole = readable.indices.filter {
                tokenized[$0].ids.count <= manifest.chunk.length
                    && !tokenized[$0].wordsWithPieces.isEmpty
            }
            guard !whole.isEmpty else {
                throw DatasetError(
                    .badData, at: first.location,
                    "no row's text is read in one piece of at most \(manifest.chunk.length) tokens")
            }
            model = .transformer(
                transformer,
                EncoderTexts(
                    documents: whole.map { tokenized[$0] },
                    labels: whole.map { readable[$0].label.flatMap { indices[$0] } ?? 0 }))
            kept = whole.count
            kind = transformer.configuration.family.rawValue
        } else {
            throw WarrantError(
                .wrongUsage, "\(folder.path): its support model has no attention that is known here"
            )
        }
        leftOut = examples.count - kept
        facts.insert(("encoder", .string(kind)), at: 0)
        context = ReportContext(
            model: "\(kind), support model of \(folder.lastPathComponent)", modelFacts: facts,
            data: data, labels: labels)
    }

    var dependencies: StageKey.Dependencies {
        [("support", .string(digest)), ("rows", .string(rows))]
    }

    var measuredSet: MeasuredSet {
        switch model {
        case .words(_, let texts): MeasuredSet(texts, classes: context.labels.count)
        case .transformer(_, let texts): MeasuredSet(texts, classes: context.labels.count)
        }
    }
}

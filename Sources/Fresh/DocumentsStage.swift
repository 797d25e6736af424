import Datasets
import Encoders
import Models
import Rationales
import Saliency
import Tensors
import Tokenization
import Training

/// A data set's rows as the models of a run read them.
package struct FreshDocuments {
    package let labels: [String]
    package let workers: Workers
    package let tokenizer: any Tokenizer
    /// Reads rationales, whose words are joined by spaces.
    package let rationaleTokenizer: any Tokenizer
    /// In how long chunks documents are read.
    package let chunk: ChunkSize
    /// In how long chunks rationales are read.
    package let classifierChunk: ChunkSize
    package let data: Splits<DocumentSet>

    /// How many words were read of each document.
    package var wordCounts: Splits<[Int]> { data.map { $0.tokenized.map(\.readWords) } }

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
}

/// Reads the rows of a run, and checks that the encoder and the machine can serve them.
package struct DocumentsStage: Stage {
    /// The kind of its key; documents are remembered, and never on the disk.
    package static let kind = StageKind("documents", version: 1)

    package let key: StageKey
    private let origin: any ClassifierOrigin
    private let options: TrainingOptions
    private let rows: () throws -> TrainingData
    private let opened: (TrainingData, FreshDocuments) throws -> Void

    /// Documents of a run.
    ///
    /// - Parameters:
    ///   - rows: gives the rows that the keys are of.
    ///   - opened: told what was read.
    package init(
        _ keys: StageKeys, named name: String = "", origin: any ClassifierOrigin,
        rows: @escaping () throws -> TrainingData,
        opened: @escaping (TrainingData, FreshDocuments) throws -> Void = { _, _ in }
    ) {
        key = keys.documents(named: name)
        options = keys.options
        self.origin = origin
        self.rows = rows
        self.opened = opened
    }

    /// Opens the tokenizer and tokenizes the rows.
    ///
    /// - Throws: `WarrantError`, `EncoderError`, `TokenizerError`, `SaliencyError`, `DatasetError`.
    package func make(in graph: StageGraph) throws -> FreshDocuments {
        let rows = try rows()
        try options.validate()
        // What the model's folder will be made of besides can be read, before there is work to lose.
        _ = try origin.tokenizerFiles()
        let configuration = try origin.configuration()
        try configuration.check(haveQueries: rows.usesQuery, at: origin.place)
        let scorer = try SaliencyScorers.named(options.scorer, seed: options.seed)
        try scorer.check(configuration)
        try checkMarks(rows)
        let workers = Workers(threads: options.threads, precision: options.precision)
        let tokenizer = try origin.tokenizer(words: options.words)
        let chunks = try options.chunks(configuration)
        for row in rows.train + rows.dev + rows.test {
            try MemoryLimit.ofMachine.check(
                row, in: chunks.documents, tokenizer,
                what: "training, or the scorer \"\(scorer.name)\",",
                remedy: "give a shorter --maximum-length, another --scorer, or cut the text",
                bytes: {
                    max(
                        configuration.passBytes(tokens: $0, [.wordEmbeddingGradients]),
                        scorer.passBytes(tokens: $0, configuration))
                })
        }
        let documents = FreshDocuments(
            labels: rows.labels, workers: workers, tokenizer: tokenizer,
            rationaleTokenizer: try origin.tokenizer(words: .whitespace), chunk: chunks.documents,
            classifierChunk: chunks.rationales,
            data: try Splits(train: rows.train, dev: rows.dev, test: rows.test).map {
                try DocumentSet(
                    $0, labels: rows.labels, tokenizer: tokenizer, chunk: chunks.documents,
                    needsHumanRationale: options.scorer == "human", workers: workers)
            })
        try opened(rows, documents)
        return documents
    }

    private func checkMarks(_ rows: TrainingData) throws {
        guard let share = options.tagging?.humanShare, share > 0, let first = rows.train.first,
            rows.train.allSatisfy({ $0.rationale == nil })
        else { return }
        throw DatasetError(
            .badData, at: first.location,
            "neither this row nor any other has a human rationale, which a human share of \(share) "
                + "needs; train the tagger without")
    }
}

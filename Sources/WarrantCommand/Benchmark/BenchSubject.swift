import ArgumentParser
import Benchmarks
import Warrant

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Which model works, and on which documents.
struct BenchSubject: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A BERT, DistilBERT or RoBERTa encoder: its Hugging Face folder, or its name in this user's "
                + "Hugging Face cache.", valueName: "folder|name"))
    var encoder: String?

    @Option(
        help: ArgumentHelp(
            "The shape of an encoder with random weights: minilm by default.", valueName: "name"))
    var shape: EncoderShape?

    @Option(
        help: ArgumentHelp(
            "Texts, as for warrant train; may be repeated. Needs --encoder.", valueName: "file"))
    var input: [String] = []

    @Option(help: ArgumentHelp("Read this many rows of each file.", valueName: "n"))
    var limit: Int?

    @Option(
        name: [.customLong("max-length"), .customLong("maximum-length")],
        help: ArgumentHelp(
            "Read texts up to this many tokens: 512 by default, or as many as the encoder can.",
            valueName: "n"))
    var maximumLength: Int?

    @Option(
        help: ArgumentHelp(
            "Tokens of each synthetic document, special ones included: 128 by default.",
            valueName: "n"))
    var tokens: Int?

    @Option(help: ArgumentHelp("How many synthetic documents: 32 by default.", valueName: "n"))
    var documents: Int?

    /// Decides weights, synthetic documents and missing labels.
    private static let seed: UInt64 = 0

    func validate() throws {
        if encoder != nil, shape != nil {
            throw ValidationError("--encoder has a shape of its own; leave --shape out")
        }
        if input.isEmpty {
            if limit != nil { throw ValidationError("--limit counts rows of --input: give both") }
        } else {
            guard encoder != nil else {
                throw ValidationError(
                    "--input needs an encoder's tokenizer: give --encoder, or --tokens instead of "
                        + "--input")
            }
            guard tokens == nil, documents == nil else {
                throw ValidationError(
                    "--tokens and --documents describe synthetic documents; --input brings its own: "
                        + "leave them out, or use --limit")
            }
        }
        if let limit { try check(limit, in: 1...(1 << 40), "--limit") }
        if let maximumLength { try check(maximumLength, in: 8...(1 << 20), "--max-length") }
        if let tokens { try check(tokens, in: 3...(1 << 20), "--tokens") }
        if let documents { try check(documents, in: 1...(1 << 20), "--documents") }
    }

    /// What the model is called.
    var name: String {
        encoder.map { URL(filePath: $0).standardizedFileURL.lastPathComponent }
            ?? "\((shape ?? .minilm).rawValue) with random weights"
    }

    /// The model and the documents.
    ///
    /// - Throws: `DatasetError`, `EncoderError`, `TokenizerError`, `WarrantError`,
    ///   `SafetensorsError`.
    func load(
        _ data: DataOptions
    ) throws -> (model: SequenceClassifier, documents: BenchmarkDocuments) {
        let folder = try encoder.map(Messages.locate)
        let configuration =
            try folder.map { try EncoderConfiguration(folder: $0) }
            ?? (shape ?? .minilm).configuration
        let limit = try maximumLength(configuration)
        let documents =
            try folder.flatMap { try self.texts(data, encoder: $0, configuration, limit) }
            ?? synthetic(configuration, limit)
        guard let folder else {
            return (
                SequenceClassifier(
                    random: configuration, labels: documents.labels, seed: Self.seed), documents
            )
        }
        let model = try SequenceClassifier(
            encoder: folder, labels: documents.labels, seed: Self.seed)
        if let texts = documents.texts {
            try RationaleClassifier.check(
                texts.tokenizer, fits: model.configuration, folder: folder)
        }
        return (model, documents)
    }

    private func maximumLength(_ configuration: EncoderConfiguration) throws -> Int {
        let most = configuration.maximumLength
        guard let maximumLength else { return min(512, most) }
        guard maximumLength <= most else {
            throw ValidationError(
                "--max-length is \(maximumLength); this encoder reads at most \(most) tokens")
        }
        return maximumLength
    }

    private func synthetic(
        _ configuration: EncoderConfiguration, _ limit: Int
    ) throws -> BenchmarkDocuments {
        let tokens = tokens ?? min(128, limit)
        guard tokens <= limit else {
            throw ValidationError("--tokens is \(tokens); at most \(limit) are read of a document")
        }
        return BenchmarkDocuments(
            count: documents ?? 32, tokens: tokens, vocabularySize: configuration.vocabularySize,
            seed: Self.seed)
    }

    /// The rows of all inputs; nil where there is no input.
    private func texts(
        _ data: DataOptions, encoder: URL, _ configuration: EncoderConfiguration, _ limit: Int
    ) throws -> BenchmarkDocuments? {
        guard let first = input.first else { return nil }
        let tokenizer = try openTokenizer(folder: encoder)
        let rows = try input.flatMap { try self.rows(of: $0, data) }
        for row in rows { try tokenizer.checkRoom(row, ChunkSize(length: limit)) }
        if rows.contains(where: { $0.query != nil }) {
            try configuration.check(haveQueries: true, at: encoder.path)
        }
        let cores = ProcessInfo.processInfo.activeProcessorCount
        let documents = try BenchmarkDocuments(
            rows, tokenizer: tokenizer, maximumLength: limit, seed: Self.seed,
            workers: Workers(threads: cores))
        guard !documents.tokenized.isEmpty else {
            throw DatasetError(
                .badData, at: rows.first?.location ?? SourceLocation(file: first),
                "no row has a text with words: there is nothing to measure")
        }
        say(documents, rows: rows.count, limit: limit)
        return documents
    }

    private func rows(of path: String, _ data: DataOptions) throws -> [Example] {
        var reader = try ExampleReader(
            path: path, options: data.options(for: path), report: Messages.say)
        var rows: [Example] = []
        while rows.count < limit ?? .max, let row = try reader.next() { rows.append(row) }
        return rows
    }

    /// Says which rows are not measured as they stand.
    private func say(_ documents: BenchmarkDocuments, rows: Int, limit: Int) {
        let count = documents.tokenized.count
        if count < rows {
            Messages.say(
                "\(Figures.count(rows - count)) of \(Figures.count(rows, "row")) have no word that can "
                    + "be read: left out")
        }
        let truncated = documents.tokenized.count { $0.isTruncated }
        if truncated > 0 {
            Messages.say(
                "\(Figures.count(truncated)) of \(Figures.count(count, "document")) are longer than "
                    + "\(limit) tokens: only their beginning is read")
        }
    }
}

extension EncoderShape: ExpressibleByArgument {}

import Datasets
import Models
import Tensors
import Tokenization

/// Something for each of the three sets of rows.
public struct Splits<Value> {
    /// Of the rows that are learned from.
    public var train: Value
    /// Of the rows that decide which epoch is best.
    public var dev: Value
    /// Of the rows that are only measured.
    public var test: Value

    /// One value for each set.
    package init(train: Value, dev: Value, test: Value) {
        self.train = train
        self.dev = dev
        self.test = test
    }

    /// What `transform` makes of each, in the order train, dev, test.
    package func map<Result>(_ transform: (Value) throws -> Result) rethrows -> Splits<Result> {
        Splits<Result>(
            train: try transform(train), dev: try transform(dev), test: try transform(test))
    }

    /// Both values of each set.
    package func zip<Other>(_ other: Splits<Other>) -> Splits<(Value, Other)> {
        Splits<(Value, Other)>(
            train: (train, other.train), dev: (dev, other.dev), test: (test, other.test))
    }

    /// All three, in order.
    package var all: [Value] { [train, dev, test] }
}

extension Splits: Sendable where Value: Sendable {}

/// One set of rows on its way through the stages: those of which a word can be read.
package struct DocumentSet: Sendable {
    /// The documents as they were given.
    package let documents: [Document]
    /// Each document's class.
    package let labels: [Int]
    /// Each document as the encoder reads it.
    package let tokenized: [ChunkedDocument]
    /// Each document's id in the data, where it has one.
    package let ids: [String?]
    /// Rows that were left out because no word of them can be read.
    package let unreadable: [SourceLocation]
    /// Rows that were left out because nobody marked a rationale in them and the scorer needs one.
    package let unmarked: [SourceLocation]

    /// Whole documents to learn from.
    package var full: LabelledDocuments { LabelledDocuments(documents: tokenized, labels: labels) }

    /// Tokenizes rows.
    ///
    /// - Throws: `DatasetError` where no row can be read, `TokenizerError`.
    package init(
        _ rows: [Example], labels names: [String], tokenizer: any Tokenizer, chunk: ChunkSize,
        needsHumanRationale: Bool, workers: Workers
    ) throws {
        let indices = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        let tokenized = try tokenizer.chunks(rows.map(\.document), chunk, workers: workers)
        // A prediction from nothing is no prediction, so nothing is learned or measured from it.
        let readable = rows.indices.filter { tokenized[$0].isReadable }
        let used = readable.filter { !needsHumanRationale || rows[$0].rationale != nil }
        if let first = rows.first, used.isEmpty {
            throw DatasetError(
                .badData, at: first.location,
                readable.isEmpty
                    ? "the tokenizer reads no word of this row or of the others"
                    : "neither this row nor any other has a human rationale, which the scorer "
                        + "\"human\" needs; choose another --scorer")
        }
        documents = used.map { rows[$0].document }
        labels = used.map { rows[$0].label.flatMap { indices[$0] } ?? 0 }
        self.tokenized = used.map { tokenized[$0] }
        ids = used.map { rows[$0].id }
        unreadable = rows.indices.filter { !tokenized[$0].isReadable }.map { rows[$0].location }
        unmarked = readable.filter { needsHumanRationale && rows[$0].rationale == nil }
            .map { rows[$0].location }
    }
}

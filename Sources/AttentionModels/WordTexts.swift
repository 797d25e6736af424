import Datasets
import Encoders
import Tensors
import Tokenization
import Training

/// Labelled texts as an `AttentionClassifier` reads them: a token for each word, between start and end.
package struct WordTexts: Sendable {
    /// The rows that were read.
    package let rows: [Example]
    /// Each row's text.
    package let documents: [TokenizedDocument]
    /// Each row's question; nil: rows have none.
    package let questions: [TokenizedDocument]?
    /// Each row's class.
    package let labels: [Int]
    /// How many rows were left out for their number of words.
    package let leftOut: Int

    /// How many there are.
    package var count: Int { rows.count }
    /// How many tokens each has, with its question.
    package var lengths: [Int] {
        documents.indices.map {
            documents[$0].ids.count + (questions?[$0].ids.count ?? 0)
        }
    }

    /// Reads rows.
    ///
    /// - Parameters:
    ///   - lengths: which texts are read, by their numbers of words.
    ///   - name: what people call the set, for the error.
    /// - Throws: `TokenizerError`, and `DatasetError` where no row is left.
    package init(
        _ rows: [Example], labels names: [String], usesQuery: Bool, _ lengths: LengthFilter,
        _ tokenizer: any Tokenizer, called name: String, workers: Workers
    ) throws {
        let indices = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
        func tokenized(_ texts: [String]) throws -> [TokenizedDocument] {
            try workers.map(texts.count) { index, _ in
                Result { try tokenizer.tokenize(texts[index], query: nil, maximumLength: .max) }
            }.map { try $0.get() }
        }
        let counts = rows.map { wordRanges(in: $0.text).count }
        let kept = zip(rows, lengths.accepts(counts)).filter(\.1).map(\.0)
        if let first = rows.first, kept.isEmpty {
            throw DatasetError(
                .badData, at: first.location,
                "no row of \(name) has a text of the lengths that are read; give other limits")
        }
        self.rows = kept
        documents = try tokenized(kept.map(\.text))
        questions = usesQuery ? try tokenized(kept.map { $0.query ?? "" }) : nil
        labels = kept.map { $0.label.flatMap { indices[$0] } ?? 0 }
        leftOut = rows.count - kept.count
    }

    /// Batches of documents as they are traced.
    package func batch(_ numbers: [Int]) -> (texts: PackedBatch, questions: PackedBatch?) {
        (
            PackedBatch(numbers.map { documents[$0] }[...]),
            questions.map { all in PackedBatch(numbers.map { all[$0] }[...]) }
        )
    }
}

/// A data set as the models of a run read it: its vocabulary is that of its training texts.
package struct WordData: Sendable {
    /// The classes' names by index.
    package let labels: [String]
    /// Whether rows have a question.
    package let usesQuery: Bool
    /// The words that are known.
    package let vocabulary: WordVocabulary
    /// Reads texts by the vocabulary.
    package let tokenizer: any Tokenizer
    /// The texts.
    package let sets: Splits<WordTexts>

    /// Reads the rows of a run.
    ///
    /// - Throws: `TokenizerError`, and `DatasetError` where a set that has rows has none of the lengths
    ///   that are read.
    package init(_ data: TrainingData, _ options: AttentionOptions, workers: Workers) throws {
        labels = data.labels
        usesQuery = data.usesQuery
        let vocabulary = Self.vocabulary(of: data, options)
        let tokenizer = try vocabulary.tokenizer()
        self.vocabulary = vocabulary
        self.tokenizer = tokenizer
        let names = Splits(train: "train", dev: "dev", test: "test")
        sets = try Splits(train: data.train, dev: data.dev, test: data.test).zip(names).map {
            try WordTexts(
                $0, labels: data.labels, usesQuery: data.usesQuery, options.lengths, tokenizer,
                called: $1, workers: workers)
        }
    }

    /// The words of the training rows. Of each row text and question make one document (Jain &
    /// Wallace's `vectorizer.py`).
    package static func vocabulary(
        of data: TrainingData, _ options: AttentionOptions
    ) -> WordVocabulary {
        WordVocabulary(
            of: data.train.map { row in row.query.map { "\(row.text) \($0)" } ?? row.text },
            minimumDocuments: options.minimumDocuments)
    }
}

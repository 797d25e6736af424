import Datasets
import Models
import Randomness
import Tensors
import Tokenization
import Training

/// What a benchmark reads: documents, a class for each, and the texts where there are any.
package struct BenchmarkDocuments: Sendable {
    /// What the encoder is given.
    package let tokenized: [TokenizedDocument]
    /// Each document's class, below `labels.count`.
    package let classes: [Int]
    /// The classes' names, at least two.
    package let labels: [String]
    /// The documents before tokenization; nil for synthetic ones.
    package let texts: Texts?

    /// Documents as texts, and how they become tokens.
    package struct Texts: Sendable {
        /// As many as there are tokenized documents.
        package let documents: [Document]
        /// The encoder's own.
        package let tokenizer: any Tokenizer
        /// The most tokens that are read of a document.
        package let maximumLength: Int
    }

    /// How many tokens all documents have, special ones included.
    package var tokens: Int { tokenized.reduce(0) { $0 + $1.ids.count } }

    /// Documents of exactly `tokens` random word pieces each, in two classes. Which pieces they are
    /// makes no difference to the work.
    package init(count: Int, tokens: Int, vocabularySize: Int, seed: UInt64) {
        precondition(tokens >= 3, "a word between two special tokens")
        var generator = SeededGenerator(seed: seed)
        let words = (0..<(tokens - 2)).map { $0..<($0 + 1) }
        let noOffset = [0..<0]
        tokenized = (0..<count).map { _ in
            TokenizedDocument(
                ids: (0..<tokens).map { _ in
                    Int32(generator.below(vocabularySize))
                },
                segmentIDs: Array(repeating: 0, count: tokens),
                offsets: noOffset + words + noOffset,
                wordIndices: [-1] + words.indices.map { Int32($0) } + [-1],
                words: words, readWords: words.count)
        }
        labels = ["0", "1"]
        classes = (0..<count).map { _ in generator.below(2) }
        texts = nil
    }

    /// The rows of which the tokenizer reads at least one word. A row without a label gets one of
    /// the others' at random.
    ///
    /// - Throws: `TokenizerError` where a query leaves no room for a document.
    package init(
        _ rows: [Example], tokenizer: any Tokenizer, maximumLength: Int, seed: UInt64,
        workers: Workers
    ) throws {
        let tokenized = try tokenizer.chunks(
            rows.map(\.document), ChunkSize(length: maximumLength, stride: nil), workers: workers)
        let readable = rows.indices.filter { tokenized[$0].isReadable }
        var labels = LabelOrder.sorted(Set(readable.compactMap { rows[$0].label }))
        // A classifier needs a choice.
        for name in ["0", "1"] where labels.count < 2 && !labels.contains(name) {
            labels.append(name)
        }
        let indices = Dictionary(uniqueKeysWithValues: labels.enumerated().map { ($1, $0) })
        var generator = SeededGenerator(seed: seed)
        self.tokenized = readable.map { tokenized[$0].chunks[0] }
        classes = readable.map { row in
            rows[row].label.flatMap { indices[$0] }
                ?? generator.below(labels.count)
        }
        self.labels = labels
        texts = Texts(
            documents: readable.map { rows[$0].document }, tokenizer: tokenizer,
            maximumLength: maximumLength)
    }
}

import Classifiers
import Encoders
import Rationales
import Saliency
import Tensors
import Tokenization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What was taken out of a document, and how much of the document was read.
public struct Extraction: Sendable {
    /// The selected words, in place.
    public let rationale: Rationale
    /// A score for each word that was read.
    public let saliency: SaliencyMap
    /// How many of the document's words were read, from the first on.
    public let readWords: Int
    /// How many words the document has.
    public let words: Int
    /// In how many chunks the document was read.
    public let chunks: Int
    /// By how much a scorer that integrates misses the difference that its scores should add up to,
    /// the largest of the chunks'; nil for other scorers.
    public let convergenceDelta: Float?
    /// What the support model says of the whole text; nil where a tagger selects or a scorer that
    /// does not ask it, such as `random`.
    public let support: Prediction?

    /// Whether the rest of the document was not read: by models from before there were chunks.
    public var isTruncated: Bool { readWords < words }
}

/// Selects a rationale from a document: scores its words, and selects by the scores.
public struct Extractor: Sendable {
    /// What scores words.
    public enum Source: Sendable {
        /// What a support model, a classifier of whole documents, does with them.
        case saliency(any SaliencyScorer, of: any TextClassifier)
        /// A tagger that was trained on rationales.
        case tagger(TokenTagger)

        var configuration: any ClassifierConfiguration {
            switch self {
            case .saliency(_, let model): model.configuration
            case .tagger(let tagger): tagger.configuration
            }
        }
    }

    /// What gives each word a score.
    public let source: Source
    /// How texts become pieces.
    public let tokenizer: any Tokenizer
    /// Selects words by their scores.
    public let thresholder: any Thresholder
    /// In how long chunks documents are read.
    public let chunk: ChunkSize
    /// How much memory the passes over chunks may take at the same time.
    public var memoryLimit = MemoryLimit.ofMachine

    /// An extractor from its parts.
    public init(
        _ source: Source, tokenizer: any Tokenizer, thresholder: any Thresholder,
        chunk: ChunkSize
    ) {
        precondition(
            chunk.length <= source.configuration.maximumLength, "longer than the encoder reads")
        self.source = source
        self.tokenizer = tokenizer
        self.thresholder = thresholder
        self.chunk = chunk
    }

    /// Extracts from each document; nil where there is no word to read.
    ///
    /// - Throws: `TokenizerError` where a query leaves no room for a document, `EncoderError` where a
    ///   model gives something that is not a number, `SaliencyError` where a document lacks what the
    ///   scorer needs.
    public func extract(_ documents: [Document], workers: Workers) throws -> [Extraction?] {
        try extract(
            documents, tokenizer.chunks(documents, chunk, workers: workers), workers: workers)
    }

    /// Extracts from documents that are tokenized already.
    package func extract(
        _ documents: [Document], _ tokenized: [ChunkedDocument], workers: Workers
    ) throws -> [Extraction?] {
        let readable = documents.indices.filter { tokenized[$0].isReadable }
        let scores = try scores(
            readable.map { documents[$0] }, readable.map { tokenized[$0] }, workers: workers)
        var extractions = [Extraction?](repeating: nil, count: documents.count)
        for (index, score) in zip(readable, scores) {
            let document = tokenized[index]
            extractions[index] = Extraction(
                rationale: Rationale(
                    text: documents[index].text, words: document.words,
                    selection: thresholder.select(
                        score.saliency, of: documents[index], document)),
                saliency: score.saliency, readWords: document.readWords,
                words: document.words.count, chunks: document.chunks.count,
                convergenceDelta: score.convergenceDelta,
                support: score.support)
        }
        return extractions
    }

    /// The memory that a chunk of so many tokens takes while its words are scored, in bytes: an
    /// estimate, from above.
    package func passBytes(tokens: Int) -> Double {
        switch source {
        case .saliency(let scorer, let model):
            scorer.passBytes(tokens: tokens, model.configuration)
        case .tagger(let tagger):
            tagger.configuration.passBytes(
                tokens: tokens,
                [.hiddenStates(layer: tagger.configuration.layers)])
        }
    }

    /// What the support model says of whole documents, where extractions tell the very thing that it
    /// says when it is asked alone; nil where it was not asked, or where its passes recorded for
    /// gradients, which rounds less than others do in bf16.
    package func supportPredictions(
        from extractions: [Extraction?], in precision: Precision
    ) -> [Prediction?]? {
        if case .saliency(let scorer, _) = source, scorer.explainsPrediction, precision != .fp32 {
            return nil
        }
        let wasAsked = extractions.allSatisfy { $0.map { $0.support != nil } ?? true }
        return wasAsked ? extractions.map { $0?.support } : nil
    }

    /// A document's word scores, and what the support model says of it where it was asked.
    package struct Score: Sendable {
        package let saliency: SaliencyMap
        package let support: Prediction?
        package var convergenceDelta: Float?
    }

    /// For each chunk of each document what the document's others say; a document of one chunk is
    /// not asked.
    private func otherChunks(
        _ documents: [ChunkedDocument], _ model: any TextClassifier, _ workers: Workers
    ) -> [OtherChunks] {
        let split = documents.filter { $0.chunks.count > 1 }
        var logits = model.logits(split.flatMap(\.chunks), workers: workers)[...]
        return documents.flatMap { document in
            let count = document.chunks.count
            guard count > 1 else { return document.chunks.map { _ in OtherChunks.none } }
            defer { logits = logits.dropFirst(count) }
            return OtherChunks.each(of: Array(logits.prefix(count)))
        }
    }

    /// What a document's chunks say together; nil where the support model was not asked.
    private func prediction(_ chunks: [[Float]], _ labels: [String]) throws -> Prediction? {
        guard !chunks.isEmpty else { return nil }
        let logits = Logits.means(chunks, counts: [chunks.count])[0]
        try Logits.check(logits, of: "the support model")
        return Prediction(logits: logits, labels: labels)
    }

    /// Scores the words of documents that have some.
    package func scores(
        _ documents: [Document], _ tokenized: [ChunkedDocument], workers: Workers
    ) throws -> [Score] {
        let chunks = tokenized.flatMap(\.chunks)
        let workers = workers.atMost(
            memoryLimit.passes(of: passBytes(tokens: chunks.map(\.ids.count).max() ?? 0)))
        var first = 0
        switch source {
        case .saliency(let scorer, let model):
            let others =
                scorer.explainsPrediction
                ? otherChunks(tokenized, model, workers) : chunks.map { _ in .none }
            var inputs: [SaliencyInput] = []
            for (document, tokenized) in zip(documents, tokenized) {
                let marked = document.humanRationale(in: tokenizer.words)
                for chunk in tokenized.chunks {
                    inputs.append(
                        SaliencyInput(
                            chunk, humanRationale: marked,
                            others: others[inputs.count]))
                }
            }
            let scored = try scorer.score(
                inputs,
                ScoringContext(model: model, maskTokenID: tokenizer.maskTokenID, workers: workers))
            return try tokenized.map { document in
                defer { first += document.chunks.count }
                let chunks = scored[first..<(first + document.chunks.count)]
                let words = document.sharingPieces(document.mean(chunks.map(\.words)))
                try Logits.check(words, of: "the support model")
                return Score(
                    saliency: SaliencyMap(words, of: document),
                    support: try prediction(chunks.compactMap(\.logits), model.labels),
                    convergenceDelta: chunks.compactMap(\.convergenceDelta?.magnitude).max())
            }
        case .tagger(let tagger):
            let probabilities = tagger.probabilities(chunks, workers: workers)
            return try tokenized.map { document in
                defer { first += document.chunks.count }
                let words = document.sharingPieces(
                    document.mean(Array(probabilities[first..<(first + document.chunks.count)])))
                try Logits.check(words, of: "the tagger")
                return Score(saliency: SaliencyMap(words, of: document), support: nil)
            }
        }
    }
}

extension SaliencyMap {
    /// The scores of the words that a model reads. A word without a piece has none, whoever scores:
    /// nothing can be predicted from it.
    package init(_ words: [Float], of document: ChunkedDocument) {
        self.init(normalizing: zip(words, document.hasPiece).map { $1 ? $0 : 0 })
    }
}

extension Thresholder {
    /// The words that are selected of a document with these scores.
    package func select(
        _ saliency: SaliencyMap, of document: Document, _ tokenized: ChunkedDocument
    ) -> [Int] {
        var scores = saliency.scores
        // Thresholders take the first of equals: let it be a word that something is predicted from.
        if !scores.contains(where: { $0 > 0 }),
            let first = tokenized.hasPiece.firstIndex(of: true), first > 0
        {
            scores[first] = 1
        }
        guard readsSentences else { return select(scores) }
        return select(
            scores,
            sentences: sentenceRanges(
                in: document.text, words: Array(tokenized.words.prefix(scores.count))))
    }
}

extension Tokenizer {
    /// Tokenizes documents into chunks on all workers.
    ///
    /// - Throws: `TokenizerError` for the first document whose query leaves no room.
    package func chunks(
        _ documents: [Document], _ size: ChunkSize, workers: Workers
    ) throws -> [ChunkedDocument] {
        let group = 64
        let results = workers.map((documents.count + group - 1) / group) { index, _ in
            Result {
                try documents[(index * group)..<min(documents.count, (index + 1) * group)].map {
                    try chunks(of: $0.text, query: $0.query, size)
                }
            }
        }
        return try results.flatMap { try $0.get() }
    }
}

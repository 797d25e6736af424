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
    /// How many of the document's words were read whole.
    public let readWords: Int
    /// How many words the document has.
    public let words: Int
    /// What the support model says of the whole text.
    public let support: Prediction

    /// Whether the encoder's limit cut the document.
    public var isTruncated: Bool { readWords < words }
}

/// Who selects: a support model, a scorer of its words and a thresholder of the scores.
public struct Extractor: Sendable {
    /// The classifier of whole documents.
    public let support: SequenceClassifier
    /// How texts become pieces.
    public let tokenizer: any Tokenizer
    /// Gives each word a score.
    public let scorer: any SaliencyScorer
    /// Selects words by their scores.
    public let thresholder: any Thresholder
    /// The most tokens that are read of a document, special tokens included.
    public let maximumLength: Int

    /// An extractor from its parts.
    public init(
        support: SequenceClassifier, tokenizer: any Tokenizer, scorer: any SaliencyScorer,
        thresholder: any Thresholder, maximumLength: Int
    ) {
        precondition(
            maximumLength <= support.configuration.maximumLength, "longer than the encoder reads")
        self.support = support
        self.tokenizer = tokenizer
        self.scorer = scorer
        self.thresholder = thresholder
        self.maximumLength = maximumLength
    }

    /// Extracts from each document; nil where there is no word to read.
    ///
    /// - Throws: `TokenizerError` where a query leaves no room for a document, `EncoderError` where the
    ///   support model gives something that is not a number.
    public func extract(_ documents: [Document], workers: Workers) throws -> [Extraction?] {
        let tokenized = try tokenizer.tokenize(
            documents, maximumLength: maximumLength, workers: workers)
        return try extract(documents, tokenized, workers: workers)
    }

    /// Extracts from documents that are tokenized already.
    func extract(
        _ documents: [Document], _ tokenized: [TokenizedDocument], workers: Workers
    ) throws -> [Extraction?] {
        let readable = documents.indices.filter { tokenized[$0].isReadable }
        let context = ScoringContext(
            model: support, maskTokenID: tokenizer.maskTokenID, workers: workers)
        let scored = try scorer.score(readable.map { SaliencyInput(tokenized[$0]) }, context)
        var extractions = [Extraction?](repeating: nil, count: documents.count)
        for (index, trace) in zip(readable, scored) {
            try SequenceClassifier.check(trace.logits)
            let document = tokenized[index]
            let saliency = SaliencyMap(normalizing: trace.words)
            extractions[index] = Extraction(
                rationale: Rationale(
                    text: documents[index].text, words: document.words,
                    selection: thresholder.select(saliency.scores)), saliency: saliency,
                readWords: document.readWords, words: document.words.count,
                support: Prediction(logits: trace.logits, labels: support.labels))
        }
        return extractions
    }
}

extension TokenizedDocument {
    /// Whether at least one whole word was read.
    var isReadable: Bool {
        wordIndices.contains { $0 >= 0 && $0 < readWords }
    }
}

extension Tokenizer {
    /// Tokenizes documents on all workers.
    ///
    /// - Throws: `TokenizerError` for the first document whose query leaves no room.
    public func tokenize(
        _ documents: [Document], maximumLength: Int, workers: Workers
    ) throws -> [TokenizedDocument] {
        let group = 64
        let results = workers.map((documents.count + group - 1) / group) { index, _ in
            Result {
                try documents[(index * group)..<min(documents.count, (index + 1) * group)].map {
                    try tokenize($0.text, query: $0.query, maximumLength: maximumLength)
                }
            }
        }
        return try results.flatMap { try $0.get() }
    }
}

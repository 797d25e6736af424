import Encoders
import Files
import Rationales
import Tensors
import Tokenization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a classifier says of a rationale.
public struct Prediction: Sendable, Equatable {
    /// One logit for each class.
    public let logits: [Float]
    /// The classes' names, in the order of the logits.
    public let labels: [String]

    /// A prediction from its logits; `labels` has a name for each.
    public init(logits: [Float], labels: [String]) {
        precondition(logits.count == labels.count && !labels.isEmpty, "a label for each logit")
        self.logits = logits
        self.labels = labels
    }

    /// The class with the largest logit; the first of equal ones.
    public var index: Int { logits.indexOfLargest }
    /// The predicted class's name.
    public var label: String { labels[index] }
    /// Softmax of the logits.
    public var probabilities: [Float] { CrossEntropy.probabilities(logits).map { Float($0) } }
}

/// The classifier `pred`: it is given a rationale's words and the query, and nothing else.
///
/// This module imports neither saliency nor documents, so no score and no position can reach it.
public final class RationaleClassifier: Sendable {
    /// The model.
    public let model: any TextClassifier
    /// How words become pieces.
    public let tokenizer: any Tokenizer
    /// In how long chunks rationales are read.
    public let chunk: ChunkSize

    /// A classifier from its parts.
    public init(model: any TextClassifier, tokenizer: any Tokenizer, chunk: ChunkSize) {
        precondition(
            chunk.length <= model.configuration.maximumLength, "longer than the encoder reads")
        self.model = model
        self.tokenizer = tokenizer
        self.chunk = chunk
    }

    /// A classifier from its model folder.
    ///
    /// - Throws: `EncoderError`, `TokenizerError`, or another `DescribedError` about a file.
    public convenience init(folder: URL, chunk: ChunkSize) throws {
        let files = FolderFiles(folder.path)
        let model = try TextClassifiers.open(files)
        let tokenizer = try openTokenizer(files)
        try Self.check(tokenizer, fits: model.configuration, folder: folder)
        guard chunk.length <= model.configuration.maximumLength else {
            throw EncoderError.invalid(
                folder.path,
                "reads \(model.configuration.maximumLength) tokens, but chunks of "
                    + "\(chunk.length) were asked for")
        }
        self.init(model: model, tokenizer: tokenizer, chunk: chunk)
    }

    /// Every id that a tokenizer gives must have an embedding.
    package static func check(
        _ tokenizer: any Tokenizer, fits configuration: any ClassifierConfiguration, folder: URL
    ) throws {
        guard tokenizer.vocabularySize <= configuration.vocabularySize else {
            throw EncoderError.invalid(
                folder.path,
                "the tokenizer has \(tokenizer.vocabularySize) pieces, but the encoder has "
                    + "embeddings for \(configuration.vocabularySize): the two do not belong "
                    + "together")
        }
    }

    /// A rationale as the encoder's input: one chunk, or several for a long one.
    ///
    /// - Throws: `TokenizerError` where a query leaves no room for the words.
    package func tokenize(_ rationale: RationaleWords) throws -> ChunkedDocument {
        try tokenizer.chunks(of: rationale.text, query: rationale.query, chunk)
    }

    /// Predicts from rationales alone. A rationale's logits do not depend on the others.
    ///
    /// - Returns: a prediction for each; nil for one without a single piece to read, since a
    ///   prediction from nothing is no prediction.
    /// - Throws: `TokenizerError` where a query leaves no room for the words, `EncoderError` where the
    ///   model gives something that is not a number.
    public func classify(_ rationales: [RationaleWords], workers: Workers) throws -> [Prediction?] {
        let documents = try rationales.map { try tokenize($0) }
        let readable = documents.indices.filter { documents[$0].isReadable }
        let logits = model.logits(readable.map { documents[$0] }, workers: workers)
        var predictions = [Prediction?](repeating: nil, count: documents.count)
        for (index, logits) in zip(readable, logits) {
            try Logits.check(logits, of: "the classifier")
            predictions[index] = Prediction(logits: logits, labels: model.labels)
        }
        return predictions
    }
}

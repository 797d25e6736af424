import Encoders
import Tensors
import Tokenization

/// One chunk of a document, as a scorer is given it. A document that fits the encoder is one chunk.
public struct SaliencyInput: Sendable {
    /// What the support model reads; word indices count from the document's first word.
    public let chunk: TokenizedDocument
    /// The words of the document that a human marked, as ascending ranges; nil: nobody did.
    public let humanRationale: [Range<Int>]?
    /// What the document's other chunks say, for scorers that explain a prediction.
    public let others: OtherChunks

    /// A chunk, and what its document has besides.
    public init(
        _ chunk: TokenizedDocument, humanRationale: [Range<Int>]? = nil,
        others: OtherChunks = .none
    ) {
        self.chunk = chunk
        self.humanRationale = humanRationale
        self.others = others
    }
}

/// What a scorer says of a chunk.
public struct ChunkSaliency: Sendable {
    /// The support model's logits [classes] of the chunk; nil for scorers that do not ask it.
    public let logits: [Float]?
    /// A finite, non-negative score for each of the chunk's `wholeWords`, in the scorer's own unit.
    public let words: [Float]
    /// What an attribution method that promises to distribute a difference of outputs missed it by,
    /// in the output's unit; nil for scorers that promise no such thing.
    public let convergenceDelta: Float?

    /// Logits and scores of one chunk.
    public init(logits: [Float]?, words: [Float], convergenceDelta: Float? = nil) {
        self.logits = logits
        self.words = words
        self.convergenceDelta = convergenceDelta
    }
}

/// The model that is explained, and the threads that work on it.
public struct ScoringContext: Sendable {
    /// The support model.
    public let model: any TextClassifier
    /// The id that stands for a piece left out.
    public let maskTokenID: Int32
    /// The threads that run passes. What a chunk gives does not depend on them.
    public let workers: Workers

    /// A support model with its tokenizer's mask.
    public init(model: any TextClassifier, maskTokenID: Int32, workers: Workers) {
        self.model = model
        self.maskTokenID = maskTokenID
        self.workers = workers
    }
}

/// Scores the words of documents by what the support model does with them.
///
/// A chunk's scores are a function of the model and the chunk's input alone: not of the chunks
/// that are scored with it, nor of the number of threads.
public protocol SaliencyScorer: Sendable {
    /// The name on the command line and in `warrant.json`, settings included.
    var name: String { get }

    /// Whether scores are about the class that the model predicts for the document, so that a chunk
    /// must know what the others say.
    var explainsPrediction: Bool { get }

    /// Complains where the scorer cannot work with models of this shape.
    ///
    /// - Throws: `SaliencyError`.
    func check(_ configuration: any ClassifierConfiguration) throws(SaliencyError)

    /// The memory that a chunk of so many tokens takes while it is scored, in bytes: an estimate, from
    /// above.
    func passBytes(tokens: Int, _ configuration: any ClassifierConfiguration) -> Double

    /// Scores each chunk, in bounded memory however many there are.
    ///
    /// - Throws: `SaliencyError` where a chunk lacks what the scorer needs.
    func score(
        _ inputs: [SaliencyInput], _ context: ScoringContext
    ) throws(SaliencyError) -> [ChunkSaliency]
}

extension SaliencyScorer {
    /// Most scorers look at a chunk alone.
    public var explainsPrediction: Bool { false }

    /// A pass that hands out nothing but logits.
    public func passBytes(tokens: Int, _ configuration: any ClassifierConfiguration) -> Double {
        configuration.passBytes(tokens: tokens)
    }

    /// Most scorers work with every model.
    public func check(_ configuration: any ClassifierConfiguration) throws(SaliencyError) {}

    /// Complains about a model that does not hand out what the scorer reads.
    func require(
        _ quantities: Set<TraceQuantity>, of configuration: any ClassifierConfiguration
    ) throws(SaliencyError) {
        guard !quantities.allSatisfy(configuration.handsOut) else { return }
        throw .wrongSettings(
            scorer: name,
            problem: quantities.contains(.wordAttention)
                ? "it reads the weights of attention over words, which \(configuration.readerName) has "
                    + "not; choose another"
                : "it reads the layers of a transformer, and \(configuration.readerName) has none; "
                    + "choose attention, a scorer by gradients, or one that does not ask the model")
    }
}

/// A scorer that needs nothing but one pass of the support model over a chunk.
public protocol TraceScorer: SaliencyScorer {
    /// What the pass must hand out.
    func quantities(_ configuration: any ClassifierConfiguration) -> Set<TraceQuantity>

    /// What gradients are taken of, where `quantities` holds any.
    var differentiated: Differentiation.Output { get }

    /// A score for each token [tokens], special ones included, from a trace that holds
    /// `quantities`. Those of a word's pieces are summed.
    func pieceScores(
        _ trace: Trace, _ chunk: TokenizedDocument, _ model: any TextClassifier
    ) -> [Float]
}

extension TraceScorer {
    /// The predicted class's logit.
    public var differentiated: Differentiation.Output { .logit }

    /// A pass that hands out `quantities`.
    public func passBytes(tokens: Int, _ configuration: any ClassifierConfiguration) -> Double {
        configuration.passBytes(tokens: tokens, quantities(configuration))
    }

    /// The model must hand out `quantities`.
    public func check(_ configuration: any ClassifierConfiguration) throws(SaliencyError) {
        try require(quantities(configuration), of: configuration)
    }

    /// One pass over each chunk; its trace is scored by the worker that made it, and dropped.
    public func score(
        _ inputs: [SaliencyInput], _ context: ScoringContext
    ) throws(SaliencyError) -> [ChunkSaliency] {
        let model = context.model
        try check(model.configuration)
        return model.trace(
            inputs.map(\.chunk), quantities(model.configuration),
            Differentiation(of: differentiated, others: inputs.map(\.others)),
            workers: context.workers
        ) { index, trace in
            let chunk = inputs[index].chunk
            return ChunkSaliency(
                logits: trace.logits, words: chunk.wordSums(pieceScores(trace, chunk, model)))
        }
    }
}

extension Trace {
    /// A quantity that the scorer asked for.
    func required(_ quantity: TraceQuantity) -> [Float] {
        guard let values = self[quantity] else {
            preconditionFailure("the trace lacks \(quantity)")
        }
        return values
    }
}

extension TokenizedDocument {
    /// The sum over each whole word's pieces: special tokens and the query's pieces are left out, and
    /// so is a word that the chunk's edge cut.
    ///
    /// - Parameter pieces: one score for each token.
    /// - Returns: one for each of `wholeWords`.
    public func wordSums(_ pieces: [Float]) -> [Float] {
        precondition(pieces.count == ids.count, "a score for each token")
        var sums = [Float](repeating: 0, count: wholeWords.count)
        for (piece, word) in zip(pieces, wordIndices) where wholeWords.contains(Int(word)) {
            sums[Int(word) - wholeWords.lowerBound] += piece
        }
        return sums
    }
}

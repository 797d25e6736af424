import Encoders
import Tokenization

/// One non-negative score for each word that the support model read.
public struct SaliencyMap: Sendable, Equatable {
    /// Scores of `words[0..<readWords]` of the document; they add up to 1, or are all zero.
    public let scores: [Float]

    /// Normalises raw word scores over the document.
    public init(normalizing raw: [Float]) {
        let sum = raw.reduce(0) { $0 + Double($1) }
        scores = sum > 0 ? raw.map { Float(Double($0) / sum) } : raw.map { _ in 0 }
    }

    /// Sums the scores of pieces to words; special tokens and the query's pieces are left out, and
    /// so is a word that the encoder's limit cut.
    ///
    /// - Parameter pieces: one score for each token of `document`.
    public init(pieces: [Float], document: TokenizedDocument) {
        precondition(pieces.count == document.ids.count, "a score for each token")
        var words = [Float](repeating: 0, count: document.readWords)
        for (piece, word) in zip(pieces, document.wordIndices)
        where word >= 0 && word < document.readWords {
            words[Int(word)] += piece
        }
        self.init(normalizing: words)
    }
}

/// Turns a pass of the support model into a score for each word.
public protocol SaliencyScorer: Sendable {
    /// The name on the command line and in `warrant.json`.
    var name: String { get }

    /// What the pass must hand out.
    func quantities(_ configuration: EncoderConfiguration) -> Set<TraceQuantity>

    /// Scores from a trace that holds `quantities`.
    func scores(
        _ trace: Trace, of document: TokenizedDocument, _ configuration: EncoderConfiguration
    ) -> SaliencyMap
}

/// The scorers by name.
public enum SaliencyScorers {
    /// Every name that `named` knows.
    public static let names = [ClassifierAttention.name]

    /// The scorer called `name`; nil for an unknown name.
    public static func named(_ name: String) -> (any SaliencyScorer)? {
        name == ClassifierAttention.name ? ClassifierAttention() : nil
    }
}

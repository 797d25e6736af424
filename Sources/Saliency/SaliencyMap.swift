/// One non-negative score for each word of a document that was read.
public struct SaliencyMap: Sendable, Equatable {
    /// Scores of the document's words from the first on; they add up to 1, or are all zero.
    public let scores: [Float]

    /// Normalises raw word scores over the document.
    public init(normalizing raw: [Float]) {
        let sum = raw.reduce(0) { $0 + Double($1) }
        scores = sum > 0 ? raw.map { Float(Double($0) / sum) } : raw.map { _ in 0 }
    }

    /// Scores that were normalised before.
    package init(scores: [Float]) { self.scores = scores }
}

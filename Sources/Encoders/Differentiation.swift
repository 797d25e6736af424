import Tensors

/// What gradients are taken of, and where.
public struct Differentiation: Sendable {
    /// A function of the logits.
    public enum Output: Sendable {
        /// A class's logit.
        case logit
        /// A class's probability: softmax of the logits.
        case probability
    }

    /// The function.
    public let output: Output
    /// Of which class, for each document; nil: of the one that the pass predicts.
    public let classes: [Int]?
    /// What each document's word embeddings are multiplied by; nil: 1.
    public let wordEmbeddingScales: [Float]?

    /// By default the predicted class's logit, at the document as it is.
    public init(
        of output: Output = .logit, classes: [Int]? = nil, wordEmbeddingScales: [Float]? = nil
    ) {
        self.output = output
        self.classes = classes
        self.wordEmbeddingScales = wordEmbeddingScales
    }

    /// The gradient of document `index`'s output with respect to its logits [classes].
    func seed(_ logits: [Float], document index: Int) -> [Float] {
        let best = classes?[index] ?? logits.indexOfLargest
        switch output {
        case .logit: return logits.indices.map { $0 == best ? 1 : 0 }
        case .probability:
            let p = CrossEntropy.probabilities(logits)
            return p.indices.map { Float(p[best] * (($0 == best ? 1 : 0) - p[$0])) }
        }
    }
}

import Tensors

/// What gradients are taken of, and where. Where a chunk of a longer document is read, it is the
/// document's output whose gradient is taken, the other chunks being as they are.
public struct Differentiation: Sendable {
    /// A function of the logits.
    public enum Output: Sendable {
        /// A class's logit.
        case logit
        /// A class's probability: softmax of the logits, or σ of the only one.
        case probability
    }

    /// The function.
    package let output: Output
    /// Of which class, for each document; nil: of the one that is predicted.
    package let classes: [Int]?
    /// What the other chunks of each document say; nil: each is a document of its own.
    package let others: [OtherChunks]?

    /// By default the predicted class's logit, at the document as it is.
    package init(
        of output: Output = .logit, classes: [Int]? = nil, others: [OtherChunks]? = nil
    ) {
        self.output = output
        self.classes = classes
        self.others = others
    }

    /// The gradient of document `index`'s output with respect to the logits [classes] that were
    /// read.
    func seed(_ own: [Float], document index: Int) -> [Float] {
        let others = others?[index] ?? .none
        let logits = others.documentLogits(own)
        let best = classes?[index] ?? others.predictedClass(own)
        // Of a mean.
        let share = 1 / Double(others.count + 1)
        switch output {
        case .logit: return logits.indices.map { $0 == best ? Float(share) : 0 }
        case .probability where logits.count == 1:
            let p = BinaryCrossEntropy.probability(logits[0])
            return [Float(p * (1 - p) * share)]
        case .probability:
            let p = CrossEntropy.probabilities(logits)
            // 1 - p[best] would lose its digits where the model is sure.
            let rest = p.indices.reduce(0) { $0 + ($1 == best ? 0 : p[$1]) }
            return p.indices.map { Float(p[best] * ($0 == best ? rest : -p[$0]) * share) }
        }
    }
}

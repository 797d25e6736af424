import CKernels
import Encoders
import Tensors
import Tokenization

/// How much the output depends on each word by its gradient: |Σ over d of e_d · ∂p / ∂e_d|, gradient times
/// input over the dimensions of the word's embedding (Jain & Wallace 2019, section 4.1, algorithm 1, where
/// the input is one-hot).
///
/// p is σ of one logit; of several the absolute values are added up over the classes; with a question it
/// is the probability of the predicted class, and the words are those of the text.
package enum GradientImportance {
    /// Which way gradients flow.
    package enum Flow: Sendable, CaseIterable {
        /// Weights are held constant: nothing flows through the attention's own computation. The authors'
        /// choice.
        case detached
        /// Through states and weights.
        case throughAttention
    }

    /// What one pass says of a document.
    package struct Measured: Sendable {
        /// The logits.
        package let logits: [Float]
        /// The weight of each word.
        package let attention: [Float]
        /// Each word's importance.
        package let importance: [Double]
    }

    /// Each document's words' importance. The authors divide it by its sum, which changes no ranking.
    ///
    /// - Parameter questions: as many as documents, for a model of pairs.
    package static func scores(
        _ model: AttentionClassifier, _ documents: [TokenizedDocument],
        questions: [TokenizedDocument]? = nil, flow: Flow = .detached, workers: Workers
    ) -> [[Double]] {
        measure(model, documents, questions: questions, flow: flow, workers: workers)
            .map(\.importance)
    }

    /// The same, with the logits and the attention of the pass that gradients are taken in.
    package static func measure(
        _ model: AttentionClassifier, _ documents: [TokenizedDocument],
        questions: [TokenizedDocument]? = nil, flow: Flow = .detached, workers: Workers
    ) -> [Measured] {
        var probe: (@Sendable (Range<Int>) -> any Probe)?
        if flow == .detached { probe = { _ in FixedWordAttention(.own) } }
        func measured(of output: Int?) -> [Measured] {
            let classes = output.map { [Int](repeating: $0, count: documents.count) }
            return model.trace(
                documents, questions: questions,
                [.wordAttention, .wordEmbeddings, .wordEmbeddingGradients],
                Differentiation(of: .probability, classes: classes),
                probe: probe, workers: workers
            ) { number, trace in
                let document = documents[number]
                return Measured(
                    logits: trace.logits,
                    attention: trace.wordWeights(of: document),
                    importance: products(trace, document))
            }
        }
        guard questions == nil, model.outputs > 1 else { return measured(of: nil) }
        return (1..<model.outputs).reduce(measured(of: 0)) { sums, output in
            zip(sums, measured(of: output)).map { sum, next in
                Measured(
                    logits: sum.logits, attention: sum.attention,
                    importance: zip(sum.importance, next.importance).map { $0 + $1 })
            }
        }
    }

    /// |Σ e · ∂p / ∂e| of each word.
    private static func products(_ trace: Trace, _ document: TokenizedDocument) -> [Double] {
        guard let embeddings = trace[.wordEmbeddings],
            let gradients = trace[.wordEmbeddingGradients]
        else { preconditionFailure("a trace has what was asked for") }
        let width = embeddings.count / trace.tokens
        return embeddings.withUnsafeBufferPointer { embeddings in
            gradients.withUnsafeBufferPointer { gradients in
                document.wordIndices.indices.filter { document.wordIndices[$0] >= 0 }.map { token in
                    guard let e = embeddings.baseAddress, let g = gradients.baseAddress else {
                        return 0
                    }
                    return Double(abs(warrant_dot(e + token * width, g + token * width, width)))
                }
            }
        }
    }
}

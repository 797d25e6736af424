import Tensors
import Tokenization

/// How a state is scored before the softmax.
package enum AttentionScore: String, CaseIterable, Sendable {
    /// v · tanh(W h + b) (Bahdanau, Cho & Bengio 2015).
    case additive = "tanh"
    /// w · h / √D (Vaswani et al. 2017).
    case dot
}

/// Attention over the words of each document (Jain & Wallace 2019, section 2;
/// `model/modules/Attention.py` of `successar/AttentionExplanation`): αᵢ = softmax of the scores over
/// the document's words. What is no word, such as start and end, has the weight 0.
///
/// | | one sequence | a sequence P with a question's vector q |
/// | --- | --- | --- |
/// | additive | v · tanh(W hᵢ + b) | v · tanh(W hᵢ + b + W' q + b') |
/// | dot | w · hᵢ / √D | hᵢ · q / √D |
///
/// W and W' are [D/2, D], named `key` and `question`; v [1, D/2], or w [1, D], is `score`, without a
/// bias.
package struct WordAttention: Sendable {
    let kind: AttentionScore
    let key, question: LinearParameters?
    /// nil where the score is h · q.
    let score: Parameter?

    /// Declares the parameters within `scope`.
    ///
    /// - Parameters:
    ///   - width: D.
    ///   - hasQuestion: whether scores depend on a question.
    init(_ scope: ParameterScope, _ kind: AttentionScore, width: Int, hasQuestion: Bool) {
        self.kind = kind
        let isAdditive = kind == .additive
        let inner = width / 2
        key = isAdditive ? LinearParameters(scope["key"], inputs: width, outputs: inner) : nil
        question =
            isAdditive && hasQuestion
            ? LinearParameters(scope["question"], inputs: width, outputs: inner) : nil
        score =
            isAdditive || !hasQuestion
            ? scope["score"].parameter("weight", [1, isAdditive ? inner : width], kind: .weight)
            : nil
    }

    /// α [tokens, 1], or what a probe has in its place.
    ///
    /// - Parameters:
    ///   - states: h [tokens, D].
    ///   - question: q [documents, D]; nil for one sequence.
    func callAsFunction(
        _ states: Variable, question: Variable?, _ batch: PackedBatch, on tape: Tape,
        probes: PassProbes
    ) -> Variable {
        let softmax = tape.softmax(
            scores(states, question: question, batch, on: tape), documents: batch.starts,
            masked: batch.isWord.map { !$0 })
        let weights = probes.replaced(.wordAttention, softmax, batch, on: tape)
        probes.record(.wordAttention, weights.value, batch)
        return weights
    }

    /// Scores [tokens, 1], also of what is no word.
    private func scores(
        _ states: Variable, question q: Variable?, _ batch: PackedBatch, on tape: Tape
    ) -> Variable {
        let documents = batch.starts
        if let key {
            var inner = key(states, documents: documents, on: tape)
            if let question, let q {
                inner = tape.sum(
                    inner,
                    tape.broadcast(
                        question(q, documents: batch.clsStarts, on: tape), documents: documents))
            }
            return product(tape.tanh(inner, inPlace: true), documents, on: tape)
        }
        let scores =
            if let q {
                tape.productWithTranspose(
                    states, q, DocumentMatrices(left: documents, right: batch.clsStarts))
            } else {
                product(states, documents, on: tape)
            }
        return tape.scaled(scores, by: 1 / Float(states.columns).squareRoot())
    }

    /// The product with `score`.
    private func product(_ x: Variable, _ documents: [Int], on tape: Tape) -> Variable {
        guard let score else { preconditionFailure("attention without a question has a vector") }
        return tape.linear(x, weight: score, bias: nil, documents: documents)
    }

    /// New values as PyTorch starts linear layers.
    func initialize(_ parameters: Parameters, seed: UInt64) {
        for linear in [key, question] { linear?.initialize(parameters, seed: seed) }
        if let score {
            parameters.initialize(
                score, uniform: 1 / Double(score.columns).squareRoot(), seed: seed)
        }
    }
}

extension Trace {
    /// The weight of each word of the text that was traced; none where they were not asked for.
    package func wordWeights(of document: TokenizedDocument) -> [Float] {
        zip(document.wordIndices, self[.wordAttention] ?? []).filter { $0.0 >= 0 }.map(\.1)
    }
}

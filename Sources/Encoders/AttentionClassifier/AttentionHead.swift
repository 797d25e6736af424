import Tensors

/// A classification head that reads the states' mean weighted by attention (Jain & Wallace 2019,
/// section 2; `model/modules/Decoder.py` and `model/Question_Answering.py` of
/// `successar/AttentionExplanation`).
///
/// One sequence: the context c = Σ αᵢ hᵢ over a document's words, logits = U c + b. Two sequences, P
/// that is attended and a question's vector q: logits = U tanh(A c + a + A' q + a') + b, with A and A'
/// [D/2, D], named `context` and `question`; U is `output`.
package struct AttentionHead: Sendable {
    /// α.
    package let attention: WordAttention
    let context, question: LinearParameters?
    let output: LinearParameters

    /// Declares the parameters within `scope`.
    ///
    /// - Parameters:
    ///   - width: D.
    ///   - hasQuestion: whether there is a second sequence.
    init(
        _ scope: ParameterScope, _ kind: AttentionScore, width: Int, outputs: Int, hasQuestion: Bool
    ) {
        attention = WordAttention(scope["attention"], kind, width: width, hasQuestion: hasQuestion)
        func inner(_ name: String) -> LinearParameters? {
            hasQuestion
                ? LinearParameters(scope[name], inputs: width, outputs: width / 2) : nil
        }
        context = inner("context")
        question = inner("question")
        output = LinearParameters(
            scope["output"], inputs: hasQuestion ? width / 2 : width, outputs: outputs)
    }

    /// What a head makes of a batch.
    package struct Output {
        /// α [tokens, 1], or what a probe had in its place; 0 outside of words.
        package let attention: Variable
        /// c [documents, D].
        package let context: Variable
        /// [documents, outputs].
        package let logits: Variable
    }

    /// The logits of a batch. A document without words has the context 0.
    ///
    /// - Parameters:
    ///   - states: h [tokens, D].
    ///   - q: each document's question [documents, D]; nil for one sequence.
    package func callAsFunction(
        _ states: Variable, question q: Variable?, _ batch: PackedBatch, on tape: Tape,
        probes: PassProbes = .none
    ) -> Output {
        precondition((q == nil) == (question == nil), "a head of two sequences reads a question")
        let weights = attention(states, question: q, batch, on: tape, probes: probes)
        let c = tape.weightedSum(states, weights: weights, documents: batch.starts)
        let each = batch.clsStarts
        var read = c
        if let context, let question, let q {
            read = tape.tanh(
                tape.sum(
                    context(c, documents: each, on: tape), question(q, documents: each, on: tape)),
                inPlace: true)
        }
        return Output(
            attention: weights, context: c, logits: output(read, documents: each, on: tape))
    }

    /// New values as PyTorch starts linear layers.
    func initialize(_ parameters: Parameters, seed: UInt64) {
        attention.initialize(parameters, seed: seed)
        for linear in [context, question, output] { linear?.initialize(parameters, seed: seed) }
    }
}

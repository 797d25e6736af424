import Tensors

/// The head of a tagger, as in `BertForTokenClassification` of `transformers` for one class: a linear
/// layer from each token's state to its logit.
struct TokenHead: Sendable {
    /// To the logit.
    let output: LinearParameters
    private let configuration: EncoderConfiguration

    /// Declares the parameters.
    init(_ scope: ParameterScope, _ configuration: EncoderConfiguration) {
        self.configuration = configuration
        output = LinearParameters(
            scope[CheckpointNames.plainHead], inputs: configuration.hiddenSize, outputs: 1)
    }

    /// Logits [tokens, 1].
    ///
    /// - Parameter states: [tokens, hidden], which may be overwritten.
    func callAsFunction(_ states: Variable, _ batch: PackedBatch, on tape: Tape) -> Variable {
        let own =
            configuration.family.taggersHaveClassifierDropout
            ? configuration.classifierDropout : nil
        let dropped = tape.dropout(
            states,
            Dropout(
                keys: batch.rowKeys, site: 60_000, probability: own ?? configuration.hiddenDropout),
            inPlace: true)
        return tape.linear(
            dropped, weight: output.weight, bias: output.bias, documents: batch.starts)
    }
}

import Tensors

/// The head of a classifier of whole sequences, as in `BertForSequenceClassification` of
/// `transformers`: dropout(tanh(W_p · [CLS] + b_p)) through a linear layer to one logit for each
/// class. RoBERTa's drops out before W_p too, DistilBERT's has ReLU for tanh; without W_p the linear
/// layer reads the raw states.
struct ClassificationHead: Sendable {
    /// W_p and b_p; nil: there are none.
    let pooler: LinearParameters?
    /// To the logits.
    let output: LinearParameters
    private let configuration: EncoderConfiguration

    /// Declares the parameters under the names of the encoder's family.
    init(
        _ scope: ParameterScope, _ configuration: EncoderConfiguration, classes: Int,
        hasPooler: Bool
    ) {
        self.configuration = configuration
        let (hidden, names) = (configuration.hiddenSize, configuration.family.names)
        pooler =
            hasPooler
            ? LinearParameters(scope[names.pooler], inputs: hidden, outputs: hidden) : nil
        output = LinearParameters(
            scope[hasPooler ? names.head : CheckpointNames.plainHead], inputs: hidden,
            outputs: classes)
    }

    /// Logits [documents, classes].
    ///
    /// - Parameter cls: the states of [CLS] [documents, hidden].
    func callAsFunction(_ cls: Variable, _ batch: PackedBatch, on tape: Tape) -> Variable {
        let documents = batch.clsStarts
        func dropout(site: Int) -> Dropout? {
            Dropout(
                keys: batch.clsKeys, site: site,
                probability: configuration.classifierDropout ?? configuration.hiddenDropout)
        }
        var pooled = cls
        if let pooler {
            if configuration.family.dropsOutBeforePooler {
                pooled = tape.dropout(pooled, dropout(site: 60_001))
            }
            pooled = tape.linear(
                pooled, weight: pooler.weight, bias: pooler.bias, documents: documents)
            switch configuration.family.poolerActivation {
            case .tanh: pooled = tape.tanh(pooled, inPlace: true, exactly: true)
            case .relu: pooled = tape.relu(pooled, inPlace: true)
            }
        }
        let dropped = tape.dropout(pooled, dropout(site: 60_000))
        return tape.linear(
            dropped, weight: output.weight, bias: output.bias, documents: documents)
    }
}

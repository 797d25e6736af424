/// The architectures that `Bert` computes: the same layers under other names, with other ends.
public enum EncoderFamily: String, Sendable, CaseIterable {
    /// BERT (Devlin et al. 2019).
    case bert
    /// RoBERTa (Liu et al. 2019): positions begin after the padding token's id; the head is dropout,
    /// a dense layer, tanh, dropout and a projection.
    case roberta
    /// DistilBERT (Sanh et al. 2019): no segments; no dropout after the attention's output; a dense
    /// layer and ReLU before the head.
    case distilbert

    /// The names of the family's parameters in a checkpoint of `transformers`.
    var names: CheckpointNames {
        switch self {
        case .bert:
            CheckpointNames(encoder: "bert", pooler: "bert.pooler.dense", head: "classifier")
        case .roberta:
            CheckpointNames(
                encoder: "roberta", pooler: "classifier.dense", head: "classifier.out_proj")
        case .distilbert:
            CheckpointNames(
                encoder: "distilbert", pooler: "pre_classifier", head: "classifier",
                layers: "transformer.layer", query: "attention.q_lin", key: "attention.k_lin",
                value: "attention.v_lin", attentionOutput: "attention.out_lin",
                attentionNorm: "sa_layer_norm", intermediate: "ffn.lin1", output: "ffn.lin2",
                outputNorm: "output_layer_norm")
        }
    }

    /// The class of `transformers` that has this encoder with a head for so many classes: none is an
    /// encoder alone, one a tagger's.
    func architecture(classes: Int) -> String {
        let name =
            switch self {
            case .bert: "Bert"
            case .roberta: "Roberta"
            case .distilbert: "DistilBert"
            }
        return switch classes {
        case 0: name + "Model"
        case 1: name + "ForTokenClassification"
        default: name + "ForSequenceClassification"
        }
    }
}

/// What a checkpoint calls the parts that differ between families. Those of a layer are relative to
/// it; `embeddings` are called alike everywhere.
struct CheckpointNames: Sendable {
    /// The encoder, and the prefix that a checkpoint of it alone goes without.
    let encoder: String
    /// The dense layer between the encoder and the head.
    let pooler: String
    /// The last layer, to one logit for each class.
    let head: String
    /// The layers, by number.
    var layers = "encoder.layer"
    var query = "attention.self.query"
    var key = "attention.self.key"
    var value = "attention.self.value"
    var attentionOutput = "attention.output.dense"
    var attentionNorm = "attention.output.LayerNorm"
    var intermediate = "intermediate.dense"
    var output = "output.dense"
    var outputNorm = "output.LayerNorm"

    /// Whether a parameter is the encoder's, and not its head's.
    func isEncoder(_ name: String) -> Bool { name.hasPrefix(encoder + ".") }
}

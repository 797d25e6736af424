extension EncoderFamily {
    /// DistilBERT (Sanh et al. 2019): no segments; no dropout after the attention's output; a dense
    /// layer and ReLU before the head.
    package static let distilbert = {
        var family = EncoderFamily(
            "distilbert", className: "DistilBert",
            names: CheckpointNames(
                encoder: "distilbert", pooler: "pre_classifier", head: "classifier",
                layers: "transformer.layer", query: "attention.q_lin", key: "attention.k_lin",
                value: "attention.v_lin", attentionOutput: "attention.out_lin",
                attentionNorm: "sa_layer_norm", intermediate: "ffn.lin1", output: "ffn.lin2",
                outputNorm: "output_layer_norm"))
        family.keys.hiddenSize = "dim"
        family.keys.layers = "n_layers"
        family.keys.heads = "n_heads"
        family.keys.intermediateSize = "hidden_dim"
        family.keys.activation = "activation"
        family.keys.hiddenDropout = "dropout"
        family.keys.attentionDropout = "attention_dropout"
        family.keys.classifierDropout = "seq_classif_dropout"
        family.hasSegments = false
        family.fixedLayerNormEpsilon = 1e-12
        family.usualClassifierDropout = 0.2
        family.taggersHaveClassifierDropout = false
        family.dropsOutAttentionOutput = false
        family.poolerActivation = .relu
        return family
    }()
}

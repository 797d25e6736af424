extension EncoderConfiguration {
    /// The memory that a pass over one document takes, in bytes: what its arena holds at a time and what
    /// is handed out. An estimate, from above for float32 without dropout; parameters are not counted.
    ///
    /// Attention is in blocks, of which no more is kept than is asked for, but where gradients are: then
    /// every layer's probabilities and activations are.
    ///
    /// - Parameters:
    ///   - tokens: the document's, special ones included.
    ///   - wanted: what the pass hands out.
    public func passBytes(tokens: Int, _ wanted: Set<TraceQuantity> = []) -> Double {
        let (length, width) = (Double(tokens), Double(hiddenSize))
        let square = length * length
        let probabilities = Double(heads) * square
        // Queries, keys and values, context, four results of products and sums, and the inner layer
        // before and after its activation.
        let activations = length * (8 * width + 2 * Double(intermediateSize))
        var floats = 2 * length * width
        if wanted.contains(where: \.isGradient) {
            // Values and their gradients. Of the last layer only the first row attends.
            floats += Double(2 * layers) * activations + Double(layers - 1) * probabilities
            floats += 2 * square
        } else {
            floats += 2 * activations
        }
        var observesAllRows = false
        for quantity in wanted {
            switch quantity {
            case .attention:
                floats += probabilities
                observesAllRows = true
            case .meanAttention:
                floats += square
                observesAllRows = true
            case .clsAttention(let layer), .clsAttentionGradients(let layer),
                .clsAttentionNorms(let layer):
                floats += Double(heads) * length
                if layer < layers - 1 { observesAllRows = true }
            case .hiddenStates, .values, .wordEmbeddings, .wordEmbeddingGradients:
                floats += length * width
            case .wordAttention: floats += length
            }
        }
        if observesAllRows { floats += probabilities }
        return 4 * floats
    }
}

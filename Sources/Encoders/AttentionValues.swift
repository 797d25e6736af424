import Tensors

extension BertLayer {
    /// Hands out what is made of this layer's values, where a trace asks for it: `values`, and
    /// `clsAttentionNorms` (Kobayashi et al. 2020). The attention of the layer must
    /// have been recorded before.
    ///
    /// - Parameter x: the layer's input [tokens, hidden].
    func recordValues(
        _ x: Variable, _ batch: PackedBatch, on tape: Tape, _ trace: TraceRecorder
    ) {
        let plain = TraceQuantity.values(layer: index)
        if trace.wanted.contains(plain) {
            let values = tape.linear(
                x, weight: value.weight, bias: nil, documents: batch.starts)
            trace.record(plain, values.value, batch)
        }
        let norms = TraceQuantity.clsAttentionNorms(layer: index)
        guard trace.wanted.contains(norms) else { return }
        let values = tape.linear(
            x, weight: value.weight, bias: value.bias, documents: batch.starts)
        scaleByAttention(values.value, batch, trace)
        // All heads at once: the rows of W_O that belong to a head meet that head's columns.
        let given = tape.linear(
            values, weight: attentionOutput.weight, bias: nil, documents: batch.starts)
        let lengths = (0..<batch.tokens).map { token in
            let row = given.value.pointer + token * given.columns
            return Float(sumOfSquares(row, count: given.columns).squareRoot())
        }
        trace.record(norms, Tensor(lengths, rows: batch.tokens, columns: 1), batch)
    }

    /// values[token, head's columns] *= the head's attention from [CLS] to the token.
    private func scaleByAttention(_ values: Tensor, _ batch: PackedBatch, _ trace: TraceRecorder) {
        let size = configuration.hiddenSize / configuration.heads
        for document in 0..<batch.count {
            let tokens = batch.range(document)
            guard
                let attention = trace.values[document][.clsAttention(layer: index)]
            else { preconditionFailure("the layer's [CLS] attention is recorded first") }
            for head in 0..<configuration.heads {
                for (column, token) in tokens.enumerated() {
                    let share = attention[head * tokens.count + column]
                    let row = values.pointer + token * values.columns + head * size
                    for place in 0..<size { row[place] *= share }
                }
            }
        }
    }
}

import CKernels

extension Tape {
    /// LayerNorm(residual + dropout(y + b)) (Ba, Kiros & Hinton 2016; post-norm as in BERT):
    /// (z - mean(z)) / sqrt(variance(z) + ε) · γ + β over each row.
    ///
    /// - Parameters:
    ///   - y: [rows, columns]; its value is overwritten.
    ///   - bias: [columns], or nil.
    ///   - residual: [rows, columns], or nil.
    ///   - gamma: [columns], and so is beta.
    ///   - old: of the result's shape; in a pass that does not record, a value that is not needed any
    ///     more and is overwritten with the result.
    public func residualLayerNorm(
        _ y: Variable, bias: Parameter?, residual: Variable?, gamma: Parameter, beta: Parameter,
        epsilon: Float, dropout: Dropout? = nil, replacing old: Variable? = nil
    ) -> Variable {
        let (rows, columns) = (y.rows, y.columns)
        // Without a backward pass the result may stand where its input stood.
        let out =
            old
            ?? Variable(
                isRecording ? tensor(rows: rows, columns: columns) : y.value,
                half: halfWhereUsed(rows: rows, columns: columns))
        precondition(old == nil || !isRecording, "a backward pass needs every value")
        let statistics = tensor(rows: 2, columns: rows)
        // Means, and behind them the reciprocals.
        let means = statistics.pointer
        worker.measure(.elementwise) {
            dropout.withKernel {
                warrant_residual_layer_norm_forward(
                    out.value.pointer, out.half?.pointer, y.value.pointer,
                    bias.map { parameters[$0].pointer }, residual?.value.pointer,
                    parameters[gamma].pointer, parameters[beta].pointer, epsilon, means,
                    means + rows, rows, columns, $0)
            }
        }
        record { tape in
            guard let dOut = out.gradient else { return }
            precondition(!y.hasGradient, "layer norm takes a product used once")
            let (dy, _) = tape.destination(y)
            y.halfGradient = tape.halfWhereUsed(rows: rows, columns: columns)
            let dResidual = residual.map { tape.destination($0) }
            let gradients = tape.gradients
            tape.worker.measure(.elementwise) {
                dropout.withKernel {
                    warrant_residual_layer_norm_backward(
                        dy.pointer, y.halfGradient?.pointer, dResidual?.0.pointer,
                        dResidual?.accumulate == true ? 1 : 0, gradients?.accumulator(gamma),
                        gradients?.accumulator(beta),
                        bias.flatMap { bias in gradients?.accumulator(bias) }, dOut.pointer,
                        y.value.pointer, tape.parameters[gamma].pointer, means, means + rows, rows,
                        columns, $0)
                }
            }
        }
        return out
    }
}

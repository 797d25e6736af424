import CKernels

extension Tape {
    /// LayerNorm(residual + dropout(y + b)) (Ba, Kiros & Hinton 2016; post-norm as in BERT):
    /// (z - mean(z)) / sqrt(variance(z) + ε) · γ + β over each row.
    ///
    /// - Parameters:
    ///   - y: [rows, columns].
    ///   - bias: [columns], or nil.
    ///   - residual: [rows, columns], or nil.
    ///   - gamma: [columns], and so is beta.
    ///   - inPlace: `y`'s value is overwritten, and nothing may read it any more. (In a pass that
    ///     records it stays where neither bias, residual nor dropout change it.)
    ///   - old: of the result's shape; in a pass that does not record, a value that is not needed any
    ///     more and is overwritten with the result.
    package func residualLayerNorm(
        _ y: Variable, bias: Parameter?, residual: Variable?, gamma: Parameter, beta: Parameter,
        epsilon: Float, dropout: Dropout? = nil, inPlace: Bool = false,
        replacing old: Variable? = nil
    ) -> Variable {
        let (rows, columns) = (y.rows, y.columns)
        // What the mean is taken of: residual + dropout(y + b), written over y or a copy of it.
        let isChanged = bias != nil || residual != nil || dropout != nil
        let z: Tensor
        if isRecording && !isChanged {
            z = y.value
        } else {
            z = inPlace && residual !== y ? y.take() : copy(y.value)
        }
        // Without a backward pass the result may stand where its input stood.
        let out =
            old
            ?? Variable(
                isRecording ? tensor(rows: rows, columns: columns) : z,
                half: halfWhereUsed(rows: rows, columns: columns))
        precondition(old == nil || !isRecording, "a backward pass needs every value")
        let statistics = tensor(rows: 2, columns: rows)
        // Means, and behind them the reciprocals.
        let means = statistics.pointer
        let (result, half) = (out.value.pointer, out.half?.pointer)
        let (added, kept) = (bias.map { parameters[$0].pointer }, residual?.value.pointer)
        let (factors, offsets) = (parameters[gamma].pointer, parameters[beta].pointer)
        divideRows(rows) { stretch, worker in
            let (row, first) = (stretch.lowerBound, stretch.lowerBound * columns)
            worker.measure(.elementwise) {
                dropout.withKernel(from: row) {
                    warrant_residual_layer_norm_forward(
                        result + first, half.map { $0 + first }, z.pointer + first, added,
                        kept.map { $0 + first }, factors, offsets, epsilon, means + row,
                        means + rows + row, stretch.count, columns, $0)
                }
            }
        }
        record { tape in
            guard let dOut = out.gradient else { return }
            func backward(
                into dy: UnsafeMutablePointer<Float>, _ half: BFloat16Tensor?,
                _ dResidual: (Tensor, accumulate: Bool)?
            ) {
                let gradients = tape.gradients
                tape.worker.measure(.elementwise) {
                    dropout.withKernel {
                        warrant_residual_layer_norm_backward(
                            dy, half?.pointer, dResidual?.0.pointer,
                            dResidual?.accumulate == true ? 1 : 0, gradients?.accumulator(gamma),
                            gradients?.accumulator(beta),
                            bias.flatMap { bias in gradients?.accumulator(bias) }, dOut.pointer,
                            z.pointer, tape.parameters[gamma].pointer, means, means + rows, rows,
                            columns, $0)
                    }
                }
            }
            if y.hasGradient || residual === y {
                let dResidual = residual.map { tape.destination($0) }
                return tape.contribute(to: y) { backward(into: $0, nil, dResidual) }
            }
            let (dy, _) = tape.destination(y)
            y.halfGradient = tape.halfWhereUsed(rows: rows, columns: columns)
            backward(into: dy.pointer, y.halfGradient, residual.map { tape.destination($0) })
        }
        return out
    }
}

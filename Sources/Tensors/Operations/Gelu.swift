import CKernels

extension Tape {
    /// GELU(u + b) = (u + b) Φ(u + b), with Φ from erf (Hendrycks & Gimpel 2016), as the input of a
    /// linear layer: in bfloat16 where products are.
    ///
    /// - Parameters:
    ///   - u: [rows, columns]; its value is overwritten.
    ///   - bias: [columns].
    public func gelu(_ u: Variable, bias: Parameter) -> Variable {
        let (rows, columns) = (u.rows, u.columns)
        let half = halfWhereUsed(rows: rows, columns: columns)
        // Without a backward pass the result may stand where its input stood.
        let full = isRecording ? tensor(rows: rows, columns: columns) : u.value
        let out = half.map { Variable($0) } ?? Variable(full)
        worker.measure(.elementwise) {
            warrant_bias_gelu_forward(
                full.pointer, half?.pointer, u.value.pointer, parameters[bias].pointer, rows,
                columns)
        }
        record { tape in
            guard let dOut = out.gradient else { return }
            precondition(!u.hasGradient, "gelu takes a product used once")
            // In place: nothing else reads the gradient of the result.
            u.gradient = dOut
            u.halfGradient = tape.halfWhereUsed(rows: rows, columns: columns)
            tape.worker.measure(.elementwise) {
                warrant_bias_gelu_backward(
                    dOut.pointer, u.halfGradient?.pointer, tape.gradients?.accumulator(bias),
                    dOut.pointer, u.value.pointer, rows, columns)
            }
        }
        return out
    }
}

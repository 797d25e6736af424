import CKernels

extension Tape {
    /// GELU(u + b) = (u + b) Φ(u + b), with Φ from erf (Hendrycks & Gimpel 2016).
    ///
    /// - Parameters:
    ///   - u: [rows, columns]; its value is overwritten with u + b.
    ///   - bias: [columns].
    public func gelu(_ u: Variable, bias: Parameter) -> Variable {
        let (rows, columns) = (u.value.rows, u.value.columns)
        let out = Variable(tensor(rows: rows, columns: columns))
        warrant_bias_gelu_forward(
            out.value.pointer, u.value.pointer, parameters[bias].pointer, rows, columns)
        record { tape in
            guard let dOut = out.gradient else { return }
            precondition(u.gradient == nil, "gelu takes a product used once")
            let (du, _) = tape.destination(u)
            warrant_bias_gelu_backward(
                du.pointer, tape.gradients?.accumulator(bias), dOut.pointer, u.value.pointer, rows,
                columns)
        }
        return out
    }
}

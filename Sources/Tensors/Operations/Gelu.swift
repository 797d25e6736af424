import CKernels

extension Tape {
    /// GELU(u + b) = (u + b) Φ(u + b), with Φ from erf (Hendrycks & Gimpel 2016).
    ///
    /// - Parameters:
    ///   - u: [rows, columns].
    ///   - bias: [columns].
    ///   - inPlace: `u`'s value is overwritten, and nothing may read it any more; the gradient of
    ///     `u` takes the place of the result's.
    ///   - onlyForProducts: the result is the input of linear layers: it is kept in the products'
    ///     precision only.
    package func gelu(
        _ u: Variable, bias: Parameter, inPlace: Bool = false, onlyForProducts: Bool = false
    ) -> Variable {
        let (rows, columns) = (u.rows, u.columns)
        precondition(bias.count == columns, "\(bias.name) has an element for every column")
        let half = onlyForProducts ? halfWhereUsed(rows: rows, columns: columns) : nil
        // u + b, which the backward pass reads.
        let sum = inPlace ? u.take() : copy(u.value)
        let out: Variable
        if let half {
            out = Variable(half)
        } else {
            // Without a backward pass the result may stand where the sum stood.
            out = Variable(isRecording ? tensor(rows: rows, columns: columns) : sum)
        }
        let result = half == nil ? out.value.pointer : sum.pointer
        let (input, added) = (sum.pointer, parameters[bias].pointer)
        divideRows(rows) { stretch, worker in
            let first = stretch.lowerBound * columns
            worker.measure(.elementwise) {
                warrant_bias_gelu_forward(
                    result + first, half.map { $0.pointer + first }, input + first, added,
                    stretch.count, columns)
            }
        }
        record { tape in
            guard let dOut = out.gradient else { return }
            func backward(into du: UnsafeMutablePointer<Float>, _ half: BFloat16Tensor?) {
                tape.worker.measure(.elementwise) {
                    warrant_bias_gelu_backward(
                        du, half?.pointer, tape.gradients?.accumulator(bias), dOut.pointer,
                        sum.pointer, rows, columns)
                }
            }
            guard inPlace && !u.hasGradient else {
                return tape.contribute(to: u) { backward(into: $0, nil) }
            }
            u.gradient = dOut
            u.halfGradient = tape.halfWhereUsed(rows: rows, columns: columns)
            backward(into: dOut.pointer, u.halfGradient)
        }
        return out
    }
}

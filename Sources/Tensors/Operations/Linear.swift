import CKernels

extension Tape {
    /// y = x Wᵀ + b.
    ///
    /// - Parameters:
    ///   - x: [rows, inputs].
    ///   - weight: [outputs, inputs], as checkpoints store it.
    ///   - bias: [outputs]; nil where a fused operation that follows adds it.
    /// - Returns: [rows, outputs]. A row's bits do not depend on the rows beside it.
    public func linear(_ x: Variable, weight: Parameter, bias: Parameter?) -> Variable {
        let rows = x.value.rows
        let (outputs, inputs) = (weight.rows, weight.columns)
        precondition(x.value.columns == inputs, "\(weight.name) takes \(inputs) columns")
        let y = Variable(tensor(rows: rows, columns: outputs))
        let blocks = (rows + Arena.rowBlock - 1) / Arena.rowBlock * Arena.rowBlock
        // Few distinct row counts keep oneDNN's primitives few; spare rows are zero.
        let spare = x.value.pointer + rows * inputs
        precondition(
            x.value.offset + blocks * inputs <= x.value.storage.count,
            "an operand of a product must come from an arena")
        spare.update(repeating: 0, count: (blocks - rows) * inputs)
        check(
            warrant_linear(
                worker.products, blocks, inputs, outputs, x.value.pointer,
                parameters[weight].pointer, bias.map { parameters[$0].pointer }, y.value.pointer),
            "linear")
        record { tape in
            guard let dy = y.gradient else { return }
            if let gradients = tape.gradients {
                let (dw, accumulate) = gradients.destination(weight)
                check(
                    warrant_product(
                        1, 0, outputs, inputs, rows, dy.pointer, outputs, x.value.pointer, inputs,
                        accumulate ? 1 : 0, dw, inputs), "linear backward")
                if let bias {
                    warrant_column_sums(gradients.accumulator(bias), dy.pointer, rows, outputs)
                }
            }
            let (dx, accumulate) = tape.destination(x)
            check(
                warrant_product(
                    0, 0, rows, inputs, outputs, dy.pointer, outputs,
                    tape.parameters[weight].pointer, inputs, accumulate ? 1 : 0, dx.pointer,
                    inputs), "linear backward")
        }
        return y
    }
}

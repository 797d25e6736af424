import CKernels

extension Tape {
    /// y = x Wᵀ + b.
    ///
    /// - Parameters:
    ///   - x: [rows, inputs].
    ///   - weight: [outputs, inputs], as checkpoints store it.
    ///   - bias: [outputs]; nil where a fused operation that follows adds it.
    ///   - documents: where each document's rows begin, and the end. Outside of training a row's
    ///     bits do not depend on other documents' rows.
    /// - Returns: [rows, outputs].
    public func linear(
        _ x: Variable, weight: Parameter, bias: Parameter?, documents: [Int]
    ) -> Variable {
        let rows = x.value.rows
        let (outputs, inputs) = (weight.rows, weight.columns)
        precondition(x.value.columns == inputs, "\(weight.name) takes \(inputs) columns")
        precondition(
            documents.first == 0 && documents.last == rows, "documents cover all rows")
        let y = Variable(tensor(rows: rows, columns: outputs))
        let blocks = (rows + Arena.rowBlock - 1) / Arena.rowBlock * Arena.rowBlock
        if gradients != nil
            || warrant_linear_is_row_invariant(
                worker.products, blocks, inputs, outputs, bias == nil ? 0 : 1) != 0
        {
            multiply(x.value, weight, bias, rows: blocks, into: y.value)
        } else {
            multiply(x.value, weight, bias, documents: documents, into: y.value)
        }
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

    /// All rows in one product. Few distinct row counts keep oneDNN's primitives few; spare rows
    /// are zero.
    private func multiply(
        _ x: Tensor, _ weight: Parameter, _ bias: Parameter?, rows blocks: Int, into y: Tensor
    ) {
        precondition(
            x.offset + blocks * x.columns <= x.storage.count,
            "an operand of a product must come from an arena")
        (x.pointer + x.count).update(repeating: 0, count: (blocks - x.rows) * x.columns)
        check(
            warrant_linear(
                worker.products, blocks, x.columns, y.columns, x.pointer,
                parameters[weight].pointer, bias.map { parameters[$0].pointer }, y.pointer),
            "linear")
    }

    /// A product for each document: the same shape, and so the same bits, in any company.
    private func multiply(
        _ x: Tensor, _ weight: Parameter, _ bias: Parameter?, documents: [Int], into y: Tensor
    ) {
        for (start, end) in zip(documents, documents.dropFirst()) {
            check(
                warrant_product(
                    0, 1, end - start, y.columns, x.columns, x.pointer + start * x.columns,
                    x.columns, parameters[weight].pointer, x.columns, 0,
                    y.pointer + start * y.columns, y.columns), "linear")
        }
        if let bias {
            warrant_add_bias(y.pointer, parameters[bias].pointer, y.rows, y.columns)
        }
    }
}

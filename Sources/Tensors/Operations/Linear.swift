import CKernels

extension Tape {
    /// y = x Wᵀ + b.
    ///
    /// Products run in the worker's precision.
    ///
    /// - Parameters:
    ///   - x: [rows, inputs].
    ///   - weight: [outputs, inputs], as checkpoints store it.
    ///   - bias: [outputs]; nil where a fused operation that follows adds it.
    ///   - documents: where each document's rows begin, and the end. Outside of training a row's
    ///     bits do not depend on other documents' rows.
    ///   - onlyForProducts: y is the input of attention; without a backward pass it is kept in the
    ///     products' precision only.
    /// - Returns: [rows, outputs].
    package func linear(
        _ x: Variable, weight: Parameter, bias: Parameter?, documents: [Int],
        onlyForProducts: Bool = false
    ) -> Variable {
        precondition(x.columns == weight.columns, "\(weight.name) takes \(weight.columns) columns")
        precondition(
            documents.first == 0 && documents.last == x.rows, "documents cover all rows")
        let y =
            onlyForProducts && isHalfOnly
            ? Variable(worker.arena.half(rows: x.rows, columns: weight.rows))
            : Variable(tensor(rows: x.rows, columns: weight.rows))
        forward(x, weight, bias, documents: documents, into: y)
        record { tape in
            guard y.hasGradient else { return }
            if let bias, let gradients = tape.gradients, let dy = y.gradient {
                tape.worker.measure(.elementwise) {
                    warrant_column_sums(
                        gradients.accumulator(bias), dy.pointer, dy.rows, dy.columns)
                }
            }
            tape.backward(x, weight, from: y, documents: documents)
        }
        return y
    }

    private func forward(
        _ x: Variable, _ weight: Parameter, _ bias: Parameter?, documents: [Int],
        into y: Variable
    ) {
        let packed = packsWeights ? parameters.packed(weight, for: worker) : nil
        var shape = worker.product(Arena.productRows(x.rows), weight.rows, weight.columns)
        (shape.a_row, shape.a_column) = (weight.columns, 1)
        (shape.b_row, shape.b_column) = (1, weight.columns)
        shape.has_bias = bias == nil ? 0 : 1
        shape.is_packed = packed == nil ? 0 : 1
        let bias = bias.map { parameters[$0].pointer }
        if worker.precision == .bf16 {
            let operand = half(x)
            let plain = packed == nil ? parameters.half(weight) : nil
            let w = packed?.pointer ?? UnsafeRawPointer(plain)
            let result: UnsafeMutableRawPointer
            if let half = y.half {
                shape.result = WARRANT_BF16
                result = UnsafeMutableRawPointer(half.pointer)
            } else {
                result = UnsafeMutableRawPointer(y.value.pointer)
            }
            let width = (y.half == nil ? 4 : 2) * weight.rows
            divide(shape, rows: x.rows) { shape, first, worker in
                worker.multiply(
                    shape, operand.pointer + first * weight.columns, w, bias,
                    result + first * width, "linear")
            }
            return
        }
        let isRowInvariant = warrant_matmul_is_row_invariant(worker.products, &shape) != 0
        guard gradients != nil || isRowInvariant else {
            multiplyByDocument(x.value, weight, bias, documents: documents, into: y.value)
            return
        }
        clearSpareRows(x.value)
        let w = packed?.pointer ?? UnsafeRawPointer(parameters[weight].pointer)
        let (input, output) = (x.value.pointer, y.value.pointer)
        divide(shape, rows: x.rows) { shape, first, worker in
            worker.multiply(
                shape, input + first * weight.columns, w, bias, output + first * weight.rows,
                "linear")
        }
    }

    /// Runs a product on stretches of its rows, at the same time where this worker has assistants: a
    /// row's bits do not depend on the rows beside it.
    ///
    /// - Parameter body: is given the stretch's product and its first row.
    private func divide(
        _ shape: warrant_matmul, rows: Int, _ body: (warrant_matmul, Int, Worker) -> Void
    ) {
        divideRows(rows) { stretch, worker in
            var part = shape
            part.m = Arena.productRows(stretch.count)
            body(part, stretch.lowerBound, worker)
        }
    }

    /// dW = dyᵀ x, and dx = dy W.
    private func backward(
        _ x: Variable, _ weight: Parameter, from y: Variable, documents: [Int]
    ) {
        let (rows, outputs, inputs) = (x.rows, weight.rows, weight.columns)
        guard worker.precision == .bf16 else {
            guard let dy = y.gradient else { return }
            addGradient(weight, .full(dy: dy, x: x.value))
            let (dx, accumulate) = destination(x)
            // A product for each document, so that a document's gradients are the same in any
            // company; training's batches are the same each time.
            let cuts = gradients == nil ? documents : [0, rows]
            for (start, end) in zip(cuts, cuts.dropFirst()) {
                worker.multiply(
                    0, 0, end - start, inputs, outputs, dy.pointer + start * outputs, outputs,
                    parameters[weight].pointer, inputs, accumulate, dx.pointer + start * inputs,
                    inputs)
            }
            return
        }
        let dy = halfGradient(y)
        addGradient(weight, .half(dy: dy, x: half(x)))
        let (dx, accumulate) = destination(x)
        var shape = worker.product(Arena.productRows(rows), inputs, outputs)
        (shape.a_row, shape.a_column) = (outputs, 1)
        (shape.b_row, shape.b_column) = (inputs, 1)
        shape.accumulates = accumulate ? 1 : 0
        worker.multiply(
            shape, dy.pointer, parameters.half(weight), nil, dx.pointer, "linear backward")
    }

    /// A weight's gradient in this shard: now, or once all shards are at hand.
    func addGradient(_ weight: Parameter, _ operands: Gradients.WeightProduct.Operands) {
        guard let gradients, !gradients.isFrozen(weight) else { return }
        guard weight.kind != .weight else { return gradients.add(operands, to: weight) }
        let product = Gradients.WeightProduct(weight: weight, target: weight, operands: operands)
        let (dw, accumulate) = gradients.destination(weight)
        product.compute(rows: 0..<weight.rows, into: dw, adding: accumulate, on: worker)
    }

    /// A value in bfloat16, made the first time.
    func half(_ x: Variable) -> BFloat16Tensor {
        if let half = x.half { return half }
        let half = rounded(x.value)
        x.half = half
        return half
    }

    private func halfGradient(_ y: Variable) -> BFloat16Tensor {
        if let half = y.halfGradient { return half }
        guard let gradient = y.gradient else { preconditionFailure("no gradient to round") }
        let half = rounded(gradient)
        y.halfGradient = half
        return half
    }

    /// Zeros in the rows that a product adds.
    private func clearSpareRows(_ x: Tensor) {
        let spare = (Arena.productRows(x.rows) - x.rows) * x.columns
        precondition(
            x.offset + x.count + spare <= x.storage.count,
            "an operand of a product must come from an arena")
        (x.pointer + x.count).update(repeating: 0, count: spare)
    }

    /// A product for each document: the same shape, and so the same bits, in any company.
    private func multiplyByDocument(
        _ x: Tensor, _ weight: Parameter, _ bias: UnsafePointer<Float>?, documents: [Int],
        into y: Tensor
    ) {
        for (start, end) in zip(documents, documents.dropFirst()) {
            worker.multiply(
                0, 1, end - start, y.columns, x.columns, x.pointer + start * x.columns, x.columns,
                parameters[weight].pointer, x.columns, false, y.pointer + start * y.columns,
                y.columns)
        }
        if let bias { warrant_add_bias(y.pointer, bias, y.rows, y.columns) }
    }
}

extension Gradients.WeightProduct {
    /// Rows of dW = dyᵀ x, written to `dw` [target's rows, inputs] or added to what stands there.
    package func compute(
        rows: Range<Int>, into dw: UnsafeMutablePointer<Float>, adding: Bool, on worker: Worker
    ) {
        let (outputs, inputs) = (weight.rows, weight.columns)
        let place = dw + rows.lowerBound * inputs
        // Where the rows' columns of dy begin.
        let column = (target.offset - weight.offset) / inputs + rows.lowerBound
        switch operands {
        case .full(let dy, let x):
            worker.multiply(
                1, 0, rows.count, inputs, x.rows, dy.pointer + column, outputs, x.pointer, inputs,
                adding, place, inputs)
        case .half(let dy, let x):
            // Spare rows are zero on both sides.
            var shape = worker.product(rows.count, inputs, Arena.productRows(x.rows))
            (shape.a_row, shape.a_column) = (1, outputs)
            (shape.b_row, shape.b_column) = (inputs, 1)
            shape.accumulates = adding ? 1 : 0
            worker.multiply(
                shape, dy.pointer + column, x.pointer, nil, place, "linear backward")
        }
    }
}

extension Worker {
    /// A product in the worker's precision with a result in float32.
    fileprivate func product(_ m: Int, _ n: Int, _ k: Int) -> warrant_matmul {
        var shape = warrant_matmul()
        (shape.batch, shape.m, shape.n, shape.k, shape.c_row) = (1, m, n, k, n)
        shape.operands = precision.type
        return shape
    }

    func multiply(
        _ shape: warrant_matmul, _ a: UnsafeRawPointer, _ b: UnsafeRawPointer?,
        _ bias: UnsafePointer<Float>?, _ c: UnsafeMutableRawPointer, _ what: String
    ) {
        var shape = shape
        measure(.products, operations: 2 * Double(shape.m * shape.n * shape.k)) {
            check(warrant_multiply(products, &shape, a, b, bias, c), what)
        }
    }

    /// A product in float32 that may be added to what stands there. Sizes may be 0.
    func multiply(
        _ transposeA: Int32, _ transposeB: Int32, _ m: Int, _ n: Int, _ k: Int,
        _ a: UnsafePointer<Float>, _ strideA: Int, _ b: UnsafePointer<Float>, _ strideB: Int,
        _ accumulate: Bool, _ c: UnsafeMutablePointer<Float>, _ strideC: Int
    ) {
        guard m > 0 && n > 0 && k > 0 else {
            // An empty sum.
            for row in 0..<m where !accumulate {
                (c + row * strideC).update(repeating: 0, count: n)
            }
            return
        }
        measure(.products, operations: 2 * Double(m * n * k)) {
            check(
                warrant_product(
                    transposeA, transposeB, m, n, k, a, strideA, b, strideB, accumulate ? 1 : 0, c,
                    strideC), "linear backward")
        }
    }
}

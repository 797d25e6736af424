import CKernels
import Tensors
import TestSupport
import Testing

/// A kernel's variants: plain C, AVX2, AVX-512. Those that this CPU lacks run as the next lower one.
private let variants: [Int32] = [0, 1, 2]

/// Runs `body` with kernels of at most one instruction set.
private func limited(_ variant: Int32, _ body: () -> Void) {
    let before = warrant_limit_instructions(variant)
    defer { _ = warrant_limit_instructions(before) }
    body()
}

/// Expects two results to differ by no more than `tolerance` of the largest number, which is what
/// float32 sums in another order differ by.
private func expectClose(
    _ fast: [Float], _ slow: [Float], _ tolerance: Float, _ name: String,
    sourceLocation: SourceLocation = #_sourceLocation
) {
    let scale = slow.reduce(1) { max($0, abs($1)) }
    let difference = zip(fast, slow).reduce(Float(0)) {
        $1.0 == $1.1 ? $0 : max($0, abs($1.0 - $1.1))
    }
    #expect(
        fast.count == slow.count && difference <= tolerance * scale,
        "\(name): \(difference) of \(scale)", sourceLocation: sourceLocation)
}

/// Sizes in `ranges`, the same ones every time.
private func shapes(_ count: Int, _ ranges: ClosedRange<Int>..., seed: UInt64) -> [[Int]] {
    let numbers = draws(count * ranges.count, seed: seed, scale: 1)
    return (0..<count).map { shape in
        ranges.enumerated().map { place, range in
            let share = numbers[shape * ranges.count + place] + 0.5
            return range.lowerBound + min(range.count - 1, Int(share * Float(range.count)))
        }
    }
}

@Suite("Fast kernels give what slow plain loops give, on every instruction set")
struct KernelReferenceTests {
    private func keys(_ rows: Int) -> [UInt64] {
        (0..<rows).map { Dropout.rowKey(seed: 3, step: 1, document: 5, position: $0) }
    }

    @Test("the limit is the thread's own, and lowers what is used")
    func limit() {
        let usual = warrant_instruction_set()
        limited(0) { #expect(warrant_instruction_set() == 0) }
        #expect(warrant_instruction_set() == usual)
    }

    @Test func products() {
        for (number, shape) in shapes(40, 1...70, 1...70, 1...90, seed: 1).enumerated() {
            let (m, n, k) = (shape[0], shape[1], shape[2])
            let transposes: (Int32, Int32) = (Int32(number & 1), Int32(number >> 1 & 1))
            let beta: Float = number % 3 == 0 ? 1 : 0
            let a = draws(m * k, seed: 2)
            let b = draws(k * n, seed: 3)
            var (fast, slow) = (draws(m * n, seed: 4), draws(m * n, seed: 4))
            let strides = (transposes.0 == 1 ? m : k, transposes.1 == 1 ? k : n)
            #expect(
                warrant_product(
                    transposes.0, transposes.1, m, n, k, a, strides.0, b, strides.1, beta, &fast, n)
                    == 0)
            warrant_product_reference(
                transposes.0, transposes.1, m, n, k, a, strides.0, b, strides.1, beta, &slow, n)
            expectClose(fast, slow, 2e-6, "\(shape)")
        }
    }

    @Test(arguments: Precision.available) func primitives(precision: Precision) throws {
        let products = try #require(warrant_products_create())
        defer { warrant_products_destroy(products) }
        for (number, sizes) in shapes(40, 1...3, 2...70, 1...70, 1...90, seed: 5).enumerated() {
            let (batch, m, n, k) = (sizes[0], sizes[1], sizes[2], sizes[3])
            var shape = warrant_matmul()
            (shape.batch, shape.m, shape.n, shape.k) = (batch, m, n, k)
            let isTransposed = (number & 1 == 1, number & 2 == 2)
            (shape.a_batch, shape.b_batch, shape.c_batch) = (m * k, k * n, m * n)
            (shape.a_row, shape.a_column) = isTransposed.0 ? (1, m) : (k, 1)
            (shape.b_row, shape.b_column) = isTransposed.1 ? (1, k) : (n, 1)
            shape.c_row = n
            shape.has_bias = batch == 1 && number % 3 == 0 ? 1 : 0
            shape.accumulates = number % 5 == 0 ? 1 : 0
            let row = draws(n, seed: 6)
            let bias = shape.has_bias == 1 ? row : nil
            var (fast, slow) = (
                draws(batch * m * n, seed: 4), draws(batch * m * n, seed: 4)
            )
            let a = draws(batch * m * k, seed: 2)
            let b = draws(batch * k * n, seed: 3)
            if precision == .bf16 {
                (shape.operands, shape.result) = (WARRANT_BF16, WARRANT_F32)
                var (roundA, roundB) = (
                    [UInt16](repeating: 0, count: a.count), [UInt16](repeating: 0, count: b.count)
                )
                warrant_round(&roundA, a, a.count)
                warrant_round(&roundB, b, b.count)
                optional(bias) {
                    #expect(warrant_multiply(products, &shape, roundA, roundB, $0, &fast) == 0)
                }
                warrant_multiply_reference(&shape, roundA, roundB, row, &slow)
            } else {
                (shape.operands, shape.result) = (WARRANT_F32, WARRANT_F32)
                optional(bias) {
                    #expect(warrant_multiply(products, &shape, a, b, $0, &fast) == 0)
                }
                warrant_multiply_reference(&shape, a, b, row, &slow)
            }
            expectClose(fast, slow, 2e-6, "\(sizes) \(isTransposed)")
        }
    }

    @Test(arguments: variants, [false, true]) func attention(variant: Int32, drops: Bool) {
        for sizes in shapes(12, 1...150, 1...150, 1...4, 1...20, seed: 7) {
            let (queries, keys, heads, size) = (sizes[0], sizes[1], sizes[2], sizes[3])
            let hidden = heads * size
            let (q, kv) = (draws(queries * hidden, seed: 1), draws(keys * hidden * 2, seed: 2))
            let dOut = draws(queries * hidden, seed: 3)
            let rowKeys = self.keys(queries)
            let area = heads * queries * keys
            var results: [[[Float]]] = []
            for isFast in [true, false] {
                var p = [Float](repeating: 0, count: area)
                var out = [Float](repeating: 0, count: queries * hidden)
                var mixed = out
                var (dQ, dKV) = (draws(q.count, seed: 4), draws(kv.count, seed: 5))
                var scratch = [Float](
                    repeating: 0,
                    count: warrant_attention_scratch(heads, size, queries, keys) + 2 * area)
                q.withUnsafeBufferPointer { q in
                    kv.withUnsafeBufferPointer { kv in
                        rowKeys.withUnsafeBufferPointer { rowKeys in
                            dKV.withUnsafeMutableBufferPointer { dKV in
                                dQ.withUnsafeMutableBufferPointer { dQ in
                                    guard let values = kv.baseAddress, let d = dKV.baseAddress
                                    else { return }
                                    var a = warrant_attention(
                                        query_rows: queries, key_rows: keys, heads: heads,
                                        head_size: size, queries: q.baseAddress,
                                        query_stride: hidden, keys: values, key_stride: 2 * hidden,
                                        values: values + hidden, value_stride: 2 * hidden,
                                        dropout: warrant_dropout(
                                            row_keys: drops ? rowKeys.baseAddress : nil, site: 3,
                                            probability: drops ? 0.25 : 0))
                                    var gradients = warrant_attention_gradients(
                                        queries: dQ.baseAddress, query_stride: hidden,
                                        adds_to_queries: 1, keys: d, key_stride: 2 * hidden,
                                        adds_to_keys: 0, values: d + hidden,
                                        value_stride: 2 * hidden, adds_to_values: 1)
                                    guard isFast else {
                                        warrant_attention_forward_reference(&a, &p, &out, hidden)
                                        warrant_attention_mix_reference(&a, p, &mixed, hidden)
                                        warrant_attention_backward_reference(
                                            &a, p, dOut, hidden, &gradients)
                                        return
                                    }
                                    limited(variant) {
                                        #expect(
                                            warrant_attention_forward(
                                                &a, &p, &out, hidden, &scratch) == 0)
                                        #expect(
                                            warrant_attention_mix(
                                                &a, p, &mixed, hidden, &scratch) == 0)
                                        #expect(
                                            warrant_attention_backward(
                                                &a, p, dOut, hidden, &gradients, &scratch) == 0)
                                    }
                                }
                            }
                        }
                    }
                }
                results.append([p, out, mixed, dQ, dKV])
            }
            for (number, pair) in zip(results[0], results[1]).enumerated() {
                expectClose(pair.0, pair.1, 5e-6, "\(sizes), result \(number)")
            }
        }
    }

    @Test(arguments: variants, [false, true]) func layerNorm(variant: Int32, drops: Bool) {
        for sizes in shapes(20, 1...9, 2...200, seed: 8) {
            let (rows, columns) = (sizes[0], sizes[1])
            let rowKeys = keys(rows)
            let vectors = (0..<4).map { draws(columns, seed: UInt64($0) + 1) }
            let residual = draws(rows * columns, seed: 9)
            var results: [[[Float]]] = []
            for isFast in [true, false] {
                var z = draws(rows * columns, seed: 6)
                var out = [Float](repeating: 0, count: z.count)
                var (means, reciprocals) = (
                    [Float](repeating: 0, count: rows), [Float](repeating: 0, count: rows)
                )
                var (dY, dResidual) = (out, draws(z.count, seed: 7))
                var (dGamma, dBeta, dBias) = (vectors[3], vectors[3], vectors[3])
                let dOut = draws(z.count, seed: 8)
                rowKeys.withUnsafeBufferPointer {
                    let dropout = warrant_dropout(
                        row_keys: drops ? $0.baseAddress : nil, site: 2,
                        probability: drops ? 0.3 : 0)
                    guard isFast else {
                        warrant_residual_layer_norm_forward_reference(
                            &out, &z, vectors[0], residual, vectors[1], vectors[2], 1e-5, &means,
                            &reciprocals, rows, columns, dropout)
                        warrant_residual_layer_norm_backward_reference(
                            &dY, &dResidual, 1, &dGamma, &dBeta, &dBias, dOut, z, vectors[1], means,
                            reciprocals, rows, columns, dropout)
                        return
                    }
                    limited(variant) {
                        warrant_residual_layer_norm_forward(
                            &out, nil, &z, vectors[0], residual, vectors[1], vectors[2], 1e-5,
                            &means, &reciprocals, rows, columns, dropout)
                        warrant_residual_layer_norm_backward(
                            &dY, nil, &dResidual, 1, &dGamma, &dBeta, &dBias, dOut, z, vectors[1],
                            means, reciprocals, rows, columns, dropout)
                    }
                }
                results.append([out, z, means, reciprocals, dY, dResidual, dGamma, dBeta, dBias])
            }
            for (number, pair) in zip(results[0], results[1]).enumerated() {
                expectClose(pair.0, pair.1, 1e-5, "\(sizes), result \(number)")
            }
        }
    }

    @Test(arguments: variants) func gelu(variant: Int32) {
        for sizes in shapes(20, 1...9, 1...200, seed: 8) {
            let (rows, columns) = (sizes[0], sizes[1])
            let bias = draws(columns, seed: 1)
            let dOut = draws(rows * columns, seed: 2)
            var results: [[[Float]]] = []
            for isFast in [true, false] {
                var u = draws(rows * columns, seed: 6, scale: 10)
                var out = u
                var dU = u
                var dBias = bias
                limited(variant) {
                    if isFast {
                        warrant_bias_gelu_forward(&out, nil, &u, bias, rows, columns)
                        warrant_bias_gelu_backward(&dU, nil, &dBias, dOut, u, rows, columns)
                    } else {
                        warrant_bias_gelu_forward_reference(&out, &u, bias, rows, columns)
                        warrant_bias_gelu_backward_reference(&dU, &dBias, dOut, u, rows, columns)
                    }
                }
                results.append([u, out, dU, dBias])
            }
            for (number, pair) in zip(results[0], results[1]).enumerated() {
                // The error function's approximation is within 6e-7.
                expectClose(pair.0, pair.1, 3e-6, "\(sizes), result \(number)")
            }
        }
    }

    @Test(arguments: variants) func dropout(variant: Int32) {
        for sizes in shapes(10, 1...9, 1...200, seed: 9) {
            let (rows, columns) = (sizes[0], sizes[1])
            var (fast, slow) = (
                draws(rows * columns, seed: 1), draws(rows * columns, seed: 1)
            )
            keys(rows).withUnsafeBufferPointer { keys in
                let dropout = warrant_dropout(
                    row_keys: keys.baseAddress, site: 4, probability: 0.3)
                limited(variant) { warrant_dropout_apply(&fast, rows, columns, dropout) }
                warrant_dropout_apply_reference(&slow, rows, columns, dropout)
            }
            #expect(zip(fast, slow).allSatisfy { ($0 == 0) == ($1 == 0) }, "the same mask")
            expectClose(fast, slow, 2e-7, "\(sizes)")
        }
    }

    @Test(arguments: variants) func adamW(variant: Int32) {
        let step = warrant_adamw_step(
            learning_rate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-4, weight_decay: 0.05,
            correction1: 0.271, correction2: 0.0297, gradient_scale: 0.7)
        for size in [1, 7, 64, 255, 256, 700] {
            let gradient = draws(size, seed: 1)
            var results: [[[Float]]] = []
            for isFast in [true, false] {
                var (p, m) = (draws(size, seed: 2), draws(size, seed: 3))
                var v = draws(size, seed: 4).map { $0 * $0 }
                if isFast {
                    gradient.withUnsafeBufferPointer {
                        var part = $0.baseAddress
                        limited(variant) {
                            warrant_adamw(&p, nil, &part, 1, &m, &v, size, step)
                        }
                    }
                } else {
                    warrant_adamw_reference(&p, gradient, &m, &v, size, step)
                }
                results.append([p, m, v])
            }
            for (number, pair) in zip(results[0], results[1]).enumerated() {
                expectClose(pair.0, pair.1, 1e-6, "\(size), result \(number)")
            }
        }
    }

    @Test(arguments: variants, [3, 4]) func recurrentSteps(variant: Int32, gates: Int) {
        for sizes in shapes(10, 1...6, 1...70, seed: 11) {
            let (count, hidden) = (sizes[0], sizes[1])
            let rows = (0..<count).map { Int32(2 * $0 + 1) }
            let previous = (0..<count).map { Int32(2 * $0) }
            let recurrent = draws(count * gates * hidden, seed: 1)
            let bias = draws(gates * hidden, seed: 2)
            for isFirst in [false, true] {
                var results: [[[Float]]] = []
                for isFast in [true, false] {
                    var g = draws(2 * count * gates * hidden, seed: 3, scale: 12)
                    var cells = draws(2 * count * hidden, seed: 4)
                    var states = draws(2 * count * hidden, seed: 5)
                    var last = [Float](repeating: 0, count: count * hidden)
                    let product = isFirst ? nil : recurrent
                    let before = isFirst ? nil : previous
                    let kernel =
                        gates == 4
                        ? (isFast ? warrant_lstm_forward : warrant_lstm_forward_reference)
                        : (isFast ? warrant_gru_forward : warrant_gru_forward_reference)
                    limited(variant) {
                        optional(before) { before in
                            optional(product) { product in
                                kernel(
                                    count, hidden, rows, before, &g, product, bias, &cells,
                                    &states, &last)
                            }
                        }
                    }
                    results.append([g, cells, states, last])
                }
                for (number, pair) in zip(results[0], results[1]).enumerated() {
                    expectClose(pair.0, pair.1, 1e-6, "\(sizes), result \(number)")
                }
            }
        }
    }

    /// Calls `body` with an array's elements, or with nil.
    private func optional<Element>(
        _ array: [Element]?, _ body: (UnsafePointer<Element>?) -> Void
    ) {
        guard let array else { return body(nil) }
        array.withUnsafeBufferPointer { body($0.baseAddress) }
    }
}

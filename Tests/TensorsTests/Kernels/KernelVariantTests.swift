import CKernels
import Tensors
import TestSupport
import Testing

@Suite("Every variant of a kernel gives what the plain one gives")
struct KernelVariantTests {
    /// What `body` gives with kernels of at most one instruction set.
    private func limited<Result>(_ variant: Int32, _ body: () -> Result) -> Result {
        let before = warrant_limit_instructions(variant)
        defer { _ = warrant_limit_instructions(before) }
        return body()
    }

    /// Expects AVX2 and AVX-512 to give what plain C gives, within `tolerance` of the largest
    /// number: 0 where an element is a sum in the same order, without a product before it.
    private func expectSame(
        _ name: String, tolerance: Float, _ body: () -> [Float]
    ) {
        let plain = limited(0, body)
        let scale = plain.reduce(1) { max($0, abs($1)) }
        for variant: Int32 in [1, 2] {
            let difference = largestDifference(limited(variant, body), plain)
            #expect(
                difference <= tolerance * scale, "\(name), variant \(variant): \(difference)")
        }
    }

    static let sizes = [1, 3, 15, 16, 17, 64, 100, 257, 1_500]

    @Test(arguments: sizes) func sums(size: Int) {
        let (rows, x) = (5, draws(5 * size, seed: 1))
        let row = draws(size, seed: 2)
        expectSame("add", tolerance: 0) {
            var y = row
            warrant_add(&y, x, size)
            return y
        }
        expectSame("bias", tolerance: 0) {
            var y = x
            warrant_add_bias(&y, row, rows, size)
            return y
        }
        expectSame("column sums", tolerance: 0) {
            var y = row
            warrant_column_sums(&y, x, rows, size)
            return y
        }
        expectSame("scale", tolerance: 0) {
            var y = row
            warrant_scale(&y, 0.3, size)
            return y
        }
        expectSame("added products", tolerance: 2e-7) {
            var y = row
            warrant_add_products(&y, x, row, size)
            warrant_add_scaled(&y, x, 0.7, size)
            return y
        }
        expectSame("dot", tolerance: 2e-6) { [warrant_dot(x, row, size)] }
        x.withUnsafeBufferPointer { x in
            let parts = (0..<5).map { part in x.baseAddress.map { $0 + part * size } }
            expectSame("parts", tolerance: 0) {
                var sum = [Float](repeating: 0, count: size)
                warrant_sum_parts(&sum, parts, 5, size)
                return sum
            }
            expectSame("squares", tolerance: 2e-6) {
                [Float(warrant_sum_of_squares(parts, 5, size))]
            }
        }
    }

    @Test(arguments: sizes) func embeddings(columns: Int) {
        let (words, positions) = (draws(7 * columns, seed: 1), draws(4 * columns, seed: 2))
        let segments = draws(2 * columns, seed: 3)
        for hasSegments in [true, false] {
            expectSame("embedding", tolerance: 0) {
                var out = [Float](repeating: 0, count: 3 * columns)
                segments.withUnsafeBufferPointer {
                    warrant_embedding_sum(
                        &out, words, positions, hasSegments ? $0.baseAddress : nil, [6, 0, 3],
                        [0, 3, 1], [1, 0, 1], 3, columns)
                }
                return out
            }
        }
    }

    @Test("rounding is to the nearest bfloat16, ties to even", arguments: [0, 1, 2] as [Int32])
    func rounding(variant: Int32) {
        let x = draws(700, seed: 1, scale: 1e4) + [1, 0x1.01p0, 0x1.03p0, -.infinity, 0]
        var half = [UInt16](repeating: 0, count: x.count)
        limited(variant) { warrant_round(&half, x, x.count) }
        for (value, bits) in zip(x, half) {
            let back = Float(bitPattern: UInt32(bits) << 16)
            #expect(back == value || abs(back - value) <= abs(value) * 0x1p-8)
        }
        #expect(half[701] == 0x3F80 && half[702] == 0x3F82, "halfway: to the even neighbour")
    }

    @Test("what is rounded beside a result is that result", arguments: [0, 1, 2] as [Int32])
    func roundedResults(variant: Int32) {
        let (rows, columns) = (3, 100)
        let vectors = (0..<3).map { draws(columns, seed: UInt64($0) + 1) }
        let x = draws(rows * columns, seed: 9)
        let none = warrant_dropout(row_keys: nil, site: 0, probability: 0)
        var half = [UInt16](repeating: 0, count: x.count)
        func expectRounded(_ full: [Float], _ name: String) {
            var expected = half
            warrant_round(&expected, full, full.count)
            #expect(half == expected, "\(name)")
        }
        limited(variant) {
            var (z, out, u) = (x, x, x)
            var (means, reciprocals) = (vectors[0], vectors[0])
            warrant_residual_layer_norm_forward(
                &out, &half, &z, vectors[0], x, vectors[1], vectors[2], 1e-5, &means, &reciprocals,
                rows, columns, none)
            expectRounded(out, "layer norm")
            var d = out
            warrant_residual_layer_norm_backward(
                &d, &half, nil, 0, nil, nil, nil, x, z, vectors[1], means, reciprocals, rows,
                columns, none)
            expectRounded(d, "layer norm backward")
            warrant_bias_gelu_backward(&d, &half, nil, x, z, rows, columns)
            expectRounded(d, "gelu backward")
            var (again, unused) = (u, u)
            warrant_bias_gelu_forward(&out, nil, &u, vectors[0], rows, columns)
            warrant_bias_gelu_forward(&unused, &half, &again, vectors[0], rows, columns)
            expectRounded(out, "gelu")
        }
    }

    @Test(arguments: [1, 7, 33, 70], [3, 4]) func recurrentGradients(hidden: Int, gates: Int) {
        let count = 4
        let rows = (0..<count).map { Int32(2 * $0 + 1) }
        let previous = (0..<count).map { Int32(2 * $0) }
        let activations = draws(2 * count * gates * hidden, seed: 3).map { 0.5 + $0 / 4 }
        let cells = draws(2 * count * hidden, seed: 4)
        let states = draws(2 * count * hidden, seed: 5)
        let dStates = draws(2 * count * hidden, seed: 6)
        let dNext = draws(count * hidden, seed: 7)
        for isFirst in [false, true] {
            expectSame("\(gates) gates", tolerance: 2e-6) {
                var kept = draws(count * hidden, seed: 8)
                var dGates = [Float](repeating: 0, count: 2 * count * gates * hidden)
                var dRecurrent = dGates
                var step = [Float](repeating: 0, count: count * gates * hidden)
                previous.withUnsafeBufferPointer {
                    let before = isFirst ? nil : $0.baseAddress
                    if gates == 4 {
                        warrant_lstm_backward(
                            count, hidden, rows, before, activations, cells, dStates, dNext, &kept,
                            &dGates, &step)
                    } else {
                        warrant_gru_backward(
                            count, hidden, rows, before, activations, cells, states, dStates,
                            dNext, &kept, &dGates, &dRecurrent, &step)
                    }
                }
                return kept + dGates + dRecurrent + step
            }
        }
    }

    @Test func adam() {
        let step = warrant_adam_step(
            rate: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-4, weight_decay: 0.05,
            gradient_scale: 0.7)
        for size in Self.sizes {
            let gradient = draws(size, seed: 1)
            for isAMSGrad in [false, true] {
                expectSame("adam", tolerance: 1e-6) {
                    var (p, m) = (draws(size, seed: 2), draws(size, seed: 3))
                    var v = draws(size, seed: 4).map { $0 * $0 }
                    var largest = draws(size, seed: 5).map { $0 * $0 }
                    gradient.withUnsafeBufferPointer { gradient in
                        largest.withUnsafeMutableBufferPointer { largest in
                            var part = gradient.baseAddress
                            warrant_adam(
                                &p, &part, 1, &m, &v, isAMSGrad ? largest.baseAddress : nil, size,
                                step)
                        }
                    }
                    return p + m + v + largest
                }
            }
        }
    }

    @Test(
        "attention in bfloat16 is attention of rounded inputs",
        .enabled(if: Precision.hasFastBF16, "this CPU has no bf16 instructions"),
        arguments: [(5, 5, 2, 8), (1, 40, 3, 16), (150, 150, 4, 16), (300, 260, 2, 32)])
    func halfAttention(queries: Int, keys: Int, heads: Int, size: Int) throws {
        let products = try #require(warrant_products_create())
        defer { warrant_products_destroy(products) }
        let hidden = heads * size
        func rounded(_ count: Int, _ seed: UInt64) -> ([UInt16], [Float]) {
            var half = [UInt16](repeating: 0, count: count)
            warrant_round(&half, draws(count, seed: seed), count)
            return (half, half.map { Float(bitPattern: UInt32($0) << 16) })
        }
        let (q, fullQ) = rounded(queries * hidden, 1)
        let (k, fullK) = rounded(keys * hidden, 2)
        let (v, fullV) = rounded(keys * hidden, 3)
        var p = [Float](repeating: 0, count: heads * queries * keys)
        var (slowP, slow) = (p, [Float](repeating: 0, count: queries * hidden))
        var (out, mixed) = (
            [UInt16](repeating: 0, count: slow.count), [UInt16](repeating: 0, count: slow.count)
        )
        let room = warrant_attention_scratch(heads, size, queries, keys)
        var scores = [Float](repeating: 0, count: room)
        var scratch = [UInt16](repeating: 0, count: room)
        q.withUnsafeBufferPointer { q in
            k.withUnsafeBufferPointer { k in
                v.withUnsafeBufferPointer { v in
                    var a = warrant_half_attention(
                        query_rows: queries, key_rows: keys, heads: heads, head_size: size,
                        queries: q.baseAddress, query_stride: hidden, keys: k.baseAddress,
                        key_stride: hidden, values: v.baseAddress, value_stride: hidden)
                    #expect(
                        warrant_half_attention_forward(
                            products, &a, &p, &out, hidden, &scores, &scratch) == 0)
                    #expect(
                        warrant_half_attention_mix(products, &a, p, &mixed, hidden, &scratch) == 0)
                }
            }
        }
        fullQ.withUnsafeBufferPointer { q in
            fullK.withUnsafeBufferPointer { k in
                fullV.withUnsafeBufferPointer { v in
                    var a = warrant_attention(
                        query_rows: queries, key_rows: keys, heads: heads, head_size: size,
                        queries: q.baseAddress, query_stride: hidden, keys: k.baseAddress,
                        key_stride: hidden, values: v.baseAddress, value_stride: hidden,
                        dropout: warrant_dropout(row_keys: nil, site: 0, probability: 0))
                    warrant_attention_forward_reference(&a, &slowP, &slow, hidden)
                }
            }
        }
        #expect(largestDifference(p, slowP) < 5e-6)
        // Probabilities are rounded for the second product, and the result is: 2⁻⁹ each.
        for half in [out, mixed] {
            let full = half.map { Float(bitPattern: UInt32($0) << 16) }
            #expect(largestDifference(full, slow) < 0x1p-7)
        }
    }
}

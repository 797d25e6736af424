import Testing

import Tensors
import TestSupport

@Suite("A value may be used any number of times")
struct ReuseTests {
    private func keys(_ rows: Int) -> [UInt64] {
        (0..<rows).map { Dropout.rowKey(seed: 3, step: 1, document: 5, position: $0) }
    }

    /// Operations of one input [5, 6] that keep its shape, by name.
    static let names = [
        "gelu", "tanh", "relu", "sigmoid", "dropout", "layer norm", "bare layer norm",
        "residual of itself", "scaled", "scaled rows", "select", "reversed",
    ]

    private func apply(
        _ name: String, _ tape: Tape, _ x: Variable, _ parameters: [Parameter]
    ) -> Variable {
        let (bias, gamma, beta) = (parameters[0], parameters[1], parameters[2])
        switch name {
        case "gelu": return tape.gelu(x, bias: bias)
        case "tanh": return tape.tanh(x)
        case "relu":
            // x² for one side of 0, -x² for the other: there is a derivative everywhere.
            let square = tape.elementwiseProduct(x, x)
            return tape.sum(tape.relu(square), tape.relu(tape.scaled(square, by: -1)))
        case "sigmoid": return tape.sigmoid(x)
        case "dropout":
            return tape.dropout(x, Dropout(keys: keys(5), site: 1, probability: 0.4))
        case "layer norm":
            return tape.residualLayerNorm(
                x, bias: bias, residual: nil, gamma: gamma, beta: beta, epsilon: 0.1)
        case "bare layer norm":
            return tape.residualLayerNorm(
                x, bias: nil, residual: nil, gamma: gamma, beta: beta, epsilon: 0.1)
        case "residual of itself":
            return tape.residualLayerNorm(
                x, bias: bias, residual: x, gamma: gamma, beta: beta, epsilon: 0.1,
                dropout: Dropout(keys: keys(5), site: 1, probability: 0.4))
        case "scaled": return tape.scaled(x, by: -1.5)
        case "scaled rows": return tape.scaled(x, rows: [1, -2, 0, 0.5, 3])
        case "select": return tape.select(rows: [4, 0, 0, 2, 4], of: x)
        default: return tape.reversed(x, documents: [0, 2, 2, 5])
        }
    }

    // The input is used before the operation, by it twice, and after it; all results are roots.
    @Test(arguments: names)
    func before(_ name: String) {
        expectGradients(inputs: [(5, 6)], parameters: [[6], [6], [6]]) {
            tape, inputs, parameters in
            let x = tape.scaled(inputs[0], by: 0.75)
            let earlier = tape.elementwiseProduct(x, x)
            let once = apply(name, tape, x, parameters)
            let twice = apply(name, tape, x, parameters)
            let later = tape.tanh(x)
            return [
                tape.sum(tape.sum(earlier, once), tape.elementwiseProduct(twice, later)), x, once,
                once,
            ]
        }
    }

    @Test("a pass that does not record leaves inputs alone too", arguments: names)
    func withoutRecording(_ name: String) {
        let declarations = ParameterScope.Declarations()
        let scope = ParameterScope(declarations)
        let handles = (0..<3).map { scope.parameter("p\($0)", [6]) }
        let parameters = Parameters(declarations)
        for handle in handles {
            parameters[handle].pointer.update(from: draws(6, seed: 5), count: 6)
        }
        for precision in Precision.available {
            let worker = Worker(precision: precision)
            let tape = Tape(worker: worker, parameters: parameters)
            let x = worker.arena.tensor(rows: 5, columns: 6)
            x.pointer.update(from: draws(30, seed: 1), count: 30)
            let variable = Variable(x)
            let once = apply(name, tape, variable, handles).value.values
            #expect(variable.value.values == draws(30, seed: 1))
            #expect(apply(name, tape, variable, handles).value.values == once)
        }
    }

    @Test("in place the results are the same bits", arguments: [false, true])
    func inPlace(records: Bool) {
        let declarations = ParameterScope.Declarations()
        let scope = ParameterScope(declarations)
        let handles = (0..<3).map { scope.parameter("p\($0)", [6]) }
        let parameters = Parameters(declarations)
        for handle in handles {
            parameters[handle].pointer.update(from: draws(6, seed: 5), count: 6)
        }
        func run(inPlace: Bool) -> [[Float]] {
            let gradients = Gradients(for: parameters)
            gradients.begin()
            let worker = Worker()
            let tape = Tape(
                worker: worker, parameters: parameters, gradients: records ? gradients : nil)
            let tensor = worker.arena.tensor(rows: 5, columns: 6)
            tensor.pointer.update(from: draws(30, seed: 1), count: 30)
            let start = Variable(tensor)
            var x = tape.scaled(start, by: 1)
            x = tape.gelu(x, bias: handles[0], inPlace: inPlace)
            x = tape.residualLayerNorm(
                x, bias: handles[0], residual: start, gamma: handles[1], beta: handles[2],
                epsilon: 1e-5, inPlace: inPlace)
            x = tape.dropout(
                x, Dropout(keys: keys(5), site: 1, probability: 0.4), inPlace: inPlace)
            for _ in 0..<2 {
                x = tape.tanh(tape.scaled(x, by: 2), inPlace: inPlace)
                x = tape.relu(tape.scaled(x, by: 2), inPlace: inPlace)
                x = tape.sigmoid(tape.scaled(x, by: 2), inPlace: inPlace)
            }
            let value = x.value.values
            if records { tape.backward(from: x, seed: draws(30, seed: 2)) }
            gradients.finish()
            return [value, start.gradient?.values ?? []] + handles.map { gradients[$0] }
        }
        #expect(run(inPlace: true) == run(inPlace: false))
    }

    #if os(macOS) || os(Linux)
    @Test("reading a value that was overwritten is an error, not another number")
    func overwritten() async {
        await #expect(processExitsWith: .failure) {
            let tape = Tape(
                worker: Worker(), parameters: Parameters(ParameterScope.Declarations()))
            let x = Variable(Tensor([1, 2], rows: 1, columns: 2))
            _ = tape.tanh(x, inPlace: true)
            _ = tape.sigmoid(x)
        }
    }
    #endif

    @Test("several roots, one of them twice, add up")
    func roots() {
        expectGradients(inputs: [(2, 3), (2, 3)]) { tape, inputs, _ in
            let product = tape.elementwiseProduct(inputs[0], inputs[1])
            return [tape.tanh(product), product, inputs[0], product]
        }
    }

    // In bfloat16 a gradient is rounded for products; a second use must not leave the first one's.
    @Test(.enabled(if: Precision.hasFastBF16, "this CPU has no bf16 instructions"))
    func roundedGradients() throws {
        let declarations = ParameterScope.Declarations()
        let scope = ParameterScope(declarations)
        let weight = scope.parameter("weight", [32, 32])
        let rows = (0..<3).map { scope.parameter("p\($0)", [32]) }
        let parameters = Parameters(declarations)
        for handle in [weight] + rows {
            parameters[handle].pointer.update(
                from: draws(handle.count, seed: 5, scale: 0.5), count: handle.count)
        }
        func gradient(_ precision: Precision) throws -> [Float] {
            let gradients = Gradients(for: parameters)
            gradients.begin()
            let worker = Worker(precision: precision)
            let tape = Tape(worker: worker, parameters: parameters, gradients: gradients)
            let tensor = worker.arena.tensor(rows: 9, columns: 32)
            tensor.pointer.update(from: draws(9 * 32, seed: 1), count: 9 * 32)
            let x = Variable(tensor)
            let y = tape.linear(x, weight: weight, bias: nil, documents: [0, 9])
            let early = tape.scaled(y, by: 3)
            let norm = tape.residualLayerNorm(
                y, bias: rows[0], residual: nil, gamma: rows[1], beta: rows[2], epsilon: 1e-5)
            tape.backward(from: tape.sum(early, norm), seed: draws(9 * 32, seed: 2))
            return try #require(x.gradient?.values)
        }
        let (full, half) = (try gradient(.fp32), try gradient(.bf16))
        let scale = full.reduce(0) { max($0, abs($1)) }
        let difference = zip(full, half).reduce(0) { max($0, abs($1.0 - $1.1)) }
        #expect(difference < 0.02 * scale, "\(difference) of \(scale)")
    }

    @Test("queries, keys and values may come from anywhere")
    func attentionInputs() {
        let starts = [0, 3, 4, 9]
        func run(_ tape: Tape, _ q: AttentionInput, _ k: AttentionInput, _ v: AttentionInput)
            -> Variable
        {
            tape.attention(
                queries: q, keys: k, values: v, heads: 2, headSize: 3, queryStarts: starts,
                keyStarts: starts, dropout: nil)
        }
        // Three variables; one for all three with the same columns; columns that are left out.
        expectGradients(inputs: [(9, 6), (9, 6), (9, 6)]) { tape, x, _ in
            run(
                tape, AttentionInput(x[0], column: 0), AttentionInput(x[1], column: 0),
                AttentionInput(x[2], column: 0))
        }
        expectGradients(inputs: [(9, 6)]) { tape, x, _ in
            let input = AttentionInput(x[0], column: 0)
            return run(tape, input, input, input)
        }
        expectGradients(inputs: [(9, 8), (9, 9)]) { tape, x, _ in
            let used = tape.tanh(x[1])
            return run(
                tape, AttentionInput(x[1], column: 3), AttentionInput(x[0], column: 1),
                AttentionInput(used, column: 2))
        }
    }

    @Test("documents without queries or keys give zeros, and no gradient")
    func emptyAttention() {
        expectGradients(inputs: [(3, 4), (5, 8)]) { tape, x, _ in
            tape.attention(
                queries: AttentionInput(x[0], column: 0), keys: AttentionInput(x[1], column: 0),
                values: AttentionInput(x[1], column: 4), heads: 2, headSize: 2,
                queryStarts: [0, 2, 2, 2, 3], keyStarts: [0, 3, 5, 5, 5], dropout: nil)
        }
    }

    @Test("replaced probabilities are constants: gradients reach the values and themselves")
    func replacedProbabilities() throws {
        let starts = [0, 3, 4, 9]
        let declarations = ParameterScope.Declarations()
        func shares(_ document: Int, _ p: Tensor) {
            p.pointer.update(
                from: draws(p.count, seed: UInt64(document) + 9, scale: 1), count: p.count)
        }
        func attend(
            _ tape: Tape, _ x: Variable, replace: ((Int, Tensor) -> Void)?,
            _ drops: Bool = false, observe: ((Int, Tensor) -> Void)? = nil,
            observeGradient: ((Int, Tensor) -> Void)? = nil
        ) -> Variable {
            tape.attention(
                queries: AttentionInput(x, column: 0), keys: AttentionInput(x, column: 6),
                values: AttentionInput(x, column: 12), heads: 2, headSize: 3,
                queryStarts: starts, keyStarts: starts,
                dropout: drops ? Dropout(keys: keys(9), site: 4, probability: 0.3) : nil,
                replace: replace, observe: observe, observeGradient: observeGradient)
        }
        for drops in [false, true] {
            expectGradients(inputs: [(9, 18)]) { tape, x, _ in
                attend(tape, x[0], replace: shares, drops)
            }
        }
        // What leaves them as they are changes no bit; what is observed is what was replaced.
        var observed: [[Float]] = []
        var gradients: [[Float]] = []
        func run(_ replace: ((Int, Tensor) -> Void)?) -> [Float] {
            observed = []
            gradients = []
            let worker = Worker()
            let tape = Tape(
                worker: worker, parameters: Parameters(declarations), isRecording: true)
            let x = worker.arena.tensor(rows: 9, columns: 18)
            x.pointer.update(from: draws(x.count, seed: 1), count: x.count)
            let out = attend(
                tape, Variable(x), replace: replace, observe: { observed.append($1.values) },
                observeGradient: { gradients.append($1.values) })
            let values = out.value.values
            tape.backward(from: out, seed: draws(out.value.count, seed: 2))
            return values
        }
        let plain = run(nil)
        let plainGradients = gradients
        #expect(run { _, _ in } == plain)
        #expect(gradients == plainGradients)
        #expect(run(shares) != plain)
        #expect(gradients == plainGradients, "dP = dOut Vᵀ whatever P is")
        #expect(observed[1] == draws(2, seed: 10, scale: 1))
    }

    @Test("in bfloat16 replaced probabilities are used too", arguments: Precision.available)
    func replacedInInference(precision: Precision) {
        let worker = Worker(precision: precision)
        let tape = Tape(worker: worker, parameters: Parameters(ParameterScope.Declarations()))
        let x = worker.arena.tensor(rows: 4, columns: 12)
        x.pointer.update(from: draws(x.count, seed: 1), count: x.count)
        let out = tape.attention(
            queries: AttentionInput(Variable(x), column: 0),
            keys: AttentionInput(Variable(x), column: 4),
            values: AttentionInput(Variable(x), column: 8), heads: 2, headSize: 2,
            queryStarts: [0, 4], keyStarts: [0, 4], dropout: nil,
            replace: { _, p in
                // Every query takes the second row's values alone.
                for place in 0..<p.count { p.pointer[place] = place % 4 == 1 ? 1 : 0 }
            })
        for row in 0..<4 {
            #expect((0..<4).allSatisfy { out.value[row, $0] == x[1, 8 + $0] })
        }
    }
}

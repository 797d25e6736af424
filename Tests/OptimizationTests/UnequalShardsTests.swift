import Optimization
import Tensors
import TestSupport
import Testing

@Suite("Shards may use parameters unequally, and parameters may be frozen")
struct UnequalShardsTests {
    /// Weights that are used joined and alone, a bias of each, and a table.
    private struct Model {
        let weights: [Parameter]
        let biases: [Parameter]
        let table: Parameter
        let parameters: Parameters

        init(kind: Parameter.Kind, frozen: (Model) -> [Parameter] = { _ in [] }) {
            let declarations = ParameterScope.Declarations()
            let scope = ParameterScope(declarations)
            weights = (0..<4).map { scope.parameter("weight\($0)", [40, 40], kind: kind) }
            biases = (0..<4).map { scope.parameter("bias\($0)", [40]) }
            table = scope.parameter("table", [5, 40], kind: .table)
            parameters = Parameters(declarations)
            for (index, handle) in (weights + biases + [table]).enumerated() {
                parameters[handle].pointer.update(
                    from: draws(handle.count, seed: UInt64(index) + 3, scale: 0.3),
                    count: handle.count)
            }
            parameters.freeze(frozen(self))
        }

        var all: [Parameter] { weights + biases + [table] }

        /// What a shard computes: the fourth weight is never used, shard 2 uses nothing.
        func pass(_ shard: Int, _ tape: Tape) {
            let ids = (0..<(3 + shard)).map { Int32(($0 * 7 + shard) % 4) }
            let documents = [0, ids.count]
            var x = tape.embedding(table: table, ids: ids, zeroRow: 1)
            if shard == 2 {
                // Nothing but the input.
            } else if shard % 2 == 0 {
                let joined = tape.linear(
                    x, weight: .joined(Array(weights[0..<3])), bias: .joined(Array(biases[0..<3])),
                    documents: documents)
                x = tape.tanh(tape.columns(30..<70, of: joined))
                if shard == 4 {
                    x = tape.linear(
                        x, weight: weights[1], bias: biases[1], documents: documents)
                }
            } else {
                for _ in 0..<shard {
                    x = tape.linear(
                        x, weight: weights[2], bias: biases[2], documents: documents)
                }
            }
            tape.backward(from: x, seed: draws(x.value.count, seed: UInt64(shard) + 20))
        }
    }

    private struct Run: Equatable {
        var norm: Double
        var values: [[Float]]
    }

    private func run(
        _ model: Model, threads: Int, precision: Precision, shards: Int, steps: Int = 3
    ) -> Run {
        let workers = Workers(threads: threads, precision: precision)
        let gradients = ShardedGradients(parameters: model.parameters, workers: workers)
        var options = AdamW.Options()
        // Otherwise a first step is as long for any gradient.
        options.epsilon = 1
        let optimizer = AdamW(parameters: model.parameters, workers: workers, options: options)
        var norm = 0.0
        // The second step uses a part of the joined weights before it uses all, the third one leaves
        // out weights that an earlier one used: what that wrote would show.
        for shards in [Array(0..<shards), [1, 4], [1, 2]].prefix(steps) {
            optimizer.prepare(rows: [0, 1, 2, 3])
            _ = gradients.run(shards: shards.count) { model.pass(shards[$0], $1) }
            norm = optimizer.step(gradients, rate: 0.5)
        }
        optimizer.synchronize()
        return Run(norm: norm, values: model.all.map { model.parameters[$0].values })
    }

    @Test(
        "one thread and many give the same bits", arguments: [Parameter.Kind.dense, .weight],
        Precision.available)
    func threads(kind: Parameter.Kind, precision: Precision) {
        let runs = [1, 2, 3, 7].map {
            run(Model(kind: kind), threads: $0, precision: precision, shards: 7)
        }
        for other in runs.dropFirst() { #expect(other == runs[0]) }
        #expect(runs[0].norm > 0 && runs[0].norm.isFinite)
    }

    @Test("the gradient is the sum of the shards', and zero where nothing was used")
    func sum() {
        for shards in [3, 5] {
            let model = Model(kind: .weight)
            let unused = model.parameters[model.weights[3]].values
            let weight = run(model, threads: 2, precision: .fp32, shards: shards)
            let dense = run(Model(kind: .dense), threads: 1, precision: .fp32, shards: shards)
            #expect(abs(weight.norm - dense.norm) < 1e-5 * dense.norm)
            for (a, b) in zip(weight.values, dense.values) {
                #expect(zip(a, b).allSatisfy { abs($0 - $1) < 1e-5 * max(1, abs($1)) })
            }
            // Without a gradient it only decays.
            let decay = 1 - Float(0.5) * Float(0.01)
            #expect(
                zip(unused, model.parameters[model.weights[3]].values)
                    .allSatisfy { abs($0 * decay * decay * decay - $1) < 1e-6 })
        }
    }

    @Test(
        "a frozen parameter stays as it is, the others get what they would have got",
        arguments: [Parameter.Kind.dense, .weight], Precision.available)
    func frozen(kind: Parameter.Kind, precision: Precision) {
        let free = Model(kind: kind)
        let before = free.all.map { free.parameters[$0].values }
        let plain = run(free, threads: 2, precision: precision, shards: 5, steps: 1)
        // One of three joined weights, and a table.
        let frozen = [1, 5, 8]
        // A bias that nothing uses has a gradient of zero, and does not decay.
        let unused = 7
        let results = [1, 2].map { threads in
            let model = Model(kind: kind) { [$0.weights[1], $0.biases[1], $0.table] }
            return run(model, threads: threads, precision: precision, shards: 5, steps: 1)
        }
        #expect(results[0] == results[1])
        #expect(results[0].norm < plain.norm, "what is frozen counts for no norm")
        for index in before.indices {
            if frozen.contains(index) || index == unused {
                #expect(results[0].values[index] == before[index], "\(index) stays")
            } else {
                #expect(results[0].values[index] != before[index], "\(index) moves")
            }
        }
    }

    @Test("a frozen parameter has no gradient, and gradients flow through it")
    func gradients() throws {
        let declarations = ParameterScope.Declarations()
        let scope = ParameterScope(declarations)
        let weight = scope.parameter("weight", [3, 3])
        let bias = scope.parameter("bias", [3])
        let parameters = Parameters(declarations)
        parameters[weight].buffer.update(repeating: 2)
        parameters.freeze([weight])
        let gradients = Gradients(for: parameters)
        gradients.begin()
        let worker = Worker()
        let tape = Tape(worker: worker, parameters: parameters, gradients: gradients)
        let x = worker.arena.tensor(rows: 1, columns: 3)
        x.buffer.update(repeating: 1)
        let variable = Variable(x)
        let y = tape.linear(variable, weight: weight, bias: bias, documents: [0, 1])
        tape.backward(from: y, seed: [1, 2, 3])
        gradients.finish()
        #expect(gradients[weight] == Array(repeating: 0, count: 9))
        #expect(gradients[bias] == [1, 2, 3])
        #expect(try #require(variable.gradient).values == [12, 12, 12])
    }

    @Test(
        "a recurrent layer's gradient has the same bits on one thread and on many",
        arguments: [3, 4], Precision.available)
    func recurrent(gates: Int, precision: Precision) {
        let declarations = ParameterScope.Declarations()
        let layer = RecurrentParameters(
            ParameterScope(declarations), gates: gates, inputs: 16, hidden: 24)
        let handles = [
            layer.inputWeight, layer.recurrentWeight, layer.inputBias, layer.recurrentBias,
        ]
        let runs = [1, 2, 5].map { threads in
            let parameters = Parameters(declarations)
            for (index, handle) in handles.enumerated() {
                parameters[handle].pointer.update(
                    from: draws(handle.count, seed: UInt64(index) + 3, scale: 0.5),
                    count: handle.count)
            }
            let workers = Workers(threads: threads, precision: precision)
            let gradients = ShardedGradients(parameters: parameters, workers: workers)
            // Shards of 10, 11, … rows, each in two documents.
            _ = gradients.run(shards: 5) { shard, tape in
                let x = tape.worker.arena.tensor(rows: 10 + shard, columns: 16)
                x.pointer.update(from: draws(x.count, seed: UInt64(shard) + 9), count: x.count)
                let documents = [0, 3 + shard, 10 + shard]
                let states =
                    gates == 4
                    ? tape.lstm(Variable(x), layer, documents: documents)
                    : tape.gru(Variable(x), layer, documents: documents)
                tape.backward(
                    from: states, seed: draws(states.value.count, seed: UInt64(shard) + 20))
            }
            let norm = gradients.norm()
            _ = AdamW(parameters: parameters, workers: workers).step(gradients, rate: 0.1)
            return Run(norm: norm, values: handles.map { parameters[$0].values })
        }
        #expect(runs[1] == runs[0] && runs[2] == runs[0])
        #expect(runs[0].norm > 0 && runs[0].norm.isFinite)
    }
}

import Optimization
import Tensors
import TestSupport
import Testing

@Suite("Adam")
struct AdamTests {
    /// A dense weight, a bias and a table, of which each step uses two rows.
    private struct Model {
        let weight, bias, table: Parameter
        let parameters: Parameters

        init(kind: Parameter.Kind = .weight) {
            let declarations = ParameterScope.Declarations()
            let scope = ParameterScope(declarations)
            weight = scope.parameter("weight", [4, 3], kind: kind)
            bias = scope.parameter("bias", [4])
            table = scope.parameter("table", [5, 3], kind: .table)
            parameters = Parameters(declarations)
            for (index, handle) in all.enumerated() {
                parameters[handle].pointer.update(
                    from: draws(handle.count, seed: UInt64(index) + 3), count: handle.count)
            }
        }

        var all: [Parameter] { [weight, bias, table] }
        var values: [[Float]] { all.map { parameters[$0].values } }

        func pass(_ step: Int, _ tape: Tape) {
            let rows = tape.embedding(
                table: table, ids: [Int32(step % 4), 2, 2], zeroRow: 0)
            let y = tape.linear(rows, weight: weight, bias: bias, documents: [0, 3])
            tape.backward(from: y, seed: draws(12, seed: UInt64(step) + 40))
        }
    }

    /// The rows that `pass` reads in a step.
    private func rows(_ step: Int) -> [Int32] { [Int32(step % 4), 2, 2] }

    /// The formula in double precision, given each step's gradients.
    private func expected(
        _ start: [Float], _ gradients: [[Float]], decay: Double, isAMSGrad: Bool, rate: Double,
        epsilon: Double, follows: Bool
    ) -> [Double] {
        start.indices.map { index in
            var (p, m, v, largest) = (Double(start[index]), 0.0, 0.0, 0.0)
            var (power1, power2) = (1.0, 1.0)
            for gradient in gradients {
                let g = Double(gradient[index]) + decay * p
                m = 0.9 * m + 0.1 * g
                v = 0.999 * v + 0.001 * g * g
                largest = max(largest, v)
                power1 *= 0.9
                power2 *= 0.999
                let root = (isAMSGrad ? largest : v).squareRoot()
                let correction = (1 - power2).squareRoot()
                p -=
                    follows
                    ? rate / (1 - power1) * m / (root / correction + epsilon)
                    : rate * correction / (1 - power1) * m / (root + epsilon)
            }
            return p
        }
    }

    @Test("a run that goes on from its state ends in the same bits", arguments: [false, true])
    func resumes(isAMSGrad: Bool) {
        let workers = Workers(threads: 2)
        func optimizer(_ model: Model) -> Adam {
            var options = Adam.Options()
            (options.isAMSGrad, options.weightDecay) = (isAMSGrad, 0.1)
            return Adam(parameters: model.parameters, workers: workers, options: options)
        }
        func train(_ model: Model, _ optimizer: Adam, _ steps: Range<Int>) {
            let gradients = ShardedGradients(parameters: model.parameters, workers: workers)
            for step in steps {
                optimizer.prepare(rows: rows(step))
                _ = gradients.run(shards: 1) { _, tape in model.pass(step, tape) }
                // A larger rate first, so that the largest second moment is an early one.
                _ = optimizer.step(gradients, rate: step < 3 ? 0.1 : 0.01)
            }
            optimizer.synchronize()
        }
        let (whole, first, second) = (Model(), Model(), Model())
        train(whole, optimizer(whole), 0..<9)
        let (begun, resumed) = (optimizer(first), optimizer(second))
        train(first, begun, 0..<5)
        for parameter in first.all {
            second.parameters[parameter].pointer.update(
                from: first.parameters[parameter].values, count: parameter.count)
            let pairs = Array(
                zip(begun.state(of: parameter), resumed.state(of: parameter)))
            #expect(pairs.map(\.0.name).count == (isAMSGrad ? 3 : 2))
            for (old, new) in pairs {
                new.values.pointer.update(from: old.values.values, count: parameter.count)
            }
        }
        resumed.resume(after: 5)
        train(second, resumed, 5..<9)
        #expect(second.values == whole.values)
        #expect(first.values != whole.values)
    }

    @Test("steps are those of the formula", arguments: [false, true], [0, 0.1])
    func formula(isAMSGrad: Bool, decay: Float) {
        // As large as a second moment's root, so that its place shows.
        let epsilon = 0.01
        let model = Model()
        let start = model.values
        let workers = Workers(threads: 2)
        var options = Adam.Options()
        (options.isAMSGrad, options.weightDecay) = (isAMSGrad, decay)
        options.epsilon = Float(epsilon)
        options.epsilonFollowsCorrection = decay > 0
        let optimizer = Adam(
            parameters: model.parameters, workers: workers, options: options,
            weightDecay: { $0.name == "bias" ? 0 : nil })
        let gradients = ShardedGradients(parameters: model.parameters, workers: workers)
        var seen: [[[Float]]] = [[], [], []]
        // Gradients that change their size, so that a second moment is not always the largest.
        for step in 0..<9 {
            let scale: Float = step == 3 ? 50 : 1
            optimizer.prepare(rows: rows(step))
            for (index, gradient) in self.gradients(model, step, scale).enumerated() {
                seen[index].append(gradient)
            }
            _ = gradients.run(shards: 1) { _, tape in
                let rows = tape.scaled(
                    tape.embedding(
                        table: model.table, ids: [Int32(step % 4), 2, 2], zeroRow: 0), by: 1)
                let y = tape.scaled(
                    tape.linear(
                        rows, weight: model.weight, bias: model.bias, documents: [0, 3]),
                    by: scale)
                tape.backward(from: y, seed: draws(12, seed: UInt64(step) + 40))
            }
            _ = optimizer.step(gradients, rate: 0.01)
        }
        optimizer.synchronize()
        for (index, values) in model.values.enumerated() {
            let expected = expected(
                start[index], seen[index], decay: index == 1 ? 0 : Double(decay),
                isAMSGrad: isAMSGrad, rate: 0.01,
                epsilon: epsilon, follows: decay > 0)
            for (value, wanted) in zip(values, expected) {
                // Nine steps of 0.01, each rounded to within a few times 1e-7 of itself.
                #expect(abs(Double(value) - wanted) < 2e-6, "parameter \(index)")
            }
        }
        #expect(
            Array(model.values[2][12...]) == Array(start[2][12...]) || decay > 0,
            "a row that no batch used stays without decay")
    }

    /// What a single shard's gradients are at the present values.
    private func gradients(_ model: Model, _ step: Int, _ scale: Float) -> [[Float]] {
        // A dense copy, whose gradient can be read.
        let copy = Model(kind: .dense)
        for (from, to) in zip(model.all, copy.all) {
            copy.parameters[to].pointer.update(
                from: model.parameters[from].values, count: from.count)
        }
        let gradients = Gradients(for: copy.parameters)
        gradients.begin()
        let tape = Tape(worker: Worker(), parameters: copy.parameters, gradients: gradients)
        let rows = tape.embedding(table: copy.table, ids: [Int32(step % 4), 2, 2], zeroRow: 0)
        let y = tape.scaled(
            tape.linear(rows, weight: copy.weight, bias: copy.bias, documents: [0, 3]), by: scale)
        tape.backward(from: y, seed: draws(12, seed: UInt64(step) + 40))
        gradients.finish()
        return copy.all.map { gradients[$0] }
    }

    @Test("rows that wait for steps end in the bits of those that do not")
    func waitingRows() {
        for isAMSGrad in [false, true] {
            let runs = [false, true].map { waits in
                let model = Model()
                let workers = Workers(threads: 1)
                var options = Adam.Options()
                (options.isAMSGrad, options.weightDecay) = (isAMSGrad, 0.01)
                options.epsilonFollowsCorrection = isAMSGrad
                let optimizer = Adam(
                    parameters: model.parameters, workers: workers, options: options)
                let gradients = ShardedGradients(parameters: model.parameters, workers: workers)
                for step in 0..<30 {
                    optimizer.prepare(rows: rows(step))
                    if !waits { optimizer.synchronize() }
                    _ = gradients.run(shards: 1) { _, tape in model.pass(step, tape) }
                    _ = optimizer.step(gradients, rate: 0.1 / Float(step + 1))
                }
                optimizer.synchronize()
                return model.values
            }
            #expect(runs[1] == runs[0])
            // Row 4 is used by no step, and decays.
            #expect(Array(runs[0][2][12...]) != Array(Model().values[2][12...]))
        }
    }

    @Test("one thread and many give the same bits; a frozen parameter stays")
    func threads() {
        let runs = [1, 2, 5].map { threads in
            let model = Model()
            model.parameters.freeze([model.bias])
            let workers = Workers(threads: threads)
            var options = Adam.Options()
            (options.isAMSGrad, options.weightDecay, options.clippingNorm) = (true, 0.01, 0.5)
            let optimizer = Adam(
                parameters: model.parameters, workers: workers, options: options)
            let gradients = ShardedGradients(parameters: model.parameters, workers: workers)
            for _ in 0..<3 {
                optimizer.prepare(rows: (0..<5).flatMap(rows))
                _ = gradients.run(shards: 5) { model.pass($0, $1) }
                _ = optimizer.step(gradients, rate: 0.1)
            }
            optimizer.synchronize()
            return model.values
        }
        #expect(runs[1] == runs[0] && runs[2] == runs[0])
        #expect(runs[0][1] == Model().values[1])
        #expect(runs[0][0] != Model().values[0])
    }

    @Test("there is no step along a gradient that is not finite")
    func infiniteGradient() {
        let model = Model()
        let before = model.values
        let workers = Workers(threads: 1)
        let optimizer = Adam(parameters: model.parameters, workers: workers)
        let gradients = ShardedGradients(parameters: model.parameters, workers: workers)
        _ = gradients.run(shards: 1) { _, tape in
            let rows = tape.embedding(table: model.table, ids: [1])
            tape.backward(from: rows, seed: [1, .infinity, 0])
        }
        #expect(optimizer.step(gradients, rate: 0.1) == .infinity)
        #expect(model.values == before)
    }
}

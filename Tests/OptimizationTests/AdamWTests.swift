import Optimization
import Tensors
import TestSupport
import Testing

@Suite("AdamW")
struct AdamWTests {
    /// A table kept by row and a dense weight, with the same values in two models, and what trains
    /// them.
    private struct Model {
        let words: Parameter
        let dense: Parameter
        let parameters: Parameters
        let optimizer: AdamW
        let gradients: ShardedGradients

        init(_ workers: Workers = Workers(threads: 1)) {
            let declarations = ParameterScope.Declarations()
            let scope = ParameterScope(declarations)
            dense = scope.parameter("dense", [3, 5])
            words = scope.parameter("words", [70, 5], kind: .table)
            parameters = Parameters(declarations)
            for (index, parameter) in [dense, words].enumerated() {
                parameters[parameter].pointer.update(
                    from: draws(parameter.count, seed: UInt64(index) + 9), count: parameter.count)
            }
            optimizer = AdamW(parameters: parameters, workers: workers)
            gradients = ShardedGradients(parameters: parameters, workers: workers)
        }

        var values: [[Float]] { [dense, words].map { parameters[$0].values } }

        /// A step on `rows` of the table, whose sums have the gradient `seed`; the gradient's norm.
        func train(_ rows: [Int32], seed: [Float], rate: Float) -> Double {
            optimizer.prepare(rows: rows)
            _ = gradients.run(shards: 1) { [words, dense] _, tape in
                let sum = tape.embedding(
                    words: words, positions: dense, segments: dense, wordIDs: rows,
                    positionIDs: rows.map { _ in 0 }, segmentIDs: rows.map { _ in 1 })
                tape.backward(from: sum, seed: seed)
            }
            return optimizer.step(gradients, rate: rate)
        }
    }

    @Test("rows that wait for their steps end with the bits of rows that do not wait")
    func idleRows() {
        let workers = Workers(threads: 2)
        let (lazy, eager) = (Model(workers), Model(workers))
        for number in 0..<30 {
            let rows: [Int32] = [Int32(number % 7), Int32(number * number % 70), 3]
            let seed = draws(rows.count * 5, seed: UInt64(number) + 50)
            for model in [lazy, eager] {
                _ = model.train(rows, seed: seed, rate: 1e-2 / Float(number + 1))
            }
            eager.optimizer.synchronize()
        }
        lazy.optimizer.synchronize()
        #expect(
            lazy.parameters[lazy.words].values == eager.parameters[eager.words].values)
        #expect(
            lazy.parameters[lazy.dense].values == eager.parameters[eager.dense].values)
    }

    @Test("an optimizer with the numbers of another goes on with its bits", arguments: [1, 11])
    func resumed(after count: Int) {
        let (whole, first, second) = (Model(), Model(), Model())
        func train(_ model: Model, _ number: Int) {
            let rows: [Int32] = [Int32(number % 7), Int32(number * number % 70), 3]
            _ = model.train(
                rows, seed: draws(rows.count * 5, seed: UInt64(number) + 50),
                rate: 1e-2 / Float(number + 1))
        }
        for number in 0..<20 { train(whole, number) }
        for number in 0..<count { train(first, number) }
        first.optimizer.synchronize()
        for parameter in first.parameters.all {
            func copy(_ old: Tensor, _ new: Tensor) {
                new.pointer.update(from: old.pointer, count: old.count)
            }
            copy(first.parameters[parameter], second.parameters[parameter])
            for (old, new) in zip(
                first.optimizer.state(of: parameter), second.optimizer.state(of: parameter))
            {
                copy(old.values, new.values)
            }
        }
        second.optimizer.resume(after: count)
        for number in count..<20 { train(second, number) }
        whole.optimizer.synchronize()
        second.optimizer.synchronize()
        #expect(second.values == whole.values)
    }

    @Test("a row that no batch uses only decays")
    func untouchedRow() {
        let model = Model()
        let before = model.parameters[model.words].values[69 * 5]
        for number in 0..<10 {
            _ = model.train([1], seed: draws(5, seed: UInt64(number)), rate: 0.1)
        }
        model.optimizer.synchronize()
        var expected = before
        for _ in 0..<10 { expected *= 1 - Float(0.1) * Float(0.01) }
        let after = model.parameters[model.words].values[69 * 5]
        #expect(abs(after - expected) <= 1e-7 * abs(before), "\(after), expected \(expected)")
    }

    @Test("there is no step along a gradient that is not finite")
    func infiniteGradient() {
        let model = Model()
        let before = model.values
        #expect(model.train([1], seed: [0, .infinity, 0, 0, 0], rate: 0.1) == .infinity)
        #expect(model.values == before)
        #expect(model.train([1], seed: [1, 2, 3, 4, 5], rate: 0.1).isFinite)
        model.optimizer.synchronize()
        let after = model.values.flatMap { $0 }
        #expect(after.allSatisfy(\.isFinite) && after != before.flatMap { $0 })
    }

    @Test("the rate rises from zero to its peak, then falls to zero")
    func schedule() {
        let schedule = LearningRateSchedule(peak: 2, warmup: 0.1, totalSteps: 100)
        #expect(schedule.rate(step: 0) == 0)
        #expect(schedule.rate(step: 5) == 1)
        #expect(schedule.rate(step: 10) == 2)
        #expect(schedule.rate(step: 55) == 1)
        #expect(schedule.rate(step: 100) == 0)
        #expect(LearningRateSchedule(peak: 2, warmup: 0, totalSteps: 4).rate(step: 0) == 2)
    }
}

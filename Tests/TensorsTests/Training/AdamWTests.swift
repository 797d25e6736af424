import Tensors
import Testing

@Suite("AdamW")
struct AdamWTests {
    /// A table kept by row and a dense weight, with the same values in two models.
    private struct Model {
        let words: Parameter
        let dense: Parameter
        let parameters: Parameters

        init() {
            let declarations = ParameterScope.Declarations()
            let scope = ParameterScope(declarations)
            dense = scope.parameter("dense", [3, 5])
            words = scope.parameter("words", [70, 5], kind: .table)
            parameters = Parameters(declarations)
            for (index, parameter) in [dense, words].enumerated() {
                parameters[parameter].pointer.update(
                    from: draws(parameter.count, seed: UInt64(index) + 9), count: parameter.count)
            }
        }
    }

    private func step(_ model: Model, _ rows: [Int32], seed: UInt64, _ gradients: ShardedGradients)
    {
        _ = gradients.run(shards: 1) { _, tape in
            let sum = tape.embedding(
                words: model.words, positions: model.dense, segments: model.dense, wordIDs: rows,
                positionIDs: rows.map { _ in 0 }, segmentIDs: rows.map { _ in 1 })
            tape.backward(from: sum, seed: draws(rows.count * 5, seed: seed))
        }
    }

    @Test("rows that wait for their steps end with the bits of rows that do not wait")
    func idleRows() {
        let (lazy, eager) = (Model(), Model())
        let workers = Workers(threads: 2)
        let optimizers = [lazy, eager].map {
            AdamW(parameters: $0.parameters, workers: workers)
        }
        let gradients = [lazy, eager].map {
            ShardedGradients(parameters: $0.parameters, workers: workers)
        }
        for number in 0..<30 {
            let rows: [Int32] = [Int32(number % 7), Int32(number * number % 70), 3]
            for (index, model) in [lazy, eager].enumerated() {
                optimizers[index].prepare(rows: rows)
                step(model, rows, seed: UInt64(number) + 50, gradients[index])
                _ = optimizers[index].step(gradients[index], rate: 1e-2 / Float(number + 1))
            }
            optimizers[1].synchronize()
        }
        optimizers[0].synchronize()
        #expect(
            lazy.parameters[lazy.words].values == eager.parameters[eager.words].values)
        #expect(
            lazy.parameters[lazy.dense].values == eager.parameters[eager.dense].values)
    }

    @Test("a row that no batch uses only decays")
    func untouchedRow() {
        let model = Model()
        let workers = Workers(threads: 1)
        let optimizer = AdamW(parameters: model.parameters, workers: workers)
        let gradients = ShardedGradients(parameters: model.parameters, workers: workers)
        let before = model.parameters[model.words].values[69 * 5]
        for number in 0..<10 {
            optimizer.prepare(rows: [1])
            step(model, [1], seed: UInt64(number), gradients)
            _ = optimizer.step(gradients, rate: 0.1)
        }
        optimizer.synchronize()
        var expected = before
        for _ in 0..<10 { expected *= 1 - Float(0.1) * Float(0.01) }
        let after = model.parameters[model.words].values[69 * 5]
        #expect(abs(after - expected) <= 1e-7 * abs(before), "\(after), expected \(expected)")
    }

    @Test("there is no step along a gradient that is not finite")
    func infiniteGradient() {
        let model = Model()
        let workers = Workers(threads: 1)
        let optimizer = AdamW(parameters: model.parameters, workers: workers)
        let gradients = ShardedGradients(parameters: model.parameters, workers: workers)
        func train(seed: [Float]) -> Double {
            optimizer.prepare(rows: [1])
            _ = gradients.run(shards: 1) { _, tape in
                let sum = tape.embedding(
                    words: model.words, positions: model.dense, segments: model.dense,
                    wordIDs: [1], positionIDs: [0], segmentIDs: [1])
                tape.backward(from: sum, seed: seed)
            }
            return optimizer.step(gradients, rate: 0.1)
        }
        let before = [model.dense, model.words].map { model.parameters[$0].values }
        #expect(train(seed: [0, .infinity, 0, 0, 0]) == .infinity)
        #expect([model.dense, model.words].map { model.parameters[$0].values } == before)
        #expect(train(seed: [1, 2, 3, 4, 5]).isFinite)
        optimizer.synchronize()
        let after = [model.dense, model.words].flatMap { model.parameters[$0].values }
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

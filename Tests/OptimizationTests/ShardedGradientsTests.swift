import Optimization
import Tensors
import TestSupport
import Testing

@Suite("Sharded gradients")
struct ShardedGradientsTests {
    @Test(
        "the sum over shards has the same bits on any number of threads",
        arguments: [Parameter.Kind.dense, .weight], Precision.available)
    func threads(_ kind: Parameter.Kind, _ precision: Precision) {
        let declarations = ParameterScope.Declarations()
        let scope = ParameterScope(declarations)
        let weight = scope.parameter("weight", [40, 33], kind: kind)
        let bias = scope.parameter("bias", [40])
        let unused = scope.parameter("unused", [3])
        // Otherwise a first step is as long for any gradient.
        var options = AdamW.Options()
        options.epsilon = 1

        let runs = [1, 2, 3, 8].map { threads in
            let parameters = Parameters(declarations)
            parameters[weight].pointer.update(
                from: draws(weight.count, seed: 4), count: weight.count)
            let workers = Workers(threads: threads, precision: precision)
            let gradients = ShardedGradients(parameters: parameters, workers: workers)
            var norms: [Double] = []
            for round in 0..<3 {
                let results = gradients.run(shards: 7) { shard, tape in
                    let x = tape.worker.arena.tensor(rows: 5 + shard, columns: 33)
                    let values = draws(x.count, seed: UInt64(shard + 10 * round) + 1)
                    x.pointer.update(from: values, count: x.count)
                    let y = tape.linear(
                        Variable(x), weight: weight, bias: bias, documents: [0, 5 + shard])
                    tape.backward(from: y, seed: draws(y.value.count, seed: UInt64(shard) + 20))
                    return shard
                }
                #expect(results == Array(0..<7), "results come in the order of shards")
                norms.append(gradients.norm())
            }
            let optimizer = AdamW(parameters: parameters, workers: workers, options: options)
            let before = [weight, bias].map { parameters[$0].values }
            _ = optimizer.step(gradients, rate: 1)
            return (
                norms: norms, before: before, after: [weight, bias].map { parameters[$0].values }
            )
        }
        for other in runs.dropFirst() {
            #expect(other.norms == runs[0].norms)
            #expect(other.after == runs[0].after)
        }
        #expect(runs[0].norms.allSatisfy { $0 > 0 && $0.isFinite })
        #expect(zip(runs[0].before, runs[0].after).allSatisfy { $0 != $1 }, "a step was taken")
        _ = unused
    }

    /// The norm of the gradient of two shards that use a weight twice each.
    private func norm(_ kind: Parameter.Kind, _ precision: Precision, threads: Int) -> Double {
        let declarations = ParameterScope.Declarations()
        // Rows enough for several blocks.
        let weight = ParameterScope(declarations).parameter("weight", [600, 600], kind: kind)
        let parameters = Parameters(declarations)
        parameters[weight].pointer.update(
            from: draws(weight.count, seed: 4, scale: 0.05), count: weight.count)
        let gradients = ShardedGradients(
            parameters: parameters, workers: Workers(threads: threads, precision: precision))
        _ = gradients.run(shards: 2) { shard, tape in
            let x = tape.worker.arena.tensor(rows: 5 + shard, columns: 600)
            x.pointer.update(from: draws(x.count, seed: UInt64(shard) + 1), count: x.count)
            let documents = [0, 5 + shard]
            let once = tape.linear(Variable(x), weight: weight, bias: nil, documents: documents)
            let twice = tape.linear(once, weight: weight, bias: nil, documents: documents)
            tape.backward(from: twice, seed: draws(twice.value.count, seed: UInt64(shard) + 20))
        }
        return gradients.norm()
    }

    @Test("a weight's products, computed once for all shards, are the sum of the shards' gradients")
    func weights() {
        let dense = norm(.dense, .fp32, threads: 1)
        for precision in Precision.available {
            let bound = precision == .bf16 ? 2e-2 : 1e-5
            for threads in [1, 2] {
                let weight = norm(.weight, precision, threads: threads)
                #expect(abs(weight - dense) < bound * dense, "\(weight), expected \(dense)")
            }
        }
    }
}

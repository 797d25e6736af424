import Tensors
import Testing

@Suite("Sharded gradients")
struct ShardedGradientsTests {
    @Test("the sum over shards has the same bits on any number of threads")
    func threads() {
        let declarations = ParameterScope.Declarations()
        let scope = ParameterScope(declarations)
        let weight = scope.parameter("weight", [40, 33])
        let bias = scope.parameter("bias", [40])
        let unused = scope.parameter("unused", [3])
        let parameters = Parameters(declarations)
        parameters[weight].pointer.update(
            from: draws(weight.count, seed: 4), count: weight.count)

        let norms = [1, 2, 3, 8].map { threads in
            let gradients = ShardedGradients(
                parameters: parameters, workers: Workers(threads: threads))
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
            return norms
        }
        for other in norms.dropFirst() { #expect(other == norms[0]) }
        #expect(norms[0].allSatisfy { $0 > 0 && $0.isFinite })
        _ = unused
    }
}

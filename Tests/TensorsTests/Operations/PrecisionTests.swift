import Tensors
import TestSupport
import Testing

@Suite(
    "Products in bfloat16 are close to those in float32",
    .enabled(if: Precision.hasFastBF16, "this CPU has no bf16 instructions"))
struct PrecisionTests {
    /// What a layer's chain of operations gives, forward and backward.
    private struct Results {
        var output: [Float] = []
        var inputGradient: [Float] = []
        var weightGradients: [[Float]] = []
    }

    /// x → linear → GELU → linear, added to x, → LayerNorm: every way in which a product's operands
    /// come and go, a sum of gradients included.
    private func run(_ precision: Precision, rows: Int) throws -> Results {
        let (inner, outer) = (96, 40)
        let declarations = ParameterScope.Declarations()
        let scope = ParameterScope(declarations)
        let shapes = [[inner, outer], [inner], [outer, inner], [outer], [outer], [outer]]
        let handles = shapes.enumerated().map { scope.parameter("p\($0)", $1) }
        let parameters = Parameters(declarations)
        for (index, handle) in handles.enumerated() {
            parameters[handle].pointer.update(
                from: draws(handle.count, seed: UInt64(index) + 5, scale: 0.4), count: handle.count)
        }
        let worker = Worker(precision: precision)
        let gradients = Gradients(for: parameters)
        gradients.begin()
        let tape = Tape(worker: worker, parameters: parameters, gradients: gradients)
        let tensor = worker.arena.tensor(rows: rows, columns: outer)
        tensor.pointer.update(from: draws(rows * outer, seed: 1), count: rows * outer)
        let x = Variable(tensor)
        let hidden = tape.gelu(
            tape.linear(x, weight: handles[0], bias: nil, documents: [0, rows]), bias: handles[1])
        let out = tape.residualLayerNorm(
            tape.linear(hidden, weight: handles[2], bias: nil, documents: [0, rows]),
            bias: handles[3], residual: x, gamma: handles[4], beta: handles[5], epsilon: 1e-12)
        let output = out.value.values
        tape.backward(from: out, seed: draws(rows * outer, seed: 2))
        gradients.finish()
        return Results(
            output: output, inputGradient: try #require(x.gradient?.values),
            weightGradients: handles.map { gradients[$0] })
    }

    @Test(arguments: [1, 7, 33, 130, 517]) func forwardAndBackward(rows: Int) throws {
        let (full, half) = (try run(.fp32, rows: rows), try run(.bf16, rows: rows))
        let pairs =
            [(full.output, half.output), (full.inputGradient, half.inputGradient)]
            + zip(full.weightGradients, half.weightGradients)
        for (number, (full, half)) in pairs.enumerated() {
            let scale = full.reduce(0) { max($0, abs($1)) }
            let difference = zip(full, half).reduce(0) { max($0, abs($1.0 - $1.1)) }
            #expect(difference < 0.02 * scale, "result \(number): \(difference) of \(scale)")
        }
        #expect(full.output != half.output, "bf16 was not used")
    }

    @Test func packedWeightsFollowTheParameters() {
        for precision in Precision.available {
            let declarations = ParameterScope.Declarations()
            let weight = ParameterScope(declarations).parameter("weight", [64, 64])
            let parameters = Parameters(declarations)
            let worker = Worker(precision: precision)
            func sum() -> Float {
                worker.arena.rewind()
                let tape = Tape(worker: worker, parameters: parameters, packsWeights: true)
                let x = worker.arena.tensor(rows: 3, columns: 64)
                x.buffer.update(repeating: 1)
                return tape.linear(Variable(x), weight: weight, bias: nil, documents: [0, 3])
                    .value.values.reduce(0, +)
            }
            #expect(sum() == 0)
            parameters[weight].buffer.update(repeating: 1)
            parameters.changed()
            #expect(sum() == 3 * 64 * 64, "\(precision)")
        }
    }
}

import Testing

import Tensors

/// Deterministic values in ±scale / 2.
func draws(_ count: Int, seed: UInt64, scale: Float = 2) -> [Float] {
    var state = seed &* 0x9E37_79B9_7F4A_7C15 | 1
    return (0..<count).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return (Float(state >> 40) / Float(1 << 24) - 0.5) * scale
    }
}

/// Checks the gradients of a computation against central differences.
///
/// - Parameters:
///   - shapes: of the inputs, as rows and columns.
///   - parameters: shapes of the parameters.
///   - build: the computation, from input variables and parameters to one output.
func expectGradients(
    inputs shapes: [(Int, Int)], parameters parameterShapes: [[Int]] = [],
    sourceLocation: SourceLocation = #_sourceLocation,
    _ build: (Tape, [Variable], [Parameter]) -> Variable
) {
    let declarations = ParameterScope.Declarations()
    let scope = ParameterScope(declarations)
    let handles = parameterShapes.enumerated().map { scope.parameter("p\($0)", $1) }
    let parameters = Parameters(declarations)
    for (index, handle) in handles.enumerated() {
        parameters[handle].pointer.update(
            from: draws(handle.count, seed: UInt64(index) + 100), count: handle.count)
    }
    var inputs = shapes.enumerated().map { draws($1.0 * $1.1, seed: UInt64($0) + 1) }
    let worker = Worker()

    /// Σ weight · output, in double precision, and what a backward pass says.
    func run(gradients: Gradients?) -> (Double, [Variable]) {
        worker.arena.rewind()
        gradients?.begin()
        let tape = Tape(worker: worker, parameters: parameters, gradients: gradients)
        let variables = zip(inputs, shapes).map { values, shape in
            let tensor = worker.arena.tensor(rows: shape.0, columns: shape.1)
            tensor.pointer.update(from: values, count: values.count)
            return Variable(tensor)
        }
        let output = build(tape, variables, handles)
        let weights = draws(output.value.count, seed: 77)
        let loss = zip(weights, output.value.values).reduce(0.0) {
            $0 + Double($1.0) * Double($1.1)
        }
        if gradients != nil { tape.backward(from: output, seed: weights) }
        gradients?.finish()
        return (loss, variables)
    }

    let gradients = Gradients(for: parameters)
    let (_, variables) = run(gradients: gradients)
    let inputGradients = variables.map { $0.gradient?.values }
    let parameterGradients = handles.map { gradients[$0] }

    // Central differences of float32 values: with h = 1e-2 the truncation error is about h² and the
    // rounding error about 1e-7 · |loss| / h, so 2e-3 of the largest gradient tells a wrong formula
    // from noise.
    let step: Float = 1e-2
    func check(_ name: String, _ gradient: [Float]?, _ set: (Int, Float) -> Void, count: Int) {
        guard let gradient else {
            Issue.record("\(name) got no gradient", sourceLocation: sourceLocation)
            return
        }
        let scale = max(1, gradient.map { abs($0) }.max() ?? 0)
        for index in 0..<count {
            set(index, step)
            let above = run(gradients: nil).0
            set(index, -2 * step)
            let below = run(gradients: nil).0
            set(index, step)
            let expected = Float((above - below) / Double(2 * step))
            #expect(
                abs(gradient[index] - expected) < 4e-3 * scale,
                "\(name)[\(index)]: backward \(gradient[index]), differences \(expected)",
                sourceLocation: sourceLocation)
        }
    }
    for index in inputs.indices {
        check(
            "input \(index)", inputGradients[index], { inputs[index][$0] += $1 },
            count: inputs[index].count)
    }
    for (index, handle) in handles.enumerated() {
        check(
            "parameter \(index)", parameterGradients[index],
            { parameters[handle].pointer[$0] += $1 }, count: handle.count)
    }
}

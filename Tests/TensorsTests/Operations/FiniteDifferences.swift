import Testing

import Tensors
import TestSupport

/// Checks the gradients of a computation against differences of its outputs.
///
/// The derivative of L = Σ weight · output at an input is taken as
/// (8 (L(h) - L(-h)) - (L(2h) - L(-2h))) / 12h, whose error is h⁴ / 30 of the fifth derivative: 2e-9 of
/// it. L is summed in double precision, but outputs are rounded to float32, to within a few times 2⁻²⁴
/// of the largest number that went into them. So a gradient may be off by `tolerance` of its own size,
/// and beyond that by what 4 such roundings of the outputs that the input moves can add up to
/// (`noise`), which is 1e-5 for an output: a small gradient is checked as well as a large one.
///
/// - Parameters:
///   - shapes: of the inputs, as rows and columns.
///   - parameters: shapes of the parameters.
///   - scale: inputs and parameters are drawn from ±scale / 2.
///   - tolerance: relative to each element of the gradient.
///   - build: the computation, from input variables and parameters to its outputs.
func expectGradients(
    inputs shapes: [(Int, Int)], parameters parameterShapes: [[Int]] = [], scale: Float = 2,
    tolerance: Double = 1e-3, sourceLocation: SourceLocation = #_sourceLocation,
    outputs build: (Tape, [Variable], [Parameter]) -> [Variable]
) {
    let declarations = ParameterScope.Declarations()
    let scope = ParameterScope(declarations)
    let handles = parameterShapes.enumerated().map { scope.parameter("p\($0)", $1) }
    let parameters = Parameters(declarations)
    for (index, handle) in handles.enumerated() {
        parameters[handle].pointer.update(
            from: draws(handle.count, seed: UInt64(index) + 100, scale: scale),
            count: handle.count)
    }
    var inputs = shapes.enumerated().map {
        draws($1.0 * $1.1, seed: UInt64($0) + 1, scale: scale)
    }
    let worker = Worker()

    /// The outputs one after the other, and the input variables.
    func run(gradients: Gradients?) -> ([Float], [Variable]) {
        worker.arena.rewind()
        gradients?.begin()
        let tape = Tape(worker: worker, parameters: parameters, gradients: gradients)
        let variables = zip(inputs, shapes).map { values, shape in
            let tensor = worker.arena.tensor(rows: shape.0, columns: shape.1)
            tensor.pointer.update(from: values, count: values.count)
            return Variable(tensor)
        }
        let outputs = build(tape, variables, handles)
        let values = outputs.flatMap(\.value.values)
        if gradients != nil {
            var weights = draws(values.count, seed: 77)[...]
            tape.backward(
                from: outputs.map { output in
                    defer { weights = weights.dropFirst(output.rows * output.columns) }
                    return (output, Array(weights.prefix(output.rows * output.columns)))
                })
        }
        gradients?.finish()
        return (values, variables)
    }

    let gradients = Gradients(for: parameters)
    let (outputs, variables) = run(gradients: gradients)
    let weights = draws(outputs.count, seed: 77).map { Double($0) }
    let inputGradients = variables.map { $0.gradient?.values }
    let parameterGradients = handles.map { gradients[$0] }

    let step: Float = 0x1p-6
    func check(_ name: String, _ gradient: [Float]?, _ set: (Int, Float) -> Void, count: Int) {
        guard let gradient else {
            Issue.record("\(name) got no gradient", sourceLocation: sourceLocation)
            return
        }
        for index in 0..<count {
            var moved: [[Float]] = []
            for place: Float in [1, -1, 2, -2] {
                set(index, place * step)
                moved.append(run(gradients: nil).0)
                set(index, -place * step)
            }
            var (difference, noise) = (0.0, 0.0)
            for (output, weight) in weights.enumerated() {
                let y = moved.map { Double($0[output]) }
                difference += weight * (8 * (y[0] - y[1]) - (y[2] - y[3])) / (12 * Double(step))
                // What an input does not move is the same to the bit.
                guard moved.contains(where: { $0[output] != outputs[output] }) else { continue }
                noise += abs(weight) * max(1, abs(y[0])) * 0x1p-22 * 18 / (12 * Double(step))
            }
            let error = abs(Double(gradient[index]) - difference)
            #expect(
                error <= tolerance * abs(difference) + noise,
                "\(name)[\(index)]: backward \(gradient[index]), differences \(difference)",
                sourceLocation: sourceLocation)
        }
    }
    for index in inputs.indices {
        check(
            "input \(index)", inputGradients[index],
            { place, change in inputs[index][place] += change }, count: inputs[index].count)
    }
    for (index, handle) in handles.enumerated() {
        check(
            "parameter \(index)", parameterGradients[index],
            { parameters[handle].pointer[$0] += $1 }, count: handle.count)
    }
}

/// The same for one output.
func expectGradients(
    inputs: [(Int, Int)], parameters: [[Int]] = [], scale: Float = 2, tolerance: Double = 1e-3,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ build: (Tape, [Variable], [Parameter]) -> Variable
) {
    expectGradients(
        inputs: inputs, parameters: parameters, scale: scale, tolerance: tolerance,
        sourceLocation: sourceLocation, outputs: { [build($0, $1, $2)] })
}

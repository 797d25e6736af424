import Randomness
import Tensors

extension Parameters {
    /// New values for a parameter, each as likely within ±`bound`.
    ///
    /// They are drawn from a stream of the parameter's own, so that they depend on its name and the
    /// seed alone.
    func initialize(_ parameter: Parameter, uniform bound: Double, seed: UInt64) {
        var generator = Self.generator(parameter, seed)
        fill(parameter) { _ in (2 * generator.unit() - 1) * bound }
    }

    /// New values for a parameter from N(0, 1), but zeros in the row `zeroRow`.
    func initializeNormal(_ parameter: Parameter, zeroRow: Int, seed: UInt64) {
        var generator = Self.generator(parameter, seed)
        fill(parameter) { row in
            // Drawn there too, so that the others do not depend on which row it is.
            let value = generator.normal()
            return row == zeroRow ? 0 : value
        }
    }

    private static func generator(_ parameter: Parameter, _ seed: UInt64) -> SeededGenerator {
        SeededGenerator(seed: seed, stream: "initial values of \(parameter.name)")
    }

    private func fill(_ parameter: Parameter, _ value: (_ row: Int) -> Double) {
        let tensor = self[parameter]
        for index in 0..<tensor.count {
            tensor.buffer[index] = Float(value(index / tensor.columns))
        }
        changed()
    }
}

extension LinearParameters {
    /// New values within ±1/√inputs, weight and bias: PyTorch's for `Linear`, and for `Conv1d`, whose
    /// inputs are columns · width.
    func initialize(_ parameters: Parameters, seed: UInt64) {
        let bound = 1 / Double(weight.columns).squareRoot()
        parameters.initialize(weight, uniform: bound, seed: seed)
        parameters.initialize(bias, uniform: bound, seed: seed)
    }

    /// x Wᵀ + b.
    func callAsFunction(_ x: Variable, documents: [Int], on tape: Tape) -> Variable {
        tape.linear(x, weight: weight, bias: bias, documents: documents)
    }
}

import CKernels

extension Tape {
    /// σ(x) = 1 / (1 + e⁻ˣ), element by element.
    ///
    /// - Parameters:
    ///   - x: [rows, columns].
    ///   - inPlace: the result takes the place of `x`'s value, which nothing may read any more.
    package func sigmoid(_ x: Variable, inPlace: Bool = false) -> Variable {
        let y = Variable(inPlace ? x.take() : copy(x.value))
        let count = y.value.count
        warrant_sigmoid_forward(y.value.pointer, count)
        record { tape in
            guard let dy = y.gradient else { return }
            tape.contribute(to: x) {
                warrant_sigmoid_backward($0, dy.pointer, y.value.pointer, count)
            }
        }
        return y
    }
}

import CKernels

extension Tape {
    /// tanh(x), element by element.
    ///
    /// - Parameters:
    ///   - x: [rows, columns].
    ///   - inPlace: the result takes the place of `x`'s value, which nothing may read any more.
    ///   - exactly: by the C library's `tanhf`, whose last bits the logits of pooled encoders have had
    ///     from the beginning; otherwise by a polynomial with a relative error under 3e-7, which is
    ///     several times as fast.
    package func tanh(
        _ x: Variable, inPlace: Bool = false, exactly: Bool = false
    ) -> Variable {
        let y = Variable(inPlace ? x.take() : copy(x.value))
        let count = y.value.count
        if exactly {
            warrant_tanh_exact(y.value.pointer, count)
        } else {
            warrant_tanh_forward(y.value.pointer, count)
        }
        record { tape in
            guard let dy = y.gradient else { return }
            tape.contribute(to: x) {
                warrant_tanh_backward($0, dy.pointer, y.value.pointer, count)
            }
        }
        return y
    }
}

import CKernels

extension Tape {
    /// tanh(x), in place: `x`'s value is overwritten.
    public func tanh(_ x: Variable) -> Variable {
        let count = x.value.count
        let y = Variable(x.value)
        warrant_tanh_forward(y.value.pointer, count)
        record { tape in
            guard let dy = y.gradient else { return }
            precondition(x.gradient == nil, "tanh takes a product used once")
            let (dx, _) = tape.destination(x)
            warrant_tanh_backward(dx.pointer, dy.pointer, y.value.pointer, count)
        }
        return y
    }
}

import CKernels

extension Tape {
    /// max(x, 0), in place: `x`'s value is overwritten.
    public func relu(_ x: Variable) -> Variable {
        let count = x.value.count
        let y = Variable(x.value)
        warrant_relu_forward(y.value.pointer, count)
        record { tape in
            guard let dy = y.gradient else { return }
            precondition(x.gradient == nil, "relu takes a product used once")
            let (dx, _) = tape.destination(x)
            warrant_relu_backward(dx.pointer, dy.pointer, y.value.pointer, count)
        }
        return y
    }
}

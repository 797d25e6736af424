import CKernels

extension Tape {
    /// a + b, element by element; both may be the same variable.
    ///
    /// - Parameters:
    ///   - a: [rows, columns], and so is `b`.
    /// - Returns: [rows, columns]; da = dy, db = dy.
    package func sum(_ a: Variable, _ b: Variable) -> Variable {
        precondition(a.rows == b.rows && a.columns == b.columns, "a sum of equal shapes")
        let y = Variable(copy(a.value))
        warrant_add(y.value.pointer, b.value.pointer, y.value.count)
        record { tape in
            guard let dy = y.gradient else { return }
            for x in [a, b] {
                tape.contribute(to: x) { $0.update(from: dy.pointer, count: dy.count) }
            }
        }
        return y
    }

    /// x + r for every row of `x`.
    ///
    /// - Parameters:
    ///   - x: [rows, columns].
    ///   - row: r [columns].
    /// - Returns: [rows, columns]; dx = dy, dr = Σ over rows of dy.
    package func sum(_ x: Variable, row: Parameter) -> Variable {
        precondition(row.count == x.columns, "\(row.name) has an element for every column")
        let y = Variable(copy(x.value))
        warrant_add_bias(y.value.pointer, parameters[row].pointer, x.rows, x.columns)
        record { tape in
            guard let dy = y.gradient else { return }
            if let gradients = tape.gradients, !gradients.isFrozen(row) {
                warrant_column_sums(
                    gradients.accumulator(row), dy.pointer, dy.rows, dy.columns)
            }
            tape.contribute(to: x) { $0.update(from: dy.pointer, count: dy.count) }
        }
        return y
    }
}

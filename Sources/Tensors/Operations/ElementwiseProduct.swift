import CKernels

extension Tape {
    /// a · b, element by element; both may be the same variable.
    ///
    /// - Parameters:
    ///   - a: [rows, columns], and so is `b`.
    /// - Returns: [rows, columns]; da = dy · b, db = dy · a.
    package func elementwiseProduct(_ a: Variable, _ b: Variable) -> Variable {
        precondition(a.rows == b.rows && a.columns == b.columns, "a product of equal shapes")
        let y = tensor(rows: a.rows, columns: a.columns)
        y.clear()
        warrant_add_products(y.pointer, a.value.pointer, b.value.pointer, y.count)
        let out = Variable(y)
        record { tape in
            guard let dy = out.gradient else { return }
            for (x, other) in [(a, b), (b, a)] {
                warrant_add_products(
                    tape.accumulator(x), dy.pointer, other.value.pointer, dy.count)
            }
        }
        return out
    }

    /// x · r for every row of `x`, element by element.
    ///
    /// - Parameters:
    ///   - x: [rows, columns].
    ///   - row: r [columns].
    /// - Returns: [rows, columns]; dx = dy · r, dr = Σ over rows of dy · x.
    package func elementwiseProduct(_ x: Variable, row: Parameter) -> Variable {
        precondition(row.count == x.columns, "\(row.name) has an element for every column")
        let columns = x.columns
        let y = tensor(rows: x.rows, columns: columns)
        y.clear()
        let factors = parameters[row].pointer
        for index in 0..<x.rows {
            warrant_add_products(
                y.pointer + index * columns, x.value.pointer + index * columns, factors, columns)
        }
        let out = Variable(y)
        record { tape in
            guard let dy = out.gradient else { return }
            let dx = tape.accumulator(x)
            let factors = tape.parameters[row].pointer
            let gradients = tape.gradients.flatMap { $0.isFrozen(row) ? nil : $0 }
            let dRow = gradients?.accumulator(row)
            for index in 0..<x.rows {
                let d = dy.pointer + index * columns
                warrant_add_products(dx + index * columns, d, factors, columns)
                if let dRow {
                    warrant_add_products(dRow, d, x.value.pointer + index * columns, columns)
                }
            }
        }
        return out
    }

    /// factors[r] · x[r] for every row r.
    ///
    /// - Parameters:
    ///   - x: [rows, columns].
    ///   - factors: one for each row; constants.
    /// - Returns: [rows, columns]; dx[r] = factors[r] · dy[r].
    package func scaled(_ x: Variable, rows factors: [Float]) -> Variable {
        precondition(factors.count == x.rows, "a factor for each row")
        let y = Variable(copy(x.value))
        for (row, factor) in factors.enumerated() {
            warrant_scale(y.value.row(row), factor, y.columns)
        }
        record { tape in
            guard let dy = y.gradient else { return }
            let dx = tape.accumulator(x)
            for (row, factor) in factors.enumerated() {
                warrant_add_scaled(dx + row * dy.columns, dy.row(row), factor, dy.columns)
            }
        }
        return y
    }

    /// x · factor.
    ///
    /// - Parameter x: [rows, columns].
    /// - Returns: [rows, columns]; dx = dy · factor.
    package func scaled(_ x: Variable, by factor: Float) -> Variable {
        let y = Variable(copy(x.value))
        warrant_scale(y.value.pointer, factor, y.value.count)
        record { tape in
            guard let dy = y.gradient else { return }
            warrant_add_scaled(tape.accumulator(x), dy.pointer, factor, dy.count)
        }
        return y
    }
}

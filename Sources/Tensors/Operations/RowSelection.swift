import CKernels

extension Tape {
    /// Some rows of `x` [rows, columns], in the order of `rows`: row *i* of the result is row
    /// `rows[i]` of `x`. A row may be named any number of times; its gradient is the sum over the
    /// times, in their order.
    ///
    /// - Returns: [rows.count, columns].
    package func select(rows: [Int], of x: Variable) -> Variable {
        let columns = x.columns
        let y = Variable(tensor(rows: rows.count, columns: columns))
        for (index, row) in rows.enumerated() {
            precondition(row >= 0 && row < x.rows, "no row \(row)")
            (y.value.pointer + index * columns)
                .update(from: x.value.pointer + row * columns, count: columns)
        }
        record { tape in
            guard let dy = y.gradient else { return }
            let dx = tape.accumulator(x)
            for (index, row) in rows.enumerated() {
                warrant_add(dx + row * columns, dy.pointer + index * columns, columns)
            }
        }
        return y
    }
}

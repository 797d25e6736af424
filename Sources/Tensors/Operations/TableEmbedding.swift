extension Tape {
    /// The rows of a table that `ids` name.
    ///
    /// - Parameters:
    ///   - table: [rows, columns], kept by row or dense.
    ///   - ids: of each row of the result.
    ///   - zeroRow: an id, such as that of padding, that gives zeros whatever the table holds, and
    ///     whose row gets no gradient.
    /// - Returns: [ids.count, columns]. Its gradient is that of the rows, one after the other.
    package func embedding(table: Parameter, ids: [Int32], zeroRow: Int32? = nil) -> Variable {
        precondition(
            ids.allSatisfy { $0 >= 0 && $0 < table.rows }, "an id past the end of \(table.name)")
        let (values, columns) = (parameters[table], table.columns)
        let out = Variable(tensor(rows: ids.count, columns: columns))
        for (row, id) in ids.enumerated() {
            if id == zeroRow {
                out.value.row(row).update(repeating: 0, count: columns)
            } else {
                out.value.row(row).update(from: values.row(Int(id)), count: columns)
            }
        }
        record { tape in
            guard let gradients = tape.gradients, let dOut = out.gradient else { return }
            guard ids.contains(where: { $0 == zeroRow }) else {
                return gradients.add(rows: ids, values: dOut, to: table)
            }
            let kept = ids.indices.filter { ids[$0] != zeroRow }
            let values = tape.tensor(rows: kept.count, columns: columns)
            for (row, index) in kept.enumerated() {
                values.row(row).update(from: dOut.row(index), count: columns)
            }
            gradients.add(rows: kept.map { ids[$0] }, values: values, to: table)
        }
        return out
    }
}

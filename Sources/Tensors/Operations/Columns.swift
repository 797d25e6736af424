import CKernels

extension Tape {
    /// The columns of `parts` side by side.
    ///
    /// - Parameter parts: at least one, all of the same number of rows; one may be named more than
    ///   once.
    /// - Returns: [rows, Σ columns].
    package func concatenation(columns parts: [Variable]) -> Variable {
        precondition(!parts.isEmpty, "nothing to concatenate")
        let rows = parts[0].rows
        precondition(parts.allSatisfy { $0.rows == rows }, "parts of as many rows")
        let columns = parts.reduce(0) { $0 + $1.columns }
        let out = Variable(tensor(rows: rows, columns: columns))
        var first = 0
        for part in parts {
            Self.eachRow(rows) { row in
                (out.value.pointer + row * columns + first)
                    .update(from: part.value.pointer + row * part.columns, count: part.columns)
            }
            first += part.columns
        }
        record { tape in
            guard let dOut = out.gradient else { return }
            var first = 0
            for part in parts {
                let from = dOut.pointer + first
                tape.contribute(to: part) { d in
                    Self.eachRow(rows) { row in
                        (d + row * part.columns)
                            .update(from: from + row * columns, count: part.columns)
                    }
                }
                first += part.columns
            }
        }
        return out
    }

    /// Some columns of `x` [rows, columns].
    ///
    /// - Returns: [rows, range.count].
    package func columns(_ range: Range<Int>, of x: Variable) -> Variable {
        precondition(range.lowerBound >= 0 && range.upperBound <= x.columns, "no such columns")
        let out = Variable(tensor(rows: x.rows, columns: range.count))
        Self.eachRow(x.rows) { row in
            (out.value.pointer + row * range.count)
                .update(
                    from: x.value.pointer + row * x.columns + range.lowerBound, count: range.count)
        }
        record { tape in
            guard let dOut = out.gradient else { return }
            let dx = tape.accumulator(x)
            Self.eachRow(x.rows) { row in
                warrant_add(
                    dx + row * x.columns + range.lowerBound, dOut.pointer + row * range.count,
                    range.count)
            }
        }
        return out
    }

    private static func eachRow(_ rows: Int, _ body: (Int) -> Void) {
        for row in 0..<rows { body(row) }
    }
}

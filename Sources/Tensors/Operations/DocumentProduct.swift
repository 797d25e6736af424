import CKernels

/// Products of two variables within documents, through oneDNN. A document's product is computed for
/// itself, so its bits are the same in any company; it runs in float32.
///
/// A product of rows with rows has another shape for each document. It is kept as one column that
/// holds the documents' matrices one after the other, each in row-major order: what `softmax` over
/// `rowStarts` turns into weights, and `product` takes back.
package struct DocumentMatrices: Sendable {
    /// Where each document's rows begin on the left, and where they begin on the right; and the ends.
    package let leftStarts, rightStarts: [Int]

    /// Matrices [left rows, right rows] for each document.
    package init(left leftStarts: [Int], right rightStarts: [Int]) {
        precondition(
            leftStarts.count == rightStarts.count && leftStarts.first == 0
                && rightStarts.first == 0, "as many documents on both sides")
        self.leftStarts = leftStarts
        self.rightStarts = rightStarts
    }

    /// Where each document's matrix begins in the column, and the end.
    package var starts: [Int] {
        (0..<documents).reduce(into: [0]) { $0.append(($0.last ?? 0) + left($1) * right($1)) }
    }

    /// Where each row of each matrix begins in the column, and the end: of the rows of a document
    /// without right rows, nothing.
    package var rowStarts: [Int] {
        var starts = [0]
        for document in 0..<documents {
            for _ in 0..<left(document) { starts.append((starts.last ?? 0) + right(document)) }
        }
        return starts
    }

    var documents: Int { leftStarts.count - 1 }
    func left(_ document: Int) -> Int { leftStarts[document + 1] - leftStarts[document] }
    func right(_ document: Int) -> Int { rightStarts[document + 1] - rightStarts[document] }
}

extension Tape {
    /// a bᵀ within each document: every row of `a` with every row of `b`.
    ///
    /// - Parameters:
    ///   - a: [left rows, columns].
    ///   - b: [right rows, columns].
    /// - Returns: [Σ left · right, 1], laid out as `matrices` says; da = dy b, db = dyᵀ a.
    package func productWithTranspose(
        _ a: Variable, _ b: Variable, _ matrices: DocumentMatrices
    ) -> Variable {
        precondition(
            a.columns == b.columns && a.rows == matrices.leftStarts.last
                && b.rows == matrices.rightStarts.last, "documents cover all rows")
        let (starts, columns) = (matrices.starts, a.columns)
        let y = tensor(rows: starts.last ?? 0, columns: 1)
        for document in 0..<matrices.documents {
            let (m, n) = (matrices.left(document), matrices.right(document))
            worker.multiply(
                0, 1, m, n, columns, a.value.row(matrices.leftStarts[document]), columns,
                b.value.row(matrices.rightStarts[document]), columns, false,
                y.pointer + starts[document], n)
        }
        let out = Variable(y)
        record { tape in
            guard let dy = out.gradient else { return }
            let (da, db) = (tape.accumulator(a), tape.accumulator(b))
            for document in 0..<matrices.documents {
                let (m, n) = (matrices.left(document), matrices.right(document))
                let (left, right) = (
                    matrices.leftStarts[document], matrices.rightStarts[document]
                )
                let d = dy.pointer + starts[document]
                tape.worker.multiply(
                    0, 0, m, columns, n, d, n, b.value.row(right), columns, true,
                    da + left * columns, columns)
                tape.worker.multiply(
                    1, 0, n, columns, m, d, n, a.value.row(left), columns, true,
                    db + right * columns, columns)
            }
        }
        return out
    }

    /// P b within each document: for every left row the sum of the right rows, weighted by the row of
    /// the document's matrix P. A document without right rows gives zeros.
    ///
    /// - Parameters:
    ///   - p: [Σ left · right, 1], laid out as `matrices` says.
    ///   - b: [right rows, columns].
    /// - Returns: [left rows, columns]; dP = dy bᵀ, db = Pᵀ dy.
    package func product(
        _ p: Variable, _ b: Variable, _ matrices: DocumentMatrices
    ) -> Variable {
        let (starts, columns) = (matrices.starts, b.columns)
        precondition(
            p.columns == 1 && p.rows == starts.last && b.rows == matrices.rightStarts.last,
            "documents cover all rows")
        let y = tensor(rows: matrices.leftStarts.last ?? 0, columns: columns)
        y.clear()
        for document in 0..<matrices.documents {
            let (m, n) = (matrices.left(document), matrices.right(document))
            worker.multiply(
                0, 0, m, columns, n, p.value.pointer + starts[document], n,
                b.value.row(matrices.rightStarts[document]), columns, false,
                y.row(matrices.leftStarts[document]), columns)
        }
        let out = Variable(y)
        record { tape in
            guard let dy = out.gradient else { return }
            let (dp, db) = (tape.accumulator(p), tape.accumulator(b))
            for document in 0..<matrices.documents {
                let (m, n) = (matrices.left(document), matrices.right(document))
                let right = matrices.rightStarts[document]
                let d = dy.row(matrices.leftStarts[document])
                tape.worker.multiply(
                    0, 1, m, n, columns, d, columns, b.value.row(right), columns, true,
                    dp + starts[document], n)
                tape.worker.multiply(
                    1, 0, n, columns, m, p.value.pointer + starts[document], n, d, columns, true,
                    db + right * columns, columns)
            }
        }
        return out
    }
}

extension Tensor {
    /// The first element of a row.
    func row(_ row: Int) -> UnsafeMutablePointer<Float> { pointer + row * columns }
}

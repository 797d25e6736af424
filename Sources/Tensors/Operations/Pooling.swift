import CKernels

extension Tape {
    /// The mean over each document's rows.
    ///
    /// - Parameters:
    ///   - x: [rows, columns].
    ///   - documents: where each document's rows begin, and the end.
    /// - Returns: [documents, columns], zeros for a document without rows; dxᵢ = dy / rows.
    package func mean(_ x: Variable, documents: [Int]) -> Variable {
        checkDocuments(documents, cover: x)
        let columns = x.columns
        let y = Variable(tensor(rows: documents.count - 1, columns: columns))
        y.value.clear()
        for document in 0..<(documents.count - 1) {
            let rows = documents[document]..<documents[document + 1]
            for row in rows { warrant_add(y.value.row(document), x.value.row(row), columns) }
            warrant_scale(y.value.row(document), 1 / Float(max(1, rows.count)), columns)
        }
        record { tape in
            guard let dy = y.gradient else { return }
            let dx = tape.accumulator(x)
            for document in 0..<(documents.count - 1) {
                let rows = documents[document]..<documents[document + 1]
                for row in rows {
                    warrant_add_scaled(
                        dx + row * columns, dy.row(document), 1 / Float(rows.count), columns)
                }
            }
        }
        return y
    }

    /// The largest element of each column over each document's rows.
    ///
    /// - Parameters:
    ///   - x: [rows, columns].
    ///   - documents: where each document's rows begin, and the end.
    /// - Returns: [documents, columns], zeros for a document without rows. The gradient goes to the
    ///   first of equal elements.
    package func maximum(_ x: Variable, documents: [Int]) -> Variable {
        checkDocuments(documents, cover: x)
        let (columns, count) = (x.columns, documents.count - 1)
        let y = Variable(tensor(rows: count, columns: columns))
        y.value.clear()
        var places = [Int32](repeating: 0, count: count * columns)
        places.withUnsafeMutableBufferPointer { places in
            for document in 0..<count where documents[document] < documents[document + 1] {
                warrant_column_maxima(
                    y.value.row(document), places.baseAddress.map { $0 + document * columns },
                    x.value.row(documents[document]),
                    documents[document + 1] - documents[document], columns)
            }
        }
        record { [places] tape in
            guard let dy = y.gradient else { return }
            let dx = tape.accumulator(x)
            for document in 0..<count where documents[document] < documents[document + 1] {
                for column in 0..<columns {
                    let row = documents[document] + Int(places[document * columns + column])
                    dx[row * columns + column] += dy.row(document)[column]
                }
            }
        }
        return y
    }
}

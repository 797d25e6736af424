import CKernels

extension Tape {
    /// softmax of a column of scores within each document: eˢ / Σ eˢ over the rows that are not
    /// masked.
    ///
    /// - Parameters:
    ///   - scores: [rows, 1].
    ///   - documents: where each document's rows begin, and the end.
    ///   - masked: for each row whether it is left out: its weight is exactly 0, and it gets no
    ///     gradient. A document whose rows are all masked, or that has none, has no weights but 0.
    /// - Returns: [rows, 1]; ds = p · (dp - Σ p · dp).
    package func softmax(
        _ scores: Variable, documents: [Int], masked: [Bool]? = nil
    ) -> Variable {
        checkDocuments(documents, cover: scores)
        precondition(scores.columns == 1, "a column of scores")
        precondition(masked.map { $0.count == scores.rows } ?? true, "a mask for every row")
        let bytes = masked.map { $0.map { $0 ? UInt8(1) : 0 } }
        let p = Variable(tensor(rows: scores.rows, columns: 1))
        for (start, end) in zip(documents, documents.dropFirst()) {
            let (to, from) = (p.value.pointer + start, scores.value.pointer + start)
            if let bytes {
                bytes.withUnsafeBufferPointer {
                    warrant_softmax(to, from, $0.baseAddress.map { $0 + start }, end - start)
                }
            } else {
                warrant_softmax(to, from, nil, end - start)
            }
        }
        record { tape in
            guard let dp = p.gradient else { return }
            tape.contribute(to: scores) { d in
                for (start, end) in zip(documents, documents.dropFirst()) {
                    warrant_softmax_backward(
                        d + start, dp.pointer + start, p.value.pointer + start, end - start)
                }
            }
        }
        return p
    }

    /// Σ wᵢ xᵢ over each document's rows: with softmax's weights, attention pooling.
    ///
    /// - Parameters:
    ///   - x: [rows, columns].
    ///   - weights: w [rows, 1].
    ///   - documents: where each document's rows begin, and the end.
    /// - Returns: [documents, columns], zeros for a document without rows; dxᵢ = wᵢ · dy,
    ///   dwᵢ = xᵢ · dy.
    package func weightedSum(
        _ x: Variable, weights: Variable, documents: [Int]
    ) -> Variable {
        checkDocuments(documents, cover: x)
        precondition(weights.columns == 1 && weights.rows == x.rows, "a weight for every row")
        let columns = x.columns
        let y = Variable(tensor(rows: documents.count - 1, columns: columns))
        y.value.clear()
        for document in 0..<(documents.count - 1) {
            for row in documents[document]..<documents[document + 1] {
                warrant_add_scaled(
                    y.value.row(document), x.value.row(row), weights.value.pointer[row], columns)
            }
        }
        record { tape in
            guard let dy = y.gradient else { return }
            let dx = tape.accumulator(x)
            for document in 0..<(documents.count - 1) {
                for row in documents[document]..<documents[document + 1] {
                    warrant_add_scaled(
                        dx + row * columns, dy.row(document), weights.value.pointer[row], columns)
                }
            }
            tape.contribute(to: weights) { dw in
                for document in 0..<(documents.count - 1) {
                    for row in documents[document]..<documents[document + 1] {
                        dw[row] = warrant_dot(dy.row(document), x.value.row(row), columns)
                    }
                }
            }
        }
        return y
    }

    /// Complains about documents that do not cover a variable's rows in their order.
    func checkDocuments(_ documents: [Int], cover x: Variable) {
        precondition(
            documents.first == 0 && documents.last == x.rows
                && zip(documents, documents.dropFirst()).allSatisfy { $0 <= $1 },
            "documents cover all rows")
    }
}

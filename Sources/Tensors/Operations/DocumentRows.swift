extension Tape {
    /// Each document's rows in reverse order.
    ///
    /// - Parameters:
    ///   - x: [rows, columns].
    ///   - documents: where each document's rows begin, and the end.
    /// - Returns: [rows, columns].
    package func reversed(_ x: Variable, documents: [Int]) -> Variable {
        checkDocuments(documents, cover: x)
        let rows = zip(documents, documents.dropFirst()).flatMap { ($0..<$1).reversed() }
        return select(rows: rows, of: x)
    }

    /// Each document's row of `x`, repeated for every row of the document: a question's vector beside
    /// the words of its passage.
    ///
    /// - Parameters:
    ///   - x: [documents, columns].
    ///   - documents: where each document's rows begin, and the end.
    /// - Returns: [rows, columns]; dx = Σ dy over the document's rows.
    package func broadcast(_ x: Variable, documents: [Int]) -> Variable {
        precondition(x.rows == documents.count - 1, "a row for every document")
        let rows = zip(documents, documents.dropFirst()).enumerated().flatMap { index, range in
            Array(repeating: index, count: range.1 - range.0)
        }
        return select(rows: rows, of: x)
    }
}

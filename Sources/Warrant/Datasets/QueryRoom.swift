extension Tokenizer {
    /// Complains about a row whose query leaves no room for its text, before there is work to lose.
    ///
    /// - Parameter limit: how many pieces are read at a time.
    /// - Throws: `DatasetError` that names the row.
    package func checkRoom(_ row: Example, limit: Int) throws {
        // A piece takes a byte at least, and there are three special tokens: most queries are far
        // from the limit, and need no second look.
        guard let query = row.query, query.utf8.count + 8 >= limit else { return }
        do { _ = try tokenize(row.text, query: query, maximumLength: limit) } catch {
            throw DatasetError(.badData, at: row.location, "\(error)")
        }
    }
}

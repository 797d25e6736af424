import Datasets
import Errors
import Tokenization

extension Tokenizer {
    /// Complains about a row whose query leaves no room for its text, before there is work to lose.
    ///
    /// - Parameter chunk: how many pieces are read at a time.
    /// - Throws: `DatasetError` that names the row.
    package func checkRoom(_ row: Example, _ chunk: ChunkSize) throws {
        // A piece takes a byte at least, and there are three special tokens: most queries are far
        // from three quarters of a chunk, and need no second look.
        guard let query = row.query, (query.utf8.count + 8) * 4 >= chunk.length * 3 else { return }
        do { _ = try chunks(of: row.text, query: query, chunk) } catch {
            throw DatasetError(.badData, at: row.location, "\(error)")
        }
    }

    /// Complains about a row whose query leaves no room for its text or for its rationale.
    ///
    /// - Parameter chunks: how many pieces of each are read at a time.
    /// - Throws: `DatasetError` that names the row.
    package func checkRoom(
        _ row: Example, _ chunks: (documents: ChunkSize, rationales: ChunkSize)
    ) throws {
        try checkRoom(row, chunks.documents)
        guard chunks.rationales != chunks.documents else { return }
        try checkRationaleRoom(row, chunks.rationales)
    }

    /// Complains about a row whose query leaves no room for its rationale, which may be as long as its
    /// text.
    ///
    /// - Parameter chunk: how many pieces of a rationale are read at a time.
    /// - Throws: `DatasetError` that names the row.
    package func checkRationaleRoom(_ row: Example, _ chunk: ChunkSize) throws {
        do { try checkRoom(row, chunk) } catch let error as DatasetError {
            throw DatasetError(
                error.kind, at: error.location, "for the classifier: \(error.message)")
        }
    }
}

import Warrant

extension RationaleModel {
    /// Complains about a row whose query does not fit the model.
    ///
    /// - Throws: `DatasetError` that names the row.
    func checkQuery(_ row: Example) throws {
        guard (row.query != nil) == manifest.usesQuery else {
            throw DatasetError(
                .badData, at: row.location,
                manifest.usesQuery
                    ? "the row has no query, but this model was trained with queries; give it in a "
                        + "field \"query\", name its column with --query-column, or use --query"
                    : "the row has a query, but this model was trained without; remove it")
        }
        guard row.rationale != nil || manifest.scorer != "human" || manifest.usesTagger else {
            throw DatasetError(
                .badData, at: row.location,
                "the row has no human rationale, and this model's scorer \"human\" selects by it; give "
                    + "it in a field \"rationale\": [[first word, word after the last], …]")
        }
        try extractor.tokenizer.checkRoom(row, extractor.chunk)
        try checkMemory(row)
    }

    /// Complains about a row that cannot be classified: `checkQuery`, and room for the rationale.
    ///
    /// - Throws: `DatasetError` that names the row.
    func checkClassifiable(_ row: Example) throws {
        try checkQuery(row)
        guard manifest.classifierChunk != manifest.chunk else { return }
        try classifier.tokenizer.checkRationaleRoom(row, classifier.chunk)
    }
}

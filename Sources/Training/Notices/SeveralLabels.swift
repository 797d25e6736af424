import Datasets

/// Finds texts that stand in the data with several labels: at most one of them can be learned.
struct SeveralLabels: RowCheck {
    /// The first row of each text, by its hash.
    private var first: [Int: (label: String, location: SourceLocation)] = [:]
    private var contradicted: Set<Int> = []
    private var example: String?

    mutating func add(_ row: Example, to set: RowSet) {
        guard let label = row.label else { return }
        let hash = row.textHash
        guard let other = first[hash] else {
            first[hash] = (label, row.location)
            return
        }
        guard other.label != label else { return }
        contradicted.insert(hash)
        if example == nil {
            example =
                "\(other.location) is labelled \(DatasetError.quote(other.label)) and "
                + "\(row.location) \(DatasetError.quote(label))"
        }
    }

    var notices: [Notice] {
        guard let example else { return [] }
        let count = contradicted.count
        return [
            Notice(
                kind: .severalLabels, count: count,
                message:
                    "\(count) \(count == 1 ? "text has" : "texts have") several labels: \(example), "
                    + "with the same text; correct the labels, or drop the rows")
        ]
    }
}

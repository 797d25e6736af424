import Datasets

/// Finds rows of a file with an id that an earlier row has: answers cannot be told apart by it.
struct RepeatedIDs: RowCheck {
    /// A row's name within its file.
    private struct Key: Hashable {
        let file: String
        let id: String
    }

    private var first: [Key: SourceLocation] = [:]
    private var count = 0
    private var example: String?

    mutating func add(_ row: Example, to set: RowSet) {
        guard let id = row.id else { return }
        let key = Key(file: row.location.file, id: id)
        guard let other = first[key] else {
            first[key] = row.location
            return
        }
        // A file may serve as two sets.
        guard other != row.location else { return }
        count += 1
        if example == nil {
            example = "\(row.location) and \(other) are both \(DatasetError.quote(id))"
        }
    }

    var notices: [Notice] {
        guard let example else { return [] }
        return [
            Notice(
                kind: .repeatedIDs, count: count,
                message:
                    "\(count) \(count == 1 ? "row has" : "rows have") an id that another row of the "
                    + "file has: \(example); answers cannot be told apart by it")
        ]
    }
}

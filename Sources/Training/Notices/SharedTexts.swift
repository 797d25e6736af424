import Datasets

/// Finds texts of dev and test that also stand in train: a score on them says little about new texts.
struct SharedTexts: RowCheck {
    /// Where each text of train stands first, by its hash.
    private var train: [Int: SourceLocation] = [:]
    private var found: [RowSet: Found] = [:]

    /// What was found in a set.
    private struct Found {
        var rows = 0
        var shared = 0
        var example: (here: SourceLocation, inTrain: SourceLocation)?
    }

    mutating func add(_ row: Example, to set: RowSet) {
        let hash = row.textHash
        guard set != .train else {
            if train[hash] == nil { train[hash] = row.location }
            return
        }
        found[set, default: Found()].rows += 1
        guard let place = train[hash] else { return }
        found[set]?.shared += 1
        if found[set]?.example == nil { found[set]?.example = (row.location, place) }
    }

    var notices: [Notice] {
        RowSet.allCases.compactMap { set in
            guard let found = found[set], let example = found.example else { return nil }
            return Notice(
                kind: .sharedTexts, count: found.shared,
                message:
                    "\(found.shared) of \(found.rows) \(set.rawValue) texts also stand in train, such "
                    + "as \(example.here), which is \(example.inTrain): scores on them say little "
                    + "about new texts; take them out of one of the two")
        }
    }
}

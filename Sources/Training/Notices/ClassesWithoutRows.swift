import Datasets

/// Finds classes of which a set has no rows: its macro-F1 says nothing of them.
struct ClassesWithoutRows: RowCheck {
    private let labels: [String]
    private var seen: [RowSet: Set<String>] = [:]

    init(labels: [String]) { self.labels = labels }

    mutating func add(_ row: Example, to set: RowSet) {
        guard let label = row.label else { return }
        seen[set, default: []].insert(label)
    }

    var notices: [Notice] {
        RowSet.allCases.compactMap { set in
            guard let seen = seen[set] else { return nil }
            let missing = labels.filter { !seen.contains($0) }
            guard !missing.isEmpty else { return nil }
            let shown = missing.prefix(5).map { DatasetError.quote($0) }.joined(separator: ", ")
            let more = missing.count > 5 ? " and \(missing.count - 5) more" : ""
            let remedy =
                set == .dev
                ? ", and little about which epoch is best; give a --dev that has them" : ""
            return Notice(
                kind: .classesWithoutRows, count: missing.count,
                message:
                    "\(set.rawValue) has no document labelled \(shown)\(more): its macro-F1 is of "
                    + "\(labels.count - missing.count) of \(labels.count) classes and says nothing of "
                    + "the others\(remedy)")
        }
    }
}

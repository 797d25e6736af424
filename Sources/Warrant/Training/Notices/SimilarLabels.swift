/// Finds labels that differ only in case, in white space, or as numbers are written ("1" and "1.0"):
/// each is a class of its own.
struct SimilarLabels: RowCheck {
    /// Where each label stands first.
    private var first: [String: SourceLocation] = [:]

    mutating func add(_ row: Example, to set: RowSet) {
        guard let label = row.label, first[label] == nil else { return }
        first[label] = row.location
    }

    var notices: [Notice] {
        let groups = Dictionary(grouping: LabelOrder.sorted(first.keys), by: Likeness.init)
            .values.filter { $0.count > 1 }
        let count = groups.reduce(0) { $0 + $1.count }
        guard
            let group = groups.min(by: { LabelOrder.sorted([$0[0], $1[0]]).first == $0[0] })
        else { return [] }
        let shown = group.prefix(3).map { label in
            DatasetError.quote(label) + (first[label].map { " (\($0))" } ?? "")
        }.joined(separator: ", ")
        return [
            Notice(
                kind: .similarLabels, count: count,
                message:
                    "\(count) labels differ from others only in case, in white space or as numbers are "
                    + "written, such as \(shown): each is a class of its own; write a class in one "
                    + "way")
        ]
    }

    /// What labels have in common that are nearly the same.
    private enum Likeness: Hashable {
        case number(DecimalNumber)
        case text(String)

        init(_ label: String) {
            let bytes = Array(label.utf8)
            let words = wordRanges(in: label).map { String(decoding: bytes[$0], as: UTF8.self) }
            let text = words.joined(separator: " ")
            self = DecimalNumber(text).map { .number($0) } ?? .text(text.lowercased())
        }
    }
}

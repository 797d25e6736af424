import Datasets
import Tokenization

/// Finds labels that differ only in case, in white space, or as numbers are written ("1" and "1.0"),
/// each a class of its own; and rows whose labels differ only in how Unicode composes characters,
/// which are of one class.
struct SimilarLabels: RowCheck {
    /// Where each label stands first, and how it is written there.
    private var first: [String: (label: String, location: SourceLocation)] = [:]
    /// The first row whose label is composed otherwise than where it stands first.
    private var otherComposition: SourceLocation?
    private var composedOtherwise = 0

    mutating func add(_ row: Example, to set: RowSet) {
        guard let label = row.label else { return }
        guard let known = first[label] else {
            first[label] = (label, row.location)
            return
        }
        // Strings are equal in Swift where they are canonically equivalent.
        guard !known.label.utf8.elementsEqual(label.utf8) else { return }
        composedOtherwise += 1
        otherComposition = otherComposition ?? row.location
    }

    var notices: [Notice] { lookAlikes + compositions }

    private var compositions: [Notice] {
        guard let otherComposition else { return [] }
        return [
            Notice(
                kind: .composedLabels, count: composedOtherwise,
                message:
                    "\(composedOtherwise) row\(composedOtherwise == 1 ? " writes its label" : "s write their labels") "
                    + "with other Unicode code points than the first row of the same class, such as "
                    + "\(otherComposition): they look alike and are taken for one class")
        ]
    }

    private var lookAlikes: [Notice] {
        let groups = Dictionary(grouping: LabelOrder.sorted(first.keys), by: Likeness.init)
            .values.filter { $0.count > 1 }
        let count = groups.reduce(0) { $0 + $1.count }
        guard
            let group = groups.min(by: { LabelOrder.sorted([$0[0], $1[0]]).first == $0[0] })
        else { return [] }
        let shown = group.prefix(3).map { label in
            DatasetError.quote(label) + (first[label].map { " (\($0.location))" } ?? "")
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

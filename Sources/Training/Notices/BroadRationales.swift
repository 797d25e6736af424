import Datasets
import Tokenization

/// Finds that most human rationales hold nearly all words of their texts: then agreement with them
/// says little, and offsets may have been read in another unit than was meant.
struct BroadRationales: RowCheck {
    /// The share of words from which a rationale is broad.
    private static let share = 0.9

    private var marked = 0
    private var broad = 0
    private var example: SourceLocation?

    mutating func add(_ row: Example, to set: RowSet) {
        guard let rationale = row.rationale, !rationale.isEmpty else { return }
        marked += 1
        let words = rationale.reduce(0) { $0 + $1.count }
        guard Double(words) >= Self.share * Double(wordRanges(in: row.text).count) else { return }
        broad += 1
        if example == nil { example = row.location }
    }

    var notices: [Notice] {
        guard let example, 2 * broad > marked else { return [] }
        return [
            Notice(
                kind: .broadRationales, count: broad,
                message:
                    "\(broad) of \(marked) human rationales hold nine tenths of the words of their text "
                    + "or more, such as that of \(example): agreement with them says little; check "
                    + "that their offsets count what was read, words or characters")
        ]
    }
}

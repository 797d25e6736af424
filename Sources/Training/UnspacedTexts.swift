import Datasets
import Tokenization

/// The texts among some rows that are written without spaces.
package struct UnspacedTexts: Sendable, Equatable {
    /// How many there are.
    package let count: Int
    /// Where the first of them stands.
    package let example: SourceLocation

    /// Counts; nil where they are not most of the rows. White space then says little of where words
    /// end, and `WordRule.unicode` says more.
    ///
    /// - Complexity: O(bytes of the texts).
    package init?(_ rows: [Example]) {
        let unspaced = rows.filter { hasHardlyAnySpaces($0.text) }
        guard let first = unspaced.first, unspaced.count * 2 > rows.count else { return nil }
        count = unspaced.count
        example = first.location
    }
}

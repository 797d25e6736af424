/// Brings a human rationale into its one form: ascending, overlapping ranges merged, empty ones
/// left out.
///
/// - Parameters:
///   - ranges: pairs of first word and the word after the last.
///   - wordCount: the number of words of the text.
///   - location: the row's place, for errors.
/// - Throws: ``DatasetError`` for a range that is inverted or not within the text.
func normalisedRationale(
    _ ranges: [(start: Int, end: Int)], wordCount: Int, location: SourceLocation
) throws(DatasetError) -> [Range<Int>] {
    var merged: [Range<Int>] = []
    for (start, end) in ranges.sorted(by: { $0 < $1 }) {
        guard start <= end else {
            throw DatasetError(
                .badData, at: location,
                "the rationale range [\(start), \(end)] is inverted; expected the first word and "
                    + "the word after the last")
        }
        guard start >= 0 && end <= wordCount else {
            throw DatasetError(
                .badData, at: location,
                "the rationale range [\(start), \(end)] is outside the text, which has "
                    + "\(wordCount) words; expected word indices, not characters")
        }
        if start == end { continue }
        if let last = merged.last, start < last.upperBound {
            merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, end)
        } else {
            merged.append(start..<end)
        }
    }
    return merged
}

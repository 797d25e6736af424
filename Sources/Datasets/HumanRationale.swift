/// Brings a human rationale into its one form: ascending, overlapping ranges merged, empty ones
/// left out.
package func mergedRanges(_ ranges: [Range<Int>]) -> [Range<Int>] {
    var merged: [Range<Int>] = []
    let ascending = ranges.sorted {
        ($0.lowerBound, $0.upperBound) < ($1.lowerBound, $1.upperBound)
    }
    for range in ascending where !range.isEmpty {
        if let last = merged.last, range.lowerBound < last.upperBound {
            merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
        } else {
            merged.append(range)
        }
    }
    return merged
}

/// The words that more than half of several masks hold, as ranges.
///
/// - Parameter masks: a value for each word, each as many.
func mostlyMarked(_ masks: [[Bool]]) -> [Range<Int>] {
    var ranges: [Range<Int>] = []
    for word in 0..<(masks.first?.count ?? 0)
    where masks.count(where: { $0[word] }) * 2 > masks.count {
        if let last = ranges.last, last.upperBound == word {
            ranges[ranges.count - 1] = last.lowerBound..<word + 1
        } else {
            ranges.append(word..<word + 1)
        }
    }
    return ranges
}

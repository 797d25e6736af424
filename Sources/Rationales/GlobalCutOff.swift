/// A score relative to its document's mean, where the document's scores add up to 1; exact.
func relative(_ score: Float, _ wordCount: Int) -> Double {
    Double(score) * Double(wordCount)
}

/// The cut-off at which selections over a data set hold as many words as possible of
/// ⌈ratio · all words⌉, and no more.
///
/// A bisection over all numbers between the lowest and the highest relative score. A document of
/// which as much is selected at both ends of an interval is settled inside it, so that after some
/// dozen steps few documents are left.
///
/// - Parameters:
///   - scores: the scores of each document.
///   - ratio: the share of all words to keep, in (0, 1].
///   - size: how many words of a document are selected at a cut-off: all where each relative score
///     is above it, the minimum where none is, and never more at a higher one.
/// - Returns: a cut-off with the most words that keep to the budget; the largest finite `Float`
///   where none does, the smallest where all words do.
/// - Complexity: 66 · O(size) a document at most.
func globalCutOff(
    _ scores: [[Float]], ratio: Double, size: (_ scores: [Float], _ cutOff: Double) -> Int
) -> Double {
    let limit = Double(Float.greatestFiniteMagnitude)
    let wordCount = scores.reduce(0) { $0 + $1.count }
    let budget = selectionSize(ratio: ratio, wordCount: wordCount)
    if wordCount <= budget { return -limit }

    var (lowest, highest) = (Double.infinity, -Double.infinity)
    for document in scores {
        precondition(document.allSatisfy(\.isFinite), "scores are finite")
        guard let least = document.min(), let greatest = document.max() else { continue }
        lowest = min(lowest, relative(least, document.count))
        highest = max(highest, relative(greatest, document.count))
    }

    // At `low` there are too many words, at `high` not.
    var (low, high) = (position(lowest) - 1, position(highest))
    var open = scores.indices.map { index in
        Interval(document: index, low: scores[index].count, high: size(scores[index], highest))
    }
    if open.reduce(0, { $0 + $1.high }) > budget { return limit }
    var settled = 0
    while low + 1 < high {
        settled += open.reduce(0) { $0 + ($1.low == $1.high ? $1.low : 0) }
        open.removeAll { $0.low == $0.high }
        // The mean without the overflow of a sum.
        let middle = (low & high) + ((low ^ high) >> 1)
        let cutOff = number(at: middle)
        let sizes = open.map { size(scores[$0.document], cutOff) }
        let total = sizes.reduce(settled, +)
        if total == budget { return cutOff }
        if total < budget { high = middle } else { low = middle }
        for (index, size) in sizes.enumerated() {
            if total < budget { open[index].high = size } else { open[index].low = size }
        }
    }
    return number(at: high)
}

/// How many words of a document are selected at the two ends of the search's interval.
private struct Interval {
    let document: Int
    var low: Int
    var high: Int
}

/// A number's place among all numbers: neighbours are one apart.
private func position(_ number: Double) -> Int64 {
    let bits = Int64(bitPattern: number.bitPattern)
    return bits >= 0 ? bits : Int64.min - bits
}

private func number(at position: Int64) -> Double {
    let magnitude = Double(bitPattern: UInt64(abs(position)))
    return position >= 0 ? magnitude : -magnitude
}

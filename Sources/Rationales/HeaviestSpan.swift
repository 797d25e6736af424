/// The span of `length` adjacent words with the largest sum; ties go to the earlier span.
///
/// - Parameters:
///   - length: at most the number of values.
///   - values: from `FixedPoint`.
/// - Complexity: O(n) for n values.
func heaviestSpan(length: Int, in values: ArraySlice<Int128>) -> (span: Range<Int>, sum: Int128) {
    precondition(length <= values.count, "a span is not longer than what it is taken from")
    var sum = values.prefix(length).reduce(0, +)
    var best = sum
    var start = values.startIndex
    for end in (values.startIndex + length)..<max(values.startIndex + length, values.endIndex) {
        sum += values[end] - values[end - length]
        if sum > best {
            best = sum
            start = end - length + 1
        }
    }
    return (start..<start + length, best)
}

/// The span of at least `minimum` adjacent words with the largest sum; ties go to the earlier
/// start, then to the shorter span.
///
/// A span's sum is the difference of two prefix sums, and so the best span that ends at a word
/// starts after the smallest prefix sum at least `minimum` words before.
///
/// - Parameters:
///   - minimum: at most the number of values.
///   - values: from `FixedPoint`, or differences of such numbers.
/// - Complexity: O(n) for n values.
func heaviestSpan(minimum: Int, in values: [Int128]) -> Range<Int> {
    precondition(minimum <= values.count, "a span is not longer than what it is taken from")
    // Sums of the words before `end` and before the start that is to be considered next.
    var prefix = values.prefix(minimum).reduce(0, +)
    var nextPrefix: Int128 = 0
    var (start, startPrefix) = (0, nextPrefix)
    var (best, bestSum) = (0..<minimum, prefix)
    for end in minimum..<values.count {
        prefix += values[end]
        nextPrefix += values[end - minimum]
        if nextPrefix < startPrefix {
            start = end - minimum + 1
            startPrefix = nextPrefix
        }
        // Starts only move on, so that the first of equal sums starts first and is the shortest.
        let sum = prefix - startPrefix
        if sum > bestSum {
            best = start..<end + 1
            bestSum = sum
        }
    }
    return best
}

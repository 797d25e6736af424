/// The span of k adjacent words with the largest sum of scores, k = ⌈ratio · words⌉; ties go to
/// the earlier span.
///
///     Contiguous(ratio: 0.4).select([0.1, 0.3, 0.2, 0.3, 0.1]) // [1, 2]
///
/// Source: Jain et al., ACL 2020, section 3.
public struct Contiguous: Thresholder, Hashable {
    /// The share of a document's words to keep, in (0, 1].
    public let ratio: Double

    /// The name `contiguous`.
    public var name: String { ThresholderName.contiguous.rawValue }

    /// Keeps one span that holds a share of a document's words, `ratio` in (0, 1].
    public init(ratio: Double) {
        precondition(ratio > 0 && ratio <= 1, "a ratio lies above 0 and is at most 1")
        self.ratio = ratio
    }

    /// Selects the span with the largest sum.
    ///
    /// Sums are exact: two spans tie whenever their scores add up to the same number, whatever
    /// the order of the additions and whatever came before the span.
    ///
    /// - Complexity: O(n) for n words.
    public func select(_ scores: [Float]) -> [Int] {
        precondition(scores.allSatisfy(\.isFinite), "scores are finite")
        let size = selectionSize(ratio: ratio, wordCount: scores.count)
        let values = fixedPoint(scores)

        var sum = values.prefix(size).reduce(0, +)
        var best = sum
        var start = 0
        for end in size..<max(size, values.count) {
            sum += values[end] - values[end - size]
            if sum > best {
                best = sum
                start = end - size + 1
            }
        }
        return Array(start..<start + size)
    }

    /// The scores as whole multiples of 2⁻⁹⁹ times the largest score's power of two.
    ///
    /// In floating point a sliding sum gathers rounding errors that break ties at random; sums of
    /// integers do not. A score is 24 bits wide, so only bits some 2⁻⁷⁶ below the largest score
    /// are lost, and 2²⁶ words can be summed before 127 bits overflow.
    private func fixedPoint(_ scores: [Float]) -> [Int128] {
        precondition(scores.count < 1 << 26, "a document has fewer than 2^26 words")
        let largest = scores.reduce(0) { max($0, exponent(of: $1)) }
        return scores.map { score in
            let hidden: UInt32 = score.exponentBitPattern == 0 ? 0 : 1 << 23
            let significand = Int128(score.significandBitPattern | hidden)
            let magnitude = significand << (exponent(of: score) - largest + 76)
            return score.sign == .minus ? -magnitude : magnitude
        }
    }

    /// The biased exponent; subnormal numbers share that of the smallest normal ones.
    private func exponent(of score: Float) -> Int {
        max(Int(score.exponentBitPattern), 1)
    }
}

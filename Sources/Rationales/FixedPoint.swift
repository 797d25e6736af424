/// Numbers as whole multiples of one unit, 2⁻⁹⁹ times the largest one's power of two.
///
/// In floating point a sum depends on the order of its terms, and its rounding errors break ties
/// at random; sums of integers do neither. A score is 24 bits wide and its product with a number
/// of words at most 50, so only bits some 2⁻⁵⁰ below the largest number are lost, towards zero.
/// Numbers stay below 2¹⁰⁰ units and their differences below 2¹⁰¹, of which 2²⁶ can be summed
/// before 127 bits overflow.
struct FixedPoint {
    /// The most words of a document whose sums cannot overflow.
    static let maximumWords = 1 << 26

    /// The biased exponent of the largest number.
    private let largestExponent: Int

    /// A unit for numbers of a magnitude up to `largest`.
    init(largest: Double) {
        largestExponent = Self.exponent(of: largest)
    }

    /// The number in units; its magnitude is at most that of `largest`.
    func callAsFunction(_ number: Double) -> Int128 {
        let hidden: UInt64 = number.exponentBitPattern == 0 ? 0 : 1 << 52
        let significand = Int128(number.significandBitPattern | hidden)
        let magnitude = significand << (Self.exponent(of: number) - largestExponent + 47)
        return number.sign == .minus ? -magnitude : magnitude
    }

    /// A document's scores in units of their own.
    static func values(_ scores: [Float]) -> [Int128] {
        precondition(scores.count < maximumWords, "a document has fewer than 2^26 words")
        precondition(scores.allSatisfy(\.isFinite), "scores are finite")
        let unit = FixedPoint(largest: scores.reduce(0) { max($0, Double(abs($1))) })
        return scores.map { unit(Double($0)) }
    }

    /// The biased exponent; subnormal numbers share that of the smallest normal ones.
    private static func exponent(of number: Double) -> Int {
        max(Int(number.exponentBitPattern), 1)
    }
}

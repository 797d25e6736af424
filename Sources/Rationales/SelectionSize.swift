/// The number of words that a ratio of a document amounts to: ⌈ratio · wordCount⌉.
///
/// The product is taken as the decimal that was meant, not as the binary fraction next to it:
/// 0.28 · 25 is 7 here, although in floating point it exceeds 7 and its ceiling is 8.
///
/// - Parameters:
///   - ratio: the share of words to keep, in (0, 1].
///   - wordCount: the number of words in the document.
/// - Returns: at least 1 when there is a word, at most `wordCount`, 0 when there is none.
package func selectionSize(ratio: Double, wordCount: Int) -> Int {
    precondition(ratio > 0 && ratio <= 1, "a ratio lies above 0 and is at most 1")
    precondition(wordCount >= 0, "a document does not have a negative number of words")
    // Rounding errors of the product stay below 1e-9 up to some millions of words, and a ratio
    // that is meant to differ from a decimal by so little is not in use.
    let size = Int((ratio * Double(wordCount) - 1e-9).rounded(.up))
    return min(wordCount, max(size, min(1, wordCount)))
}

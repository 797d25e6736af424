/// How many words of a document a rationale may hold.
package enum Budget: Sendable, Hashable {
    /// A share of the document's words, in (0, 1], rounded up.
    case ratio(Double)

    /// A number of words, at least 1; a shorter document is kept whole.
    case words(Int)

    /// The number of words that the budget amounts to.
    ///
    ///     Budget.ratio(0.2).size(wordCount: 6) // 2
    ///     Budget.words(10).size(wordCount: 6)  // 6
    ///
    /// - Parameter wordCount: the number of words in the document.
    /// - Returns: at least 1 when there is a word, at most `wordCount`, 0 when there is none.
    package func size(wordCount: Int) -> Int {
        checkRange()
        switch self {
        case .ratio(let ratio):
            return selectionSize(ratio: ratio, wordCount: wordCount)
        case .words(let words):
            precondition(wordCount >= 0, "a document does not have a negative number of words")
            return min(words, wordCount)
        }
    }

    /// Stops the program where the budget is out of its range.
    func checkRange() {
        switch self {
        case .ratio(let ratio):
            precondition(ratio > 0 && ratio <= 1, "a ratio lies above 0 and is at most 1")
        case .words(let words):
            precondition(words >= 1, "a budget holds at least one word")
        }
    }
}

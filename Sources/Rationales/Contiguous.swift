/// The span of k adjacent words with the largest sum of scores, k by a ``Budget``; ties go to the
/// earlier span.
///
///     Contiguous(ratio: 0.4).select([0.1, 0.3, 0.2, 0.3, 0.1]) // [1, 2]
///     Contiguous(words: 3).select([0.1, 0.3, 0.2, 0.3, 0.1])   // [1, 2, 3]
///
/// Source: Jain et al., ACL 2020, section 3.
package struct Contiguous: Thresholder, Hashable {
    /// How many words are kept.
    package let budget: Budget

    /// The name `contiguous`.
    package var name: String { ThresholderName.contiguous.rawValue }

    /// Keeps one span of as many words as the budget allows.
    package init(budget: Budget) {
        budget.checkRange()
        self.budget = budget
    }

    /// Keeps one span that holds a share of a document's words, `ratio` in (0, 1].
    package init(ratio: Double) { self.init(budget: .ratio(ratio)) }

    /// Keeps one span of a number of words, at least 1.
    package init(words: Int) { self.init(budget: .words(words)) }

    /// Selects the span with the largest sum.
    ///
    /// Sums are exact: two spans tie whenever their scores add up to the same number, whatever
    /// the order of the additions and whatever came before the span.
    ///
    /// - Complexity: O(n) for n words.
    package func select(_ scores: [Float], sentences: [Range<Int>]) -> [Int] {
        let values = FixedPoint.values(scores)
        let size = budget.size(wordCount: scores.count)
        return Array(heaviestSpan(length: size, in: values[...]).span)
    }
}

extension ThresholderName {
    /// ``Contiguous``.
    public static let contiguous = ThresholderName("contiguous")
}

extension Contiguous {
    static let entry = Thresholders.Entry(
        .contiguous, "the best span, within --ratio or --words"
    ) { Contiguous(budget: $0) }
}

/// The k words with the highest scores, k by a ``Budget``; ties go to the earlier word.
///
///     TopK(ratio: 0.4).select([0.1, 0.3, 0.2, 0.3, 0.1]) // [1, 3]
///     TopK(words: 1).select([0.1, 0.3, 0.2, 0.3, 0.1])   // [1]
///
/// Source: Jain et al., ACL 2020, section 3.
package struct TopK: Thresholder, Hashable {
    /// How many words are kept.
    package let budget: Budget

    /// The name `top-k`.
    package var name: String { ThresholderName.topK.rawValue }

    /// Keeps as many words as the budget allows.
    package init(budget: Budget) {
        budget.checkRange()
        self.budget = budget
    }

    /// Keeps a share of a document's words, `ratio` in (0, 1].
    package init(ratio: Double) { self.init(budget: .ratio(ratio)) }

    /// Keeps a number of words, at least 1.
    package init(words: Int) { self.init(budget: .words(words)) }

    /// Selects the k highest scores.
    ///
    /// - Complexity: O(n log n) for n words.
    package func select(_ scores: [Float], sentences: [Range<Int>]) -> [Int] {
        ranking(scores).prefix(budget.size(wordCount: scores.count)).sorted()
    }
}

extension ThresholderName {
    /// ``TopK``.
    public static let topK = ThresholderName("top-k")
}

extension TopK {
    static let entry = Thresholders.Entry(
        .topK, "the best words, within --ratio or --words"
    ) { TopK(budget: $0) }
}

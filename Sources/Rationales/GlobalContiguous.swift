/// One span a document, its length by a budget over a data set, with a minimum a document.
///
/// The span of at least `minimum` words that maximises Σ (relative score − cut-off), where a
/// relative score is a score times the document's number of words: 1 is the mean. This is the
/// Lagrangian relaxation of "spans with the largest relative scores in all, within a budget of
/// words": the cut-off is the price of a word, the same for every document, set once by the
/// training documents (``calibrated(on:ratio:minimum:)``). So a document is selected alone, with
/// the same answer in any company, and one whose saliency spreads gets more words.
///
///     let selector = GlobalContiguous(cutOff: 1.1, minimum: 1)
///     selector.select([0.1, 0.3, 0.2, 0.3, 0.1]) // [1, 2, 3]: 0.4 − 0.1 + 0.4
///     selector.select([0.2, 0.2, 0.2, 0.2, 0.2]) // [0]
///
/// Source of the relaxation: Everett, *Generalized Lagrange Multiplier Method for Solving Problems
/// of Optimum Allocation of Resources*, Operations Research 11(3), 1963.
package struct GlobalContiguous: Thresholder, Hashable {
    /// What a word must add: a multiple of the document's mean score.
    package let cutOff: Double

    /// The fewest words that are kept of a document that has so many.
    package let minimum: Int

    /// The name `global-contiguous`.
    package var name: String { ThresholderName.globalContiguous.rawValue }

    /// Keeps the best span at a cut-off, a finite number, of at least `minimum` ≥ 1 words.
    package init(cutOff: Double, minimum: Int) {
        precondition(cutOff.isFinite, "a cut-off is finite")
        precondition(minimum >= 1, "a rationale holds at least one word")
        self.cutOff = cutOff
        self.minimum = minimum
    }

    /// The cut-off at which the documents' selections hold as many words as possible of
    /// ⌈ratio · all words⌉, and no more.
    ///
    /// Where the minimum of each document alone exceeds the budget the cut-off is the largest
    /// finite `Float`, and where the budget holds all words the smallest: no share is past either.
    ///
    /// - Parameters:
    ///   - scores: the scores of each document.
    ///   - ratio: the share of all words to keep, in (0, 1].
    ///   - minimum: the fewest words of a document, at least 1.
    /// - Complexity: O(n) for n words in all, times the passes of the search: 66 at most, about
    ///   a dozen in practice.
    package static func calibrated(on scores: [[Float]], ratio: Double, minimum: Int) -> Self {
        // A higher price never makes the best span longer, as the search needs: let a and b be
        // best at prices p < q. Each is at least as good as the other at its own price; the sum of
        // the two inequalities is (q − p)(|a| − |b|) ≥ 0. Sums are exact, so it holds here.
        let cutOff = globalCutOff(scores, ratio: ratio) { scores, cutOff in
            span(scores, cutOff: cutOff, minimum: minimum).count
        }
        return Self(cutOff: cutOff, minimum: minimum)
    }

    /// Selects the best span; ties go to the earlier start, then to the shorter span.
    ///
    /// - Complexity: O(n) for n words.
    package func select(_ scores: [Float], sentences: [Range<Int>]) -> [Int] {
        Array(Self.span(scores, cutOff: cutOff, minimum: minimum))
    }

    private static func span(_ scores: [Float], cutOff: Double, minimum: Int) -> Range<Int> {
        precondition(scores.count < FixedPoint.maximumWords, "a document has fewer than 2^26 words")
        precondition(scores.allSatisfy(\.isFinite), "scores are finite")
        guard let least = scores.min(), let greatest = scores.max() else { return 0..<0 }
        // Every word adds something.
        if cutOff < relative(least, scores.count) { return 0..<scores.count }
        // At the greatest score and past it no word adds anything, so that the best span is the
        // best of the minimum's length, whatever the price. Below it the price is as wide as the
        // scores, and their unit serves for it.
        let price = min(cutOff, relative(greatest, scores.count))
        let unit = FixedPoint(largest: relative(max(abs(least), abs(greatest)), scores.count))
        let unitPrice = unit(price)
        let values = scores.map { unit(relative($0, scores.count)) - unitPrice }
        return heaviestSpan(minimum: min(minimum, scores.count), in: values)
    }
}

extension ThresholderName {
    /// ``GlobalContiguous``.
    public static let globalContiguous = ThresholderName("global-contiguous")
}

extension GlobalContiguous {
    static let entry = Thresholders.Entry(
        .globalContiguous,
        "the best spans over all texts, by --ratio",
        calibrate: { calibrated(on: $0, ratio: $1, minimum: $2).cutOff },
        make: { GlobalContiguous(cutOff: $0, minimum: $1) })
}

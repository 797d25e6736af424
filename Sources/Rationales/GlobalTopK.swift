/// The words above a cut-off that spends a budget over a data set, with a minimum a document.
///
/// A fixed ratio gives every document the same share of its words. Here the data set has a budget,
/// and a document whose saliency lies on many words gets more of it. For a document to be selected
/// alone, with the same answer in any company, the budget is spent once, on the training documents
/// (``calibrated(on:ratio:minimum:)``), and what is left of it is a cut-off.
///
/// Scores are shares of a document's saliency, so they are compared relative to the document's
/// mean: a score times the number of words. 1 is the mean in any document, however long.
///
///     let selector = GlobalTopK(cutOff: 1.2, minimum: 1)
///     selector.select([0.1, 0.3, 0.2, 0.3, 0.1])      // [1, 3]: 0.3 is 1.5 times the mean
///     selector.select([0.2, 0.2, 0.2, 0.2, 0.2])      // [0]
package struct GlobalTopK: Thresholder, Hashable {
    /// Words above this multiple of the document's mean score are kept.
    package let cutOff: Double

    /// The fewest words that are kept of a document that has so many.
    package let minimum: Int

    /// The name `global-top-k`.
    package var name: String { ThresholderName.globalTopK.rawValue }

    /// Keeps the words above a cut-off, a finite number, and at least `minimum` ≥ 1 words.
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
        let cutOff = globalCutOff(scores, ratio: ratio) { scores, cutOff in
            let kept = min(minimum, scores.count)
            return max(kept, scores.count { relative($0, scores.count) > cutOff })
        }
        return Self(cutOff: cutOff, minimum: minimum)
    }

    /// Selects the words above the cut-off, or the `minimum` best where those are more; ties go to
    /// the earlier word.
    ///
    /// - Complexity: O(n) for n words; O(n log n) where the minimum decides.
    package func select(_ scores: [Float], sentences: [Range<Int>]) -> [Int] {
        precondition(scores.allSatisfy(\.isFinite), "scores are finite")
        let above = scores.indices.filter { relative(scores[$0], scores.count) > cutOff }
        if above.count >= min(minimum, scores.count) { return above }
        return ranking(scores).prefix(minimum).sorted()
    }
}

extension ThresholderName {
    /// ``GlobalTopK``.
    public static let globalTopK = ThresholderName("global-top-k")
}

extension GlobalTopK {
    static let entry = Thresholders.Entry(
        .globalTopK,
        "the best words over all texts, by --ratio",
        calibrate: { calibrated(on: $0, ratio: $1, minimum: $2).cutOff },
        make: { GlobalTopK(cutOff: $0, minimum: $1) })
}

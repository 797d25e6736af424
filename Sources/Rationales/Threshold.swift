/// The words whose score reaches a cut-off, the same for every document.
///
/// Scores are shares of the document's saliency: in a document of 20 words the mean is 0.05, in
/// one of 200 words 0.005. So a cut-off keeps more of short documents; for one that is fair to
/// long ones see ``GlobalTopK``. Where no word reaches it the best one is kept, the earliest among
/// equal ones.
///
///     Threshold(cutOff: 0.2).select([0.1, 0.3, 0.2, 0.3, 0.1]) // [1, 2, 3]
package struct Threshold: Thresholder, Hashable {
    /// The lowest score that is kept.
    package let cutOff: Float

    /// The name `threshold`.
    package var name: String { ThresholderName.threshold.rawValue }

    /// Keeps the words whose score is at least `cutOff`, a finite number.
    package init(cutOff: Float) {
        precondition(cutOff.isFinite, "a cut-off is finite")
        self.cutOff = cutOff
    }

    /// Selects the words that reach the cut-off.
    ///
    /// - Complexity: O(n) for n words.
    package func select(_ scores: [Float], sentences: [Range<Int>]) -> [Int] {
        precondition(scores.allSatisfy(\.isFinite), "scores are finite")
        let selection = scores.indices.filter { scores[$0] >= cutOff }
        guard selection.isEmpty, let highest = scores.max() else { return selection }
        return scores.firstIndex(of: highest).map { [$0] } ?? []
    }
}

extension ThresholderName {
    /// ``Threshold``.
    public static let threshold = ThresholderName("threshold")
}

extension Threshold {
    static let entry = Thresholders.Entry(
        .threshold, "scores from --cut-off on", options: [.cutOff], needs: [[.cutOff]]
    ) { settings throws(ThresholderError) in
        Threshold(cutOff: Float(try settings.given(settings.cutOff, .cutOff)))
    }
}

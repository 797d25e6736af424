/// How well a score tells true from false: the area under the curve of true against false positive
/// rates.
///
/// It is the chance that a true one scores higher than a false one, where a tie counts one half
/// (Hanley & McNeil, *Radiology* 143, 1982), and equals scikit-learn's `roc_auc_score`.
package struct ReceiverOperatingCharacteristic: Sendable, Hashable {
    /// The area, 0 to 1; nil where all are true or none is.
    package let area: Double?

    /// Computes the area.
    ///
    /// - Parameters:
    ///   - truth: what is true.
    ///   - scores: one for each, none of them NaN.
    /// - Complexity: O(n log n).
    package init(truth: [Bool], scores: [Double]) {
        let ranked = RankedGroups(truth: truth, scores: scores)
        guard ranked.positives > 0, ranked.negatives > 0 else {
            area = nil
            return
        }
        var above = 0.0
        var wins = 0.0
        for group in ranked.groups {
            wins += Double(group.negatives) * (above + Double(group.positives) / 2)
            above += Double(group.positives)
        }
        area = wins / (Double(ranked.positives) * Double(ranked.negatives))
    }
}

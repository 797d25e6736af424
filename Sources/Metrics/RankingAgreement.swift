/// One document whose every token, or sentence, has a score and was marked by a human or not.
package struct ScoredDocument: Sendable, Hashable {
    /// What the human marked.
    package var truth: [Bool]

    /// The model's score for each.
    package var scores: [Double]

    /// Sets the two side by side; they have the same length, and no score is NaN.
    package init(truth: [Bool], scores: [Double]) {
        precondition(truth.count == scores.count, "one score for each")
        self.truth = truth
        self.scores = scores
    }
}

/// How well scores rank what a human marked above the rest, averaged over documents: ERASER's
/// `token_soft_metrics` and `sentence_soft_metrics`.
///
/// As in `metrics.py`, a document of which everything or nothing is marked counts in the mean of
/// the areas under the precision-recall curves (with 1 and with 0.5), but not in the other two,
/// which say nothing of it.
public struct RankingAgreement: Sendable, Hashable {
    /// The mean area under the precision-recall curves; nil without documents.
    public let precisionRecallArea: Double?

    /// The mean average precision; nil where no document counts.
    public let averagePrecision: Double?

    /// The mean area under the receiver operating characteristics; nil where no document counts.
    public let receiverOperatingArea: Double?

    /// Averages over documents; those without tokens are left out.
    ///
    /// - Complexity: O(n log n) for each document's n tokens.
    package init(_ documents: [ScoredDocument]) {
        var (areas, precisions, receivers): ([Double], [Double], [Double]) = ([], [], [])
        for document in documents where !document.truth.isEmpty {
            let curve = PrecisionRecallCurve(truth: document.truth, scores: document.scores)
            areas.append(curve.area)
            let receiver = ReceiverOperatingCharacteristic(
                truth: document.truth, scores: document.scores)
            if let area = receiver.area {
                precisions.append(curve.averagePrecision)
                receivers.append(area)
            }
        }
        precisionRecallArea = meanOrNil(areas)
        averagePrecision = meanOrNil(precisions)
        receiverOperatingArea = meanOrNil(receivers)
    }
}

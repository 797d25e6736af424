/// Precision, recall and their harmonic mean.
///
/// A ratio whose denominator is 0 counts as 0, as in ERASER's `metrics.py` and scikit-learn.
public struct PrecisionRecall: Sendable, Hashable {
    /// The share of what was predicted that is right.
    public let precision: Double

    /// The share of what is right that was predicted.
    public let recall: Double

    /// F1; the harmonic mean where nothing else is said.
    public let f1: Double

    /// A pair with its harmonic mean, 2PR / (P + R), or 0 when either is 0.
    package init(precision: Double, recall: Double) {
        let isZero = precision == 0 || recall == 0
        self.init(
            precision: precision, recall: recall,
            f1: isZero ? 0 : 2 * precision * recall / (precision + recall))
    }

    /// Precision, recall and an F1 that was averaged on its own.
    init(precision: Double, recall: Double, f1: Double) {
        (self.precision, self.recall, self.f1) = (precision, recall, f1)
    }

    /// Ratios of counts.
    ///
    /// - Parameters:
    ///   - hits: how many of the predicted are right.
    ///   - predicted: how many were predicted.
    ///   - gold: how many there are to predict.
    package init(hits: Int, predicted: Int, gold: Int) {
        self.init(
            precision: predicted == 0 ? 0 : Double(hits) / Double(predicted),
            recall: gold == 0 ? 0 : Double(hits) / Double(gold))
    }
}

/// The mean, or nil where there is nothing to average.
package func meanOrNil(_ values: [Double]) -> Double? {
    values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
}

/// How far a classifier's probabilities are from the shares in which it is right.
///
/// Rows are put into bins of equal width by the probability of the predicted class, and
///
///     expected = Σ over bins (rows of the bin / all rows) · |accuracy - mean confidence|
///
/// Bin m of M holds confidences in ((m - 1) / M, m / M]; the first also holds 0.
///
/// Source: Guo, Pleiss, Sun, Weinberger, *On Calibration of Modern Neural Networks*, ICML 2017,
/// section 2 (ECE, MCE), with its 15 bins.
public struct CalibrationError: Sendable, Hashable {
    /// The rows whose confidence falls between two bounds.
    public struct Bin: Sendable, Hashable {
        /// The bounds; the lower one belongs to the bin before.
        public let confidences: ClosedRange<Double>

        /// How many rows there are.
        public let count: Int

        /// Their mean confidence; nil without rows.
        public let confidence: Double?

        /// The share of them that is right; nil without rows.
        public let accuracy: Double?

        /// |accuracy - confidence|, 0 without rows.
        public var gap: Double {
            guard let confidence, let accuracy else { return 0 }
            return (accuracy - confidence).magnitude
        }
    }

    /// All bins, from the least confident up.
    public let bins: [Bin]

    /// The expected calibration error, 0 to 1; nil without rows.
    public let expected: Double?

    /// The largest gap of a bin that has rows, 0 to 1; nil without rows.
    public let maximum: Double?

    /// Compares confidences with outcomes.
    ///
    /// - Parameters:
    ///   - confidences: the predicted class's probability of each row; not NaN, taken as 0 or 1
    ///     where rounding led outside.
    ///   - correct: whether each row's prediction is right.
    ///   - binCount: how many bins, at least 1.
    /// - Complexity: O(rows + bins).
    package init(confidences: [Double], correct: [Bool], binCount: Int = 15) {
        precondition(confidences.count == correct.count, "one outcome a row")
        precondition(binCount > 0, "at least one bin")
        var counts = [Int](repeating: 0, count: binCount)
        var sums = [Double](repeating: 0, count: binCount)
        var hits = [Int](repeating: 0, count: binCount)
        for (confidence, isCorrect) in zip(confidences, correct) {
            precondition(!confidence.isNaN, "confidences are numbers")
            let confidence = min(1, max(0, confidence))
            let bin = max(0, Int((confidence * Double(binCount)).rounded(.up)) - 1)
            counts[bin] += 1
            sums[bin] += confidence
            hits[bin] += isCorrect ? 1 : 0
        }
        let bins = (0..<binCount).map { bin in
            let rows = Double(counts[bin])
            return Bin(
                confidences: Double(bin) / Double(binCount)...Double(bin + 1) / Double(binCount),
                count: counts[bin], confidence: counts[bin] == 0 ? nil : sums[bin] / rows,
                accuracy: counts[bin] == 0 ? nil : Double(hits[bin]) / rows)
        }
        self.bins = bins
        guard !confidences.isEmpty else {
            (expected, maximum) = (nil, nil)
            return
        }
        expected =
            bins.reduce(0) { $0 + Double($1.count) * $1.gap } / Double(confidences.count)
        maximum = bins.map(\.gap).max()
    }

    /// Compares whole distributions with true classes.
    ///
    /// - Parameters:
    ///   - probabilities: one row a document, one column a class; the first of the largest is the
    ///     prediction.
    ///   - gold: the true class of each row.
    ///   - binCount: how many bins, at least 1.
    package init(probabilities: [[Double]], gold: [Int], binCount: Int = 15) {
        precondition(probabilities.count == gold.count, "one true class a row")
        let predicted = probabilities.map { row in
            precondition(!row.isEmpty, "at least one class")
            return row.indices.reduce(0) { row[$1] > row[$0] ? $1 : $0 }
        }
        self.init(
            confidences: zip(probabilities, predicted).map { $0[$1] },
            correct: zip(predicted, gold).map { $0 == $1 }, binCount: binCount)
    }
}

/// How well predicted labels agree with the true ones.
///
/// The definitions are scikit-learn's (`precision_recall_fscore_support` and `f1_score` with
/// `average="macro"`): a ratio whose denominator is 0 counts as 0, and the macro average is
/// taken over the classes that occur among the true *or* the predicted labels.
public struct ClassificationMetrics: Sendable, Hashable {
    /// The metrics of one class against all others.
    public struct Class: Sendable, Hashable {
        /// The share of the rows predicted as this class that belong to it.
        public let precision: Double

        /// The share of the rows of this class that were predicted as such.
        public let recall: Double

        /// The harmonic mean of precision and recall.
        public let f1: Double

        /// The number of rows that belong to this class.
        public let support: Int

        /// The number of rows predicted as this class.
        public let predicted: Int
    }

    /// `confusion[gold][predicted]`: the number of rows of class `gold` predicted as `predicted`.
    public let confusion: [[Int]]

    /// One entry a class, in the order of the class indices.
    public let classes: [Class]

    /// The number of rows.
    public let count: Int

    /// The share of rows whose label was predicted; 0 when there are no rows.
    public let accuracy: Double

    /// The mean F1 over the classes that occur among the true or the predicted labels.
    public let macroF1: Double

    /// Compares labels row by row.
    ///
    /// - Parameters:
    ///   - gold: the true class index of each row, in `0..<classCount`.
    ///   - predicted: the predicted class index of each row, in `0..<classCount`.
    ///   - classCount: the number of classes.
    /// - Complexity: O(rows + classCount²).
    public init(gold: [Int], predicted: [Int], classCount: Int) {
        precondition(gold.count == predicted.count, "one prediction a row")
        var confusion = Array(repeating: Array(repeating: 0, count: classCount), count: classCount)
        for (truth, prediction) in zip(gold, predicted) {
            precondition(
                (0..<classCount).contains(truth) && (0..<classCount).contains(prediction),
                "class indices lie in 0..<classCount")
            confusion[truth][prediction] += 1
        }
        self.init(confusion: confusion)
    }

    /// Metrics of counts, `[gold][predicted]`.
    init(confusion: [[Int]]) {
        let classes = confusion.indices.map { index in
            Class(
                hits: confusion[index][index],
                support: confusion[index].reduce(0, +),
                predicted: confusion.reduce(0) { $0 + $1[index] })
        }
        let hits = confusion.indices.reduce(0) { $0 + confusion[$1][$1] }
        let present = classes.filter { $0.support > 0 || $0.predicted > 0 }

        self.confusion = confusion
        self.classes = classes
        count = classes.reduce(0) { $0 + $1.support }
        accuracy = ratio(Double(hits), Double(count))
        macroF1 = ratio(present.reduce(0) { $0 + $1.f1 }, Double(present.count))
    }
}

extension ClassificationMetrics.Class {
    fileprivate init(hits: Int, support: Int, predicted: Int) {
        precision = ratio(Double(hits), Double(predicted))
        recall = ratio(Double(hits), Double(support))
        // Equal to 2PR / (P + R), and defined whenever the class occurs at all.
        f1 = ratio(Double(2 * hits), Double(support + predicted))
        self.support = support
        self.predicted = predicted
    }
}

private func ratio(_ numerator: Double, _ denominator: Double) -> Double {
    denominator == 0 ? 0 : numerator / denominator
}

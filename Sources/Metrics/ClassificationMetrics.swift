/// How well predicted labels agree with the true ones.
///
/// The definitions are scikit-learn's (`precision_recall_fscore_support` and `f1_score` with
/// `average="macro"`): a ratio whose denominator is 0 counts as 0, and the macro average is
/// taken over the classes that occur among the true *or* the predicted labels. So a class without rows
/// is left out of the average unless it was predicted: ``classesWithRows`` is to be read beside it.
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

    /// How many classes have rows. Where they are fewer than all, ``macroF1`` says nothing of the
    /// others.
    public let classesWithRows: Int

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
        var counts = ClassCounts(classCount: classCount)
        for (truth, prediction) in zip(gold, predicted) {
            precondition(
                (0..<classCount).contains(truth) && (0..<classCount).contains(prediction),
                "class indices lie in 0..<classCount")
            confusion[truth][prediction] += 1
            counts.add(truth: truth, prediction: prediction)
        }
        self.confusion = confusion
        classes = (0..<classCount).map { Class(counts, $0) }
        count = counts.count
        accuracy = counts.accuracy
        macroF1 = counts.macroF1
        classesWithRows = counts.support.count { $0 > 0 }
    }
}

/// What accuracy and macro-F1 are made of.
struct ClassCounts {
    /// Of each class the rows that belong to it and were predicted as such.
    private(set) var hits: [Int]
    /// The rows that belong to it.
    private(set) var support: [Int]
    /// The rows that were predicted as such.
    private(set) var predicted: [Int]
    /// All rows.
    private(set) var count = 0

    init(classCount: Int) {
        hits = [Int](repeating: 0, count: classCount)
        support = hits
        predicted = hits
    }

    /// Adds a row of one class that was predicted as one class.
    mutating func add(truth: Int, prediction: Int) {
        support[truth] += 1
        predicted[prediction] += 1
        if truth == prediction { hits[truth] += 1 }
        count += 1
    }

    var accuracy: Double { ratio(Double(hits.reduce(0, +)), Double(count)) }

    var macroF1: Double {
        let present = hits.indices.filter { support[$0] > 0 || predicted[$0] > 0 }
        return ratio(present.reduce(0) { $0 + f1($1) }, Double(present.count))
    }

    /// Equal to 2PR / (P + R), and defined whenever the class occurs at all.
    func f1(_ index: Int) -> Double {
        ratio(Double(2 * hits[index]), Double(support[index] + predicted[index]))
    }
}

extension ClassificationMetrics.Class {
    fileprivate init(_ counts: ClassCounts, _ index: Int) {
        support = counts.support[index]
        predicted = counts.predicted[index]
        precision = ratio(Double(counts.hits[index]), Double(predicted))
        recall = ratio(Double(counts.hits[index]), Double(support))
        f1 = counts.f1(index)
    }
}

private func ratio(_ numerator: Double, _ denominator: Double) -> Double {
    denominator == 0 ? 0 : numerator / denominator
}

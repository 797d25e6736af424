/// Precision against recall at every threshold of a score.
///
/// The definitions are scikit-learn's `precision_recall_curve`, `auc` and
/// `average_precision_score`: one point for each distinct score, all that reach it predicted, before
/// it the point (recall 0, precision 1). Where nothing is true, recall counts as 1 at every
/// threshold (so since scikit-learn 1.0): the area is then 0.5 and the average precision 0.
package struct PrecisionRecallCurve: Sendable, Hashable {
    /// One point of the curve.
    package struct Point: Sendable, Hashable {
        /// The share of the predicted that is true.
        package let precision: Double

        /// The share of the true that is predicted.
        package let recall: Double
    }

    /// The points, from the highest threshold down.
    package let points: [Point]

    /// Computes the points.
    ///
    /// - Parameters:
    ///   - truth: what is true.
    ///   - scores: one for each, none of them NaN; the higher, the more likely true.
    /// - Complexity: O(n log n).
    package init(truth: [Bool], scores: [Double]) {
        let ranked = RankedGroups(truth: truth, scores: scores)
        var points = [Point(precision: 1, recall: 0)]
        var (hits, predicted) = (0, 0)
        for group in ranked.groups {
            hits += group.positives
            predicted += group.positives + group.negatives
            points.append(
                Point(
                    precision: Double(hits) / Double(predicted),
                    recall: ranked.positives == 0 ? 1 : Double(hits) / Double(ranked.positives)))
        }
        self.points = points
    }

    /// The area under the straight lines between the points (trapezoidal rule): AUPRC.
    package var area: Double {
        zip(points, points.dropFirst()).reduce(0) { area, pair in
            area + (pair.1.recall - pair.0.recall) * (pair.0.precision + pair.1.precision) / 2
        }
    }

    /// Σ (Rₙ - Rₙ₋₁) Pₙ, without interpolation.
    package var averagePrecision: Double {
        zip(points, points.dropFirst()).reduce(0) { sum, pair in
            sum + (pair.1.recall - pair.0.recall) * pair.1.precision
        }
    }
}

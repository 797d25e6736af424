/// The mean drop when ever larger parts are taken away: area over the perturbation curve (Samek et
/// al. 2017), as ERASER takes it.
///
/// The paper divides by the number of thresholds plus one, its `metrics.py` by their number; this
/// follows the latter, whose figures are those that are published.
public struct AreaOverPerturbationCurve: Sendable, Hashable {
    /// The mean drop over documents at each threshold.
    public let points: [Double]

    /// The mean of the points.
    public let area: Double

    /// Averages over documents; nil without documents or thresholds.
    ///
    /// - Parameters:
    ///   - full: `[documents][classes]`: probabilities from whole documents.
    ///   - ablated: `[documents][thresholds][classes]`: those from what is left of them.
    ///   - predicted: the class predicted from each whole document.
    package init?(full: [[Double]], ablated: [[[Double]]], predicted: [Int]) {
        precondition(
            full.count == ablated.count && full.count == predicted.count, "one a document")
        guard let thresholds = ablated.first?.count, thresholds > 0 else { return nil }
        precondition(ablated.allSatisfy { $0.count == thresholds }, "the same thresholds for all")
        let points = (0..<thresholds).map { threshold in
            full.indices.reduce(0) {
                $0 + Faithfulness.drop(full[$1], ablated[$1][threshold], predicted[$1])
            } / Double(full.count)
        }
        self.points = points
        area = points.reduce(0, +) / Double(thresholds)
    }
}

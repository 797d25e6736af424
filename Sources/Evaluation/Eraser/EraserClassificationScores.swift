import Metrics

/// How well an ERASER result file classifies, and how faithful its rationales are.
public struct EraserClassificationScores: Sendable, Hashable {
    /// The classes by index, sorted.
    public let labels: [String]

    /// Accuracy, and precision, recall and F1 of each class.
    public let metrics: ClassificationMetrics

    /// What is lost without the rationale; nil where results do not say.
    public let comprehensiveness: AblationMeasure?

    /// What is lost with nothing but the rationale; nil where results do not say.
    public let sufficiency: AblationMeasure?

    /// What is lost without the tokens of highest score, at each of ``Faithfulness/thresholds``.
    public let comprehensivenessCurve: AreaOverPerturbationCurve?

    /// What is lost with nothing but these tokens.
    public let sufficiencyCurve: AreaOverPerturbationCurve?

    init?(split: EraserSplit, results: [String: EraserResult]) {
        // Verified: a result for each annotation, with the same fields and classes in all.
        let rows = split.annotations.compactMap { annotation in
            results[annotation.id].map { (annotation: annotation, result: $0) }
        }
        guard let first = rows.first?.result, first.classification != nil,
            let classes = first.classificationScores?.keys.sorted()
        else { return nil }
        func places(_ names: [String]) -> [String: Int] {
            Dictionary(uniqueKeysWithValues: zip(names, names.indices))
        }
        func row(_ scores: [String: Double]?) -> [Double] { classes.map { scores?[$0] ?? 0 } }

        let labels = split.labels
        self.labels = labels
        let known = places(labels)
        metrics = ClassificationMetrics(
            gold: rows.map { known[$0.annotation.classification] ?? 0 },
            predicted: rows.map { known[$0.result.classification ?? ""] ?? 0 },
            classCount: labels.count)

        let full = rows.map { row($0.result.classificationScores) }
        let scored = places(classes)
        let predicted = rows.map { scored[$0.result.classification ?? ""] ?? 0 }
        comprehensiveness =
            first.comprehensivenessScores == nil
            ? nil
            : AblationMeasure(
                full: full, ablated: rows.map { row($0.result.comprehensivenessScores) },
                predicted: predicted)
        sufficiency =
            first.sufficiencyScores == nil
            ? nil
            : AblationMeasure(
                full: full, ablated: rows.map { row($0.result.sufficiencyScores) },
                predicted: predicted)

        func curve(
            _ scores: KeyPath<EraserResult.Thresholded, [String: Double]>
        ) -> AreaOverPerturbationCurve? {
            guard first.thresholdedScores != nil else { return nil }
            let ablated = rows.map { entry in
                Faithfulness.thresholds.map { threshold in
                    row(
                        entry.result.thresholdedScores?.first { $0.threshold == threshold }?[
                            keyPath: scores])
                }
            }
            return AreaOverPerturbationCurve(full: full, ablated: ablated, predicted: predicted)
        }
        comprehensivenessCurve = curve(\.comprehensiveness)
        sufficiencyCurve = curve(\.sufficiency)
    }
}

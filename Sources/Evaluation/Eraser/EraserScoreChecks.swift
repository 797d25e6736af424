import Datasets
import Errors
import Metrics

extension EraserVerification {
    /// How far from 1 probabilities may add up: files round them.
    private static let tolerance = 0.01

    /// Checks a result's classification, its probabilities, and those without and from rationales.
    ///
    /// - Parameter labels: the annotations' classes; `metrics.py` knows no others.
    mutating func checkScores(_ result: EraserResult, labels: Set<String>) {
        checkRequirements(result)
        if let classification = result.classification, !labels.contains(classification) {
            add(
                result, "classification",
                "\(DatasetError.quote(classification)) is no class of the annotations; "
                    + "expected one of: \(Self.list(labels))")
        }
        if let classification = result.classification, let scores = result.classificationScores,
            scores[classification] == nil
        {
            add(
                result, "classification_scores",
                "has no score for the predicted class \(DatasetError.quote(classification))")
        }
        let classes = result.classificationScores.map { Set($0.keys) }
        checkScores(result, result.classificationScores, classes, "classification_scores")
        checkScores(
            result, result.comprehensivenessScores, classes,
            "comprehensiveness_classification_scores")
        checkScores(
            result, result.sufficiencyScores, classes, "sufficiency_classification_scores")
        for (position, scores) in (result.thresholdedScores ?? []).enumerated() {
            let field = "thresholded_scores.\(position)"
            if !(0...1).contains(scores.threshold) {
                add(result, "\(field).threshold", "is not a share from 0 to 1")
            }
            checkScores(
                result, scores.comprehensiveness, classes,
                "\(field).comprehensiveness_classification_scores")
            checkScores(
                result, scores.sufficiency, classes,
                "\(field).sufficiency_classification_scores")
        }
        checkThresholds(result)
    }

    /// Some fields mean nothing without others.
    private mutating func checkRequirements(_ result: EraserResult) {
        let present: [(name: String, isThere: Bool)] = [
            ("classification", result.classification != nil),
            ("classification_scores", result.classificationScores != nil),
            (
                "comprehensiveness_classification_scores", result.comprehensivenessScores != nil
            ),
            ("sufficiency_classification_scores", result.sufficiencyScores != nil),
        ]
        func isThere(_ index: Int) -> Bool { present[index].isThere }
        if isThere(0) != isThere(1) {
            let (given, missing) = isThere(0) ? (0, 1) : (1, 0)
            add(
                result, present[missing].name,
                "is missing, but \(present[given].name) is there; expected both or neither")
        }
        for index in [2, 3] where isThere(index) && !isThere(0) && !isThere(1) {
            add(
                result, present[index].name,
                "is there without classification and classification_scores; expected these too")
        }
        guard result.thresholdedScores != nil else { return }
        let missing = present.filter { !$0.isThere }.map(\.name)
        if !missing.isEmpty {
            add(
                result, "thresholded_scores",
                "is there without \(missing.joined(separator: ", ")); expected these too")
        }
    }

    private mutating func checkScores(
        _ result: EraserResult, _ scores: [String: Double]?, _ classes: Set<String>?,
        _ field: String
    ) {
        guard let scores else { return }
        if let classes, Set(scores.keys) != classes {
            add(
                result, field,
                "has the classes \(Self.list(scores.keys)); expected those of "
                    + "classification_scores: \(Self.list(classes))")
            return
        }
        let sum = scores.values.reduce(0, +)
        if !scores.values.allSatisfy({ $0 >= 0 && $0 <= 1 + Self.tolerance }) {
            add(result, field, "has a score that is no probability; expected 0 to 1")
        } else if (sum - 1).magnitude > Self.tolerance {
            add(
                result, field,
                "adds up to \(decimalText(sum, places: 3)); expected probabilities, which add up "
                    + "to 1")
        }
    }

    private mutating func checkThresholds(_ result: EraserResult) {
        guard let thresholds = result.thresholdedScores?.map(\.threshold) else { return }
        if Set(thresholds).count != thresholds.count {
            add(result, "thresholded_scores", "has a threshold twice; expected each once")
        }
        let missing = Faithfulness.thresholds.filter { !thresholds.contains($0) }
        if !missing.isEmpty {
            add(
                result, "thresholded_scores",
                "lacks the threshold \(missing.map(\.description).joined(separator: ", ")); "
                    + "expected all of ERASER's: "
                    + Faithfulness.thresholds.map(\.description).joined(separator: ", "))
        }
    }
}

import JSON
import Warrant

/// An evaluation as tables for people, and as JSON.
struct EvaluationReport {
    private let evaluation: Evaluation
    private let stability: StabilityReport?
    /// Computed once: metrics are counted anew whenever they are asked for.
    private let stages: [Stage]

    private typealias Stage = (
        name: String, key: String, metrics: ClassificationMetrics, calibration: CalibrationError
    )

    init(_ evaluation: Evaluation, stability: Stability? = nil) {
        self.evaluation = evaluation
        self.stability = stability.map { StabilityReport($0) }
        stages = [
            (
                "support (whole texts)", "support", evaluation.support,
                evaluation.supportCalibration
            ),
            (
                "classifier (rationales)", "classifier", evaluation.classifier,
                evaluation.classifierCalibration
            ),
        ]
    }

    /// Counts, scores, scores by class, and confusion.
    var text: String {
        var counts = "\(Figures.count(evaluation.documents, "document"))"
        if evaluation.truncated > 0 {
            counts += ", \(Figures.count(evaluation.truncated)) longer than the encoder's limit"
        }
        if evaluation.chunked > 0 {
            counts += ", \(Figures.count(evaluation.chunked)) read in several chunks"
        }
        if !evaluation.unreadable.isEmpty {
            counts += ", \(Figures.count(evaluation.unreadable.count)) without words not measured"
        }
        let share = Figures.percent(evaluation.rationaleShare)
        return counts + "; rationales hold \(share) of the words\n\n" + scores + "\n" + classes
            + "\n" + confusion
            + [plausibility, faithfulness, stability?.text].compactMap { $0.map { "\n" + $0 } }
            .joined()
    }

    /// Agreement with human rationales.
    private var plausibility: String? {
        guard let plausibility = evaluation.plausibility else { return nil }
        var documents = Figures.count(plausibility.documents, "document")
        if evaluation.withoutRationale > 0 {
            documents +=
                ", \(Figures.count(evaluation.withoutRationale)) without a human rationale "
                + "left out"
        }
        var table = TextTable(["agreement with humans (\(documents))", "precision", "recall", "F1"])
        for (name, figures) in [
            ("words", plausibility.tokens.macro),
            ("spans of IoU ≥ 0.5", plausibility.overlap.macro),
        ] {
            table.add(
                [name] + [figures.precision, figures.recall, figures.f1].map(Figures.score))
        }
        var ranking = TextTable(["ranking by score", "AUPRC", "average precision", "ROC-AUC"])
        ranking.add(
            ["words"]
                + [
                    plausibility.ranking.precisionRecallArea, plausibility.ranking.averagePrecision,
                    plausibility.ranking.receiverOperatingArea,
                ].map { $0.map(Figures.score) ?? "–" })
        return table.text + "\n" + ranking.text
    }

    /// What the support model's predictions owe to the words with the highest scores.
    private var faithfulness: String? {
        guard let faithfulness = evaluation.faithfulness else { return nil }
        var table = TextTable(
            ["support model's scores", "rationale", "AOPC"]
                + Faithfulness.thresholds.map { "\(decimalText($0 * 100, places: 0)) %" })
        for (name, rationale, curve) in [
            (
                "comprehensiveness", faithfulness.comprehensiveness,
                faithfulness.comprehensivenessCurve
            ),
            ("sufficiency", faithfulness.sufficiency, faithfulness.sufficiencyCurve),
        ] {
            table.add(
                [name] + ([rationale.drop, curve.area] + curve.points).map(Figures.score))
        }
        return table.text
    }

    /// The classes as tables show them.
    private var labels: [String] { evaluation.labels.map(\.asLabel) }

    private var scores: String {
        var table = TextTable(["", "macro-F1", "accuracy", "calibration error"])
        for stage in stages {
            table.add([
                stage.name, TrainingRecord.Score(stage.metrics).macroF1Text(classes: labels.count),
                Figures.score(stage.metrics.accuracy),
                stage.calibration.expected.map(Figures.score) ?? "–",
            ])
        }
        return table.text
    }

    private var classes: String {
        var table = TextTable([
            "by class", "documents", "support P", "R", "F1", "classifier P", "R", "F1",
        ])
        for (index, label) in labels.enumerated() {
            let figures = stages.flatMap { stage in
                let scores = stage.metrics.classes[index]
                return [scores.precision, scores.recall, scores.f1].map(Figures.score)
            }
            let documents = stages[0].metrics.classes[index].support
            table.add([label, Figures.count(documents)] + figures)
        }
        return table.text
    }

    /// Rows are true classes, columns predicted ones.
    private var confusion: String {
        stages.map { stage in
            var table = TextTable(
                ["\(stage.name): true \\ predicted"] + labels)
            for (index, label) in labels.enumerated() {
                table.add([label] + stage.metrics.confusion[index].map { Figures.count($0) })
            }
            return table.text
        }.joined(separator: "\n")
    }

    /// The same figures, unrounded.
    var json: JSONText {
        var members: [(key: String, value: JSONText)] = [
            ("documents", .integer(evaluation.documents)),
            ("truncated", .integer(evaluation.truncated)),
            ("windowed", .integer(evaluation.chunked)),
            ("unreadable", .integer(evaluation.unreadable.count)),
            ("without_human_rationale", .integer(evaluation.withoutRationale)),
            ("rationale_share", .double(evaluation.rationaleShare)),
            ("labels", .array(evaluation.labels.map { .string($0) })),
        ]
        if let plausibility = evaluation.plausibility {
            members.append(("plausibility", plausibility.json))
        }
        if let faithfulness = evaluation.faithfulness {
            members.append(("faithfulness", faithfulness.json))
        }
        if let stability { members.append(("stability", stability.stability.json)) }
        for stage in stages { members.append((stage.key, json(stage))) }
        return .object(members)
    }

    private func json(_ stage: Stage) -> JSONText {
        let metrics = stage.metrics
        let classes = zip(evaluation.labels, metrics.classes).map { label, scores in
            JSONText.object([
                ("label", .string(label)), ("documents", .integer(scores.support)),
                ("predicted", .integer(scores.predicted)), ("precision", .double(scores.precision)),
                ("recall", .double(scores.recall)), ("f1", .double(scores.f1)),
            ])
        }
        let score = TrainingRecord.Score(metrics)
        return .object(
            [
                ("macro_f1", .double(metrics.macroF1)), ("accuracy", .double(metrics.accuracy)),
                (
                    "expected_calibration_error",
                    stage.calibration.expected.map { .double($0) } ?? .null
                ), ("classes", .array(classes)),
                ("confusion", .array(metrics.confusion.map { .array($0.map { .integer($0) }) })),
            ] + (score.classesWithRows.map { [("classes_with_rows", .integer($0))] } ?? []))
    }
}

import Warrant

/// ERASER's figures as tables for people.
struct ScoreReport {
    private let scores: EraserScores

    init(_ scores: EraserScores) { self.scores = scores }

    /// Counts, then a table for each part that was measured.
    var text: String {
        var counts = Figures.count(scores.annotations, "annotation")
        if scores.withoutEvidence > 0 {
            counts +=
                ", \(Figures.count(scores.withoutEvidence)) without evidence not scored for "
                + "agreement"
        }
        let tables = [agreement, ranking, classification, faithfulness].compactMap { $0 }
        guard !tables.isEmpty else {
            return counts + "; the results hold nothing that can be scored\n"
        }
        return ([counts + "\n"] + tables).joined(separator: "\n")
    }

    private var agreement: String? {
        guard let tokens = scores.tokens, let spans = scores.spans, let overlap = scores.overlap
        else { return nil }
        var table = TextTable(["agreement with humans", "precision", "recall", "F1"])
        let share = decimalText(overlap.threshold, places: 1)
        let rows = [
            ("tokens, mean of documents", tokens.macro), ("tokens, all together", tokens.micro),
            ("spans of IoU ≥ \(share), mean of documents", overlap.macro),
            ("spans of IoU ≥ \(share), all together", overlap.micro),
            ("whole spans, mean of documents", spans.macro),
            ("whole spans, all together", spans.micro),
        ]
        for (name, agreement) in rows {
            table.add(
                [name] + [agreement.precision, agreement.recall, agreement.f1].map(Figures.score))
        }
        return table.text
    }

    private var ranking: String? {
        let rows = [("tokens", scores.tokenRanking), ("sentences", scores.sentenceRanking)]
        guard rows.contains(where: { $0.1 != nil }) else { return nil }
        var table = TextTable(["ranking by score", "AUPRC", "average precision", "ROC-AUC"])
        for case (let name, let ranking?) in rows {
            table.add(
                [name]
                    + [
                        ranking.precisionRecallArea, ranking.averagePrecision,
                        ranking.receiverOperatingArea,
                    ].map(Self.score))
        }
        return table.text
    }

    private var classification: String? {
        guard let classification = scores.classification else { return nil }
        let metrics = classification.metrics
        var table = TextTable(["classification", "precision", "recall", "F1", "annotations"])
        for (label, scores) in zip(classification.labels, metrics.classes) {
            table.add(
                [label] + [scores.precision, scores.recall, scores.f1].map(Figures.score)
                    + [Figures.count(scores.support)])
        }
        return table.text
            + "macro-F1 \(Figures.score(metrics.macroF1)), "
            + "accuracy \(Figures.score(metrics.accuracy))\n"
    }

    private var faithfulness: String? {
        guard let classification = scores.classification else { return nil }
        let rows = [
            (
                "comprehensiveness", classification.comprehensiveness,
                classification.comprehensivenessCurve
            ),
            ("sufficiency", classification.sufficiency, classification.sufficiencyCurve),
        ]
        guard rows.contains(where: { $0.1 != nil }) else { return nil }
        let shares = Faithfulness.thresholds.map { decimalText($0 * 100, places: 0) + " %" }
        var table = TextTable(
            ["faithfulness", "of rationales"] + shares + ["AOPC", "entropy", "KL"])
        for case (let name, let measure?, let curve) in rows {
            let points = curve.map { $0.points.map(Figures.score) } ?? shares.map { _ in "–" }
            table.add(
                [name, Figures.score(measure.drop)] + points
                    + [curve?.area, measure.entropy, measure.divergence].map(Self.score))
        }
        return table.text
    }

    private static func score(_ value: Double?) -> String { value.map(Figures.score) ?? "–" }
}

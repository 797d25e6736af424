import JSON
import Metrics

extension EraserScores {
    /// The score file of `metrics.py --score_file`: its keys and their nesting, sorted.
    ///
    /// Parts that were not measured are left out, as there; within `classification_scores` what is
    /// missing is null. An infinite divergence, which is no JSON number, is null as well.
    package var json: JSONText {
        var members: [(key: String, value: JSONText)] = []
        if let classification {
            members.append(("classification_scores", classification.json))
        }
        if let overlap { members.append(("iou_scores", [overlap.json])) }
        if let spans { members.append(("rationale_prf", spans.json)) }
        if let sentenceRanking {
            members.append(("sentence_soft_metrics", sentenceRanking.json))
        }
        if let tokens { members.append(("token_prf", tokens.json)) }
        if let tokenRanking { members.append(("token_soft_metrics", tokenRanking.json)) }
        return .object(members)
    }
}

extension PrecisionRecall {
    fileprivate var json: JSONText {
        ["f1": .double(f1), "p": .double(precision), "r": .double(recall)]
    }
}

extension IntersectionOverUnion {
    fileprivate var json: JSONText {
        ["macro": macro.json, "micro": micro.json, "threshold": .double(threshold)]
    }
}

extension InstanceAgreement {
    fileprivate var json: JSONText {
        ["instance_macro": macro.json, "instance_micro": micro.json]
    }
}

extension RankingAgreement {
    fileprivate var json: JSONText {
        [
            "auprc": .orNull(precisionRecallArea), "average_precision": .orNull(averagePrecision),
            "roc_auc_score": .orNull(receiverOperatingArea),
        ]
    }
}

extension EraserClassificationScores {
    fileprivate var json: JSONText {
        let hasCurves = comprehensivenessCurve != nil
        return [
            "accuracy": .double(metrics.accuracy),
            "aopc_thresholds": hasCurves ? .doubles(Faithfulness.thresholds) : .null,
            "comprehensiveness": .orNull(comprehensiveness?.drop),
            "comprehensiveness_aopc": .orNull(comprehensivenessCurve?.area),
            "comprehensiveness_aopc_points": comprehensivenessCurve.map { .doubles($0.points) }
                ?? .null,
            "comprehensiveness_entropy": .orNull(comprehensiveness?.entropy),
            "comprehensiveness_kl": .orNull(comprehensiveness?.divergence),
            "prf": report,
            "sufficiency": .orNull(sufficiency?.drop),
            "sufficiency_aopc": .orNull(sufficiencyCurve?.area),
            "sufficiency_aopc_points": sufficiencyCurve.map { .doubles($0.points) } ?? .null,
            "sufficiency_entropy": .orNull(sufficiency?.entropy),
            "sufficiency_kl": .orNull(sufficiency?.divergence),
        ]
    }

    /// scikit-learn's `classification_report`.
    private var report: JSONText {
        var members = zip(labels, metrics.classes).map { label, scores in
            (
                key: label,
                value: Self.line(scores.f1, scores.precision, scores.recall, scores.support)
            )
        }
        members.append(("accuracy", .double(metrics.accuracy)))
        let averages: [(name: String, weight: (ClassificationMetrics.Class) -> Double)] = [
            ("macro avg", { _ in 1 / Double(metrics.classes.count) }),
            ("weighted avg", { Double($0.support) / Double(metrics.count) }),
        ]
        for (name, weight) in averages {
            func mean(_ score: (ClassificationMetrics.Class) -> Double) -> Double {
                metrics.classes.reduce(0) { $0 + weight($1) * score($1) }
            }
            members.append(
                (
                    name,
                    Self.line(mean(\.f1), mean(\.precision), mean(\.recall), metrics.count)
                ))
        }
        return .object(members)
    }

    private static func line(
        _ f1: Double, _ precision: Double, _ recall: Double, _ support: Int
    ) -> JSONText {
        [
            "f1-score": .double(f1), "precision": .double(precision), "recall": .double(recall),
            "support": .double(Double(support)),
        ]
    }
}

extension JSONText {
    fileprivate static func orNull(_ value: Double?) -> JSONText {
        value.map { .double($0) } ?? .null
    }

    fileprivate static func doubles(_ values: [Double]) -> JSONText {
        .array(values.map { .double($0) })
    }
}

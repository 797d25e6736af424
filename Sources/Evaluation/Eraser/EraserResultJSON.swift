import JSON
import Rationales

extension EraserResult {
    /// The result as a line of a result file, in JSON, without a line feed.
    public var line: String { json.write() }

    /// The result as an object of ERASER's field names; what is nil is left out.
    package var json: JSONText {
        var members: [(key: String, value: JSONText)] = [
            ("annotation_id", .string(annotationID)),
            ("rationales", .array(rationales.map(\.json))),
        ]
        if let classification { members.append(("classification", .string(classification))) }
        let scores = [
            ("classification_scores", classificationScores),
            ("comprehensiveness_classification_scores", comprehensivenessScores),
            ("sufficiency_classification_scores", sufficiencyScores),
        ]
        for (key, scores) in scores {
            if let scores { members.append((key, Self.json(scores))) }
        }
        if let thresholdedScores {
            members.append(("thresholded_scores", .array(thresholdedScores.map(\.json))))
        }
        return .object(members)
    }

    /// Probabilities with their classes in the order of the names, so that equal results are equal
    /// bytes.
    fileprivate static func json(_ scores: [String: Double]) -> JSONText {
        .object(scores.sorted { $0.key < $1.key }.map { ($0.key, .double($0.value)) })
    }
}

extension EraserResult.Rationale {
    fileprivate var json: JSONText {
        var members: [(key: String, value: JSONText)] = [("docid", .string(docid))]
        if let hard {
            let spans = hard.map {
                ["start_token": .integer($0.startToken), "end_token": .integer($0.endToken)]
                    as JSONText
            }
            members.append(("hard_rationale_predictions", .array(spans)))
        }
        if let soft {
            members.append(("soft_rationale_predictions", .array(soft.map { .double($0) })))
        }
        if let softSentences {
            members.append(
                ("soft_sentence_predictions", .array(softSentences.map { .double($0) })))
        }
        return .object(members)
    }
}

extension EraserResult.Thresholded {
    fileprivate var json: JSONText {
        [
            "threshold": .double(threshold),
            "comprehensiveness_classification_scores": EraserResult.json(comprehensiveness),
            "sufficiency_classification_scores": EraserResult.json(sufficiency),
        ]
    }
}

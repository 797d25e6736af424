import Datasets

/// The checks of a result file that concern several lines, and the list of what was found.
///
/// `verify_instances` of ERASER's `metrics.py` is the model. Beyond it: each annotation has exactly
/// one result, fields that are optional are there for all or for none (its help says so of every
/// field; it checks all but the spans), and the classes are the same throughout.
struct EraserVerification {
    let split: EraserSplit
    private(set) var flaws = EraserFlaws()

    init(split: EraserSplit) { self.split = split }

    mutating func check(_ results: [EraserResult], requiresClassification: Bool) {
        guard let first = results.first else {
            flaws.add(
                DatasetError(
                    .badData, at: SourceLocation(file: "results"),
                    "there are no results; expected one for each of \(split.count) annotations"))
            return
        }
        let annotations = Dictionary(
            split.annotations.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
        var places: [String: SourceLocation] = [:]
        let labels = Set(split.labels)
        for result in results {
            if let place = places[result.annotationID] {
                add(result, "annotation_id", "stands in \(place) already; expected each once")
                continue
            }
            places[result.annotationID] = result.location
            guard let annotation = annotations[result.annotationID] else {
                add(result, "annotation_id", "there is no such annotation in \(split.name)")
                continue
            }
            check(result, of: annotation)
            checkScores(result, labels: labels)
        }
        for annotation in split.annotations where places[annotation.id] == nil {
            flaws.add(
                DatasetError(
                    .badData, at: SourceLocation(file: first.location.file),
                    "there is no result for annotation \(DatasetError.quoteName(annotation.id)) "
                        + "(\(annotation.location)); expected one for each"))
        }
        checkPresence(results)
        checkSameThroughout(results, first)
        if requiresClassification, first.classification == nil {
            add(first, "classification", "is missing; ERASER's strict scoring wants one")
        }
    }

    /// Notes a flaw of a result's field.
    mutating func add(_ result: EraserResult, _ field: String, _ message: String) {
        flaws.add(
            DatasetError(
                .badData, at: result.location,
                "annotation \(DatasetError.quoteName(result.annotationID)), \(field): \(message)"
            ))
    }

    /// Optional fields are there for all results or for none.
    private mutating func checkPresence(_ results: [EraserResult]) {
        let fields: [(String, (EraserResult) -> Bool?)] = [
            ("classification", { $0.classification != nil }),
            ("classification_scores", { $0.classificationScores != nil }),
            ("comprehensiveness_classification_scores", { $0.comprehensivenessScores != nil }),
            ("sufficiency_classification_scores", { $0.sufficiencyScores != nil }),
            ("thresholded_scores", { $0.thresholdedScores != nil }),
            // A result without documents has no spans, and that is no contradiction.
            (
                "hard_rationale_predictions",
                { $0.rationales.isEmpty ? nil : $0.rationales.contains { $0.hard != nil } }
            ),
            ("soft_rationale_predictions", { $0.rationales.contains { $0.soft != nil } }),
            ("soft_sentence_predictions", { $0.rationales.contains { $0.softSentences != nil } }),
        ]
        for (name, isPresent) in fields {
            let without = results.filter { isPresent($0) == false }
            let with = results.count { isPresent($0) == true }
            guard with > 0, let first = without.first else { continue }
            add(
                first, name,
                "is missing in \(without.count) of \(with + without.count) results, this the first; "
                    + "expected it in all or in none")
        }
    }

    /// Classes and thresholds are those of the first result.
    private mutating func checkSameThroughout(_ results: [EraserResult], _ first: EraserResult) {
        let classes = first.classificationScores.map { Set($0.keys) }
        let thresholds = first.thresholdedScores.map { Set($0.map(\.threshold)) }
        for result in results.dropFirst() {
            if let classes, let scores = result.classificationScores, Set(scores.keys) != classes {
                add(
                    result, "classification_scores",
                    "has the classes \(Self.list(scores.keys)); expected those of "
                        + "\(first.location): \(Self.list(classes))")
            }
            if let thresholds, let scores = result.thresholdedScores,
                Set(scores.map(\.threshold)) != thresholds
            {
                add(
                    result, "thresholded_scores",
                    "has other thresholds than \(first.location); expected the same in all")
            }
        }
    }

    /// Some names, quoted and sorted.
    static func list(_ names: some Collection<String>) -> String {
        let shown = names.sorted().prefix(10).map { DatasetError.quote($0) }
        return shown.joined(separator: ", ") + (names.count > 10 ? ", …" : "")
    }
}

import Testing
import Warrant

/// Everything that ERASER's scorer refuses, or would stumble over, is named.
@Suite struct EraserVerificationTests {
    let sample: EraserSample
    let split: EraserSplit

    init() throws {
        sample = try EraserSample()
        split = try sample.split()
    }

    private func expect(
        _ message: String, _ change: (inout [EraserResult]) -> Void,
        sourceLocation: Testing.SourceLocation = #_sourceLocation
    ) {
        var results = sample.results
        change(&results)
        let flaws = split.verify(results)
        #expect(
            flaws.named.contains { $0.message.contains(message) }, "\(flaws)",
            sourceLocation: sourceLocation)
        #expect(flaws.named.allSatisfy { $0.kind == .badData }, sourceLocation: sourceLocation)
    }

    @Test func goodResultsHaveNoFlaws() {
        #expect(split.verify(sample.results).isEmpty)
        #expect(split.verify(sample.results.reversed()).isEmpty)
        var hardOnly = sample.results
        for index in hardOnly.indices {
            hardOnly[index] = EraserResult(
                annotationID: hardOnly[index].annotationID,
                rationales: hardOnly[index].rationales.map { .init(docid: $0.docid, hard: $0.hard) }
            )
        }
        hardOnly[2].rationales = []
        #expect(split.verify(hardOnly, requiresClassification: false).isEmpty)
        let flaws = split.verify(hardOnly)
        #expect(flaws.count == 1)
        #expect(flaws.description.contains("classification: is missing"))
    }

    @Test func eachAnnotationHasOneResult() {
        expect("there are no results") { $0 = [] }
        expect(#"there is no result for annotation "pair""#) { $0.remove(at: 1) }
        expect(#"annotation "one", annotation_id: stands in results already"#) { results in
            results.append(results[0])
        }
        expect(#"annotation "four", annotation_id: there is no such annotation"#) {
            $0[0].annotationID = "four"
        }
    }

    @Test func documentsAreTheAnnotations() throws {
        expect(#"annotation "one", rationales.0.docid: "two" is not among"#) {
            $0[0].rationales[0].docid = "two"
        }
        expect(#"rationales.0.docid: "../val.jsonl" is not among"#) {
            $0[0].rationales[0].docid = "../val.jsonl"
        }
        expect(#"rationales.1.docid: "two" stands twice"#) { $0[1].rationales[1].docid = "two" }
        // Its name begins with the annotation's id, which lists no documents; but it is not there.
        expect(#"rationales.0.docid: there is no document "one_more""#) {
            $0[0].rationales[0].docid = "one_more"
        }
        _ = try sample.folder.file("docs/one_more", "a b c d e f\n.")
        var results = sample.results
        results[0].rationales[0].docid = "one_more"
        results[0].rationales[0].soft?.append(0)
        #expect(split.verify(results).isEmpty)
    }

    @Test func spansAreApartAndWithin() {
        func spans(_ spans: (Int, Int)...) -> (inout [EraserResult]) -> Void {
            { results in
                results[0].rationales[0].hard = spans.map {
                    .init(startToken: $0.0, endToken: $0.1)
                }
            }
        }
        let field = #"annotation "one", rationales.0.hard_rationale_predictions"#
        expect(
            "\(field).1: tokens 5 to 7 are not within the document, which has 6",
            spans((0, 1), (5, 7)))
        expect("\(field).0: tokens -1 to 2 are not within", spans((-1, 2)))
        expect("\(field).0: tokens 0 to \(Int.max) are not within", spans((0, Int.max)))
        expect("\(field).0: tokens \(Int.min) to 1 are not within", spans((Int.min, 1)))
        expect("\(field).0: tokens 3 to 3 are none", spans((3, 3)))
        expect("\(field).0: tokens 3 to 1 are none", spans((3, 1)))
        expect("\(field).0: tokens 3 to 5 overlap with 2 to 4", spans((3, 5), (2, 4)))
        expect("\(field).1: tokens 2 to 4 overlap with 2 to 4", spans((2, 4), (2, 4)))
        // The longest of those before counts, not the last.
        expect("\(field).2: tokens 4 to 5 overlap with 0 to 6", spans((0, 6), (1, 2), (4, 5)))
        var results = sample.results
        spans((2, 6), (0, 2))(&results)
        #expect(split.verify(results).isEmpty, "spans that touch do not overlap")
    }

    @Test func scoresStandForEachTokenAndSentence() {
        expect("has 5 scores, but the document has 6 tokens") {
            $0[0].rationales[0].soft?.removeLast()
        }
        expect("rationales.0.soft_rationale_predictions: has 0 scores") {
            $0[0].rationales[0].soft = []
        }
        expect("has 3 scores, but the document has 4 tokens") {
            $0[1].rationales[0].soft?.removeLast()
        }
        expect("soft_sentence_predictions: has 1 scores, but the document has 2 sentences") {
            $0[0].rationales[0].softSentences = [1]
        }
        for value in [Double.nan, .infinity, -.infinity] {
            expect("soft_rationale_predictions.1: is not a finite number") {
                $0[0].rationales[0].soft?[1] = value
            }
            expect("has a score that is no probability") {
                $0[0].classificationScores = ["NEG": 1, "POS": value]
            }
            expect("thresholded_scores.2.threshold: is not a share") {
                $0[0].thresholdedScores?[2].threshold = value
            }
        }
    }

    @Test func optionalFieldsAreInAllOrInNone() {
        expect(#"annotation "pair", rationales.1.soft_rationale_predictions: is missing"#) {
            $0[1].rationales[1].soft = nil
        }
        expect(#"annotation "pair", rationales.0.hard_rationale_predictions: is missing"#) {
            $0[1].rationales[0].hard = nil
        }
        expect("soft_rationale_predictions: is missing in 1 of 3 results") {
            $0[0].rationales[0].soft = nil
        }
        expect("soft_sentence_predictions: is missing in 1 of 3 results") { $0[2].rationales = [] }
        expect("hard_rationale_predictions: is missing in 1 of 3 results") {
            $0[2].rationales[0].hard = nil
        }
        expect(#"annotation "pair", thresholded_scores: is missing in 2 of 3 results"#) {
            $0[1].thresholdedScores = nil
            $0[2].thresholdedScores = nil
        }
        expect("comprehensiveness_classification_scores: is missing in 1 of 3") {
            $0[1].comprehensivenessScores = nil
        }
        expect("sufficiency_classification_scores: is missing in 1 of 3") {
            $0[1].sufficiencyScores = nil
        }
        expect(#"annotation "pair", classification: is missing in 1 of 3"#) {
            $0[1].classification = nil
        }
    }

    @Test func someFieldsNeedOthers() {
        func strip(_ change: @escaping (inout EraserResult) -> Void)
            -> (inout [EraserResult]) -> Void
        {
            { results in for index in results.indices { change(&results[index]) } }
        }
        expect(
            "classification_scores: is missing, but classification is there",
            strip { $0.classificationScores = nil })
        expect(
            "classification: is missing, but classification_scores is there",
            strip { $0.classification = nil })
        expect(
            "thresholded_scores: is there without sufficiency_classification_scores",
            strip { $0.sufficiencyScores = nil })
        expect(
            "sufficiency_classification_scores: is there without classification",
            strip {
                $0.classification = nil
                $0.classificationScores = nil
            })
    }

    @Test func classesAndThresholdsAreTheSameThroughout() {
        expect(#"classification: "neg" is no class of the annotations"#) {
            $0[0].classification = "neg"
        }
        expect(#"has no score for the predicted class "NEG""#) {
            $0[0].classificationScores = ["POS": 1]
        }
        expect(#"sufficiency_classification_scores: has the classes "NEG"; expected"#) {
            $0[0].sufficiencyScores = ["NEG": 1]
        }
        expect("thresholded_scores.1.comprehensiveness_classification_scores: has the classes") {
            $0[0].thresholdedScores?[1].comprehensiveness = [:]
        }
        expect(#"annotation "pair", classification_scores: has the classes "NEG""#) { results in
            let certain = ["NEG": 1.0]
            results[1].classificationScores = certain
            results[1].comprehensivenessScores = certain
            results[1].sufficiencyScores = certain
            results[1].thresholdedScores = Faithfulness.thresholds.map {
                .init(threshold: $0, comprehensiveness: certain, sufficiency: certain)
            }
        }
        expect("classification_scores: adds up to 1.500") {
            $0[0].classificationScores = ["NEG": 0.75, "POS": 0.75]
        }
        expect("classification_scores: has a score that is no probability") {
            $0[0].classificationScores = ["NEG": -0.5, "POS": 1.5]
        }
        expect("thresholded_scores: lacks the threshold 0.2") {
            $0[0].thresholdedScores?.remove(at: 3)
        }
        expect("thresholded_scores: has a threshold twice") {
            $0[0].thresholdedScores?[3].threshold = 0.1
        }
        expect("thresholded_scores: has other thresholds than results") { results in
            guard var scores = results[1].thresholdedScores?[0] else { return }
            scores.threshold = 0.75
            results[1].thresholdedScores?.append(scores)
        }
    }

    @Test func manyFlawsAreCounted() {
        var results = sample.results
        results[0].rationales[0].hard = (0..<40).map { .init(startToken: -$0 - 1, endToken: 0) }
        let flaws = split.verify(results)
        #expect(flaws.count == 40 && flaws.named.count == EraserFlaws.limit)
        #expect(throws: flaws) { try split.score(results) }
    }

    @Test func badSplitsAreErrorsThatNameTheRow() throws {
        func error(_ rows: String...) throws -> DatasetError? {
            let path = try sample.folder.file("bad.jsonl", rows.joined())
            return #expect(throws: DatasetError.self) {
                try EraserSplit(annotations: path, documents: sample.documents)
            }
        }
        func message(_ evidence: EraserSample.Evidence) throws -> String? {
            try error(EraserSample.annotation("one", "NEG", [evidence]))?.message
        }
        #expect(try message(("one", 0, 7, 0, 1))?.contains("which has 6 tokens") == true)
        #expect(try message(("one", -1, 2, 0, 1))?.contains("from token -1 to 2") == true)
        #expect(try message(("one", 3, 2, 0, 1))?.contains("from token 3 to 2") == true)
        #expect(try message(("one", 0, 1, 0, 3))?.contains("which has 2 sentences") == true)
        #expect(try message(("../x", 0, 1, 0, 1))?.contains("leads out of") == true)
        let row = EraserSample.annotation("one", "NEG", [])
        #expect(try error(row, row)?.location.line == 2)
        #expect(try error("\n")?.message.contains("there are no rows") == true)
        let missing = try error(EraserSample.annotation("one", "NEG", [("four", 0, 1, 0, 1)]))
        #expect(missing?.kind == .missingInput)
        let folder = #expect(throws: DatasetError.self) {
            try EraserSplit(annotations: sample.annotations, documents: sample.annotations + "/no")
        }
        #expect(folder?.kind == .missingInput)
        let file = #expect(throws: DatasetError.self) {
            try EraserSplit(annotations: sample.annotations, documents: sample.annotations)
        }
        #expect(file?.kind == .badData && file?.location.line == 1)
    }
}

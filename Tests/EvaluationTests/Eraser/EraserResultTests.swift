import Testing
import Warrant

@Suite struct EraserResultTests {
    let sample: EraserSample

    init() throws { sample = try EraserSample() }

    private func write(_ results: [EraserResult]) throws -> String {
        try sample.folder.file(
            "results.jsonl", results.map { $0.json.write() + "\n" }.joined())
    }

    private func flaws(_ text: String) throws -> EraserFlaws? {
        let path = try sample.folder.file("results.jsonl", text)
        do {
            _ = try EraserResult.read(path: path)
            return nil
        } catch let flaws as EraserFlaws {
            return flaws
        }
    }

    @Test func whatIsWrittenReadsBack() throws {
        var results = try EraserResult.read(path: write(sample.results))
        #expect(results.map(\.location.line) == [1, 2, 3])
        #expect(results[0].location.file.hasSuffix("results.jsonl"))
        for index in results.indices { results[index].location = sample.results[0].location }
        #expect(results == sample.results)
    }

    @Test func fieldNamesAreErasers() {
        let result = EraserResult(
            annotationID: "a",
            rationales: [
                .init(docid: "d", hard: [.init(1..<3)], soft: [0.5], softSentences: [1])
            ],
            classification: "N", classificationScores: ["P": 0.25, "N": 0.75],
            thresholdedScores: [
                .init(threshold: 0.1, comprehensiveness: ["N": 1], sufficiency: ["N": 1])
            ])
        let expected =
            #"{"annotation_id":"a","rationales":[{"docid":"d","hard_rationale_predictions":"#
            + #"[{"start_token":1,"end_token":3}],"soft_rationale_predictions":[0.5],"#
            + #""soft_sentence_predictions":[1.0]}],"classification":"N","#
            + #""classification_scores":{"N":0.75,"P":0.25},"thresholded_scores":"#
            + #"[{"threshold":0.1,"comprehensiveness_classification_scores":{"N":1.0},"#
            + #""sufficiency_classification_scores":{"N":1.0}}]}"#
        #expect(result.json.write() == expected)
    }

    @Test func blankLinesAreNone() throws {
        let path = try sample.folder.file(
            "results.jsonl", "\n" + #"{"annotation_id": "a", "rationales": []}"# + "\n \n")
        let results = try EraserResult.read(path: path)
        #expect(results.map(\.annotationID) == ["a"])
        #expect(results.first?.classification == nil)
        #expect(results.first?.location.line == 2)
    }

    @Test(
        "null is no value of an optional field",
        arguments: [
            "classification", "classification_scores", "comprehensiveness_classification_scores",
            "sufficiency_classification_scores", "thresholded_scores",
            "hard_rationale_predictions", "soft_rationale_predictions", "soft_sentence_predictions",
        ])
    func null(field: String) throws {
        let isOfDocument = field.hasSuffix("predictions")
        let document = #"{"docid": "d""# + (isOfDocument ? ", \"\(field)\": null}" : "}")
        let flaws = try #require(
            try flaws(
                #"{"annotation_id": "a", "rationales": [\#(document)]"#
                    + (isOfDocument ? "}" : ", \"\(field)\": null}")))
        #expect(flaws.count == 1)
        #expect(flaws.named.first?.message.contains(field) == true)
        #expect(flaws.named.first?.message.contains("is not") == true)
    }

    @Test func everyBadLineIsNamed() throws {
        func row(_ soft: String, start: String = "0") -> String {
            #"{"annotation_id": "a", "rationales": [{"docid": "d", "#
                + #""hard_rationale_predictions": [{"start_token": \#(start), "end_token": 2}], "#
                + #""soft_rationale_predictions": [\#(soft)]}]}"#
        }
        let rows = [
            row("NaN"), row("1"), row("Infinity"), row("1e999"), row("1", start: "0.5"),
            row("1", start: "99999999999999999999"), row("1", start: #""0""#), row("[1]"),
            #"{"annotation_id": "a"}"#, #"{"rationales": []}"#, "[]", "{", "nonsense",
        ]
        let flaws = try #require(try flaws(rows.joined(separator: "\n")))
        #expect(flaws.count == rows.count - 1)
        #expect(flaws.named.count == 10)
        #expect(flaws.named.map(\.location.line) == [1, 3, 4, 5, 6, 7, 8, 9, 10, 11])
        #expect(flaws.named.allSatisfy { $0.kind == .badData })
        #expect(flaws.description.hasSuffix("\nand 2 more"))
        #expect(
            flaws.named[5].message.contains(
                #""rationales.0.hard_rationale_predictions.0.start_token""#))
        #expect(flaws.named[7].message.contains(#"no field "rationales""#))
    }

    @Test func bytesThatAreNoTextEndTheReading() throws {
        let path = try sample.folder.file("results.jsonl", bytes: [0x7B, 0xFF, 0x0A, 0x7B, 0x0A])
        let flaws = #expect(throws: EraserFlaws.self) { try EraserResult.read(path: path) }
        #expect(flaws?.count == 1)
        #expect(flaws?.named.first?.message.contains("not UTF-8") == true)
    }

    @Test func aMissingFileIsMissing() throws {
        for path in ["/no.jsonl", "/docs"] {
            let error = #expect(throws: DatasetError.self) {
                try EraserResult.read(path: sample.folder.path + path)
            }
            #expect(error?.kind == .missingInput)
        }
    }
}

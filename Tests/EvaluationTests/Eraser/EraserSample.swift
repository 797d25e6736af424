import JSON
import TestSupport
import Warrant

/// A split of three annotations that the tests made up, and results for them.
struct EraserSample {
    let folder: TemporaryFolder
    let annotations: String
    let documents: String

    /// Where evidence lies: document, first token, the one after the last, first sentence, the one
    /// after the last.
    typealias Evidence = (docid: String, Int, Int, Int, Int)

    init() throws {
        folder = try TemporaryFolder()
        documents = folder.path + "/docs"
        // 6 tokens in 2 sentences.
        try folder.file("docs/one", "a b  c d\ne f\n\n")
        // 4 tokens in 2 sentences: a no-break space within a line parts nothing, a carriage return
        // ends a line, and whitespace at a line's ends is dropped.
        try folder.file("docs/two", "\t g h\u{A0}i j \r \u{A0}\r\nk")
        try folder.file("docs/three", "l m")
        annotations = try folder.file(
            "val.jsonl",
            Self.annotation("one", "NEG", [("one", 1, 3, 0, 1)])
                + Self.annotation(
                    "pair", "POS", [("two", 0, 2, 0, 1), ("one", 4, 6, 1, 2)],
                    docids: ["one", "two"])
                + "\n" + Self.annotation("three:0", "POS", []))
    }

    static func annotation(
        _ id: String, _ label: String, _ evidences: [Evidence], docids: [String]? = nil
    ) -> String {
        let groups: [JSONText] = evidences.map { evidence in
            [
                [
                    "docid": .string(evidence.docid), "start_token": .integer(evidence.1),
                    "end_token": .integer(evidence.2), "start_sentence": .integer(evidence.3),
                    "end_sentence": .integer(evidence.4), "text": "…",
                ]
            ]
        }
        let row: JSONText = [
            "annotation_id": .string(id), "classification": .string(label), "query": "?",
            "evidences": .array(groups),
            "docids": docids.map { .array($0.map { .string($0) }) } ?? .null,
        ]
        return row.write() + "\n"
    }

    /// The split.
    func split() throws -> EraserSplit {
        try EraserSplit(annotations: annotations, documents: documents)
    }

    /// Results without flaws, with every field.
    var results: [EraserResult] {
        [
            result(
                "one", "NEG", 0.75,
                [
                    .init(
                        docid: "one", hard: [.init(2..<4)], soft: [0, 0.5, 0.5, 0.25, 0, 0],
                        softSentences: [0.5, 0.25])
                ]),
            result(
                "pair", "NEG", 0.5,
                [
                    .init(
                        docid: "two", hard: [.init(0..<2)], soft: [1, 0.5, 0, 0],
                        softSentences: [1, 0]),
                    .init(
                        docid: "one", hard: [.init(0..<1)], soft: [0, 0, 0, 0, 0, 0],
                        softSentences: [0, 0]),
                ]),
            result(
                "three:0", "POS", 0.25,
                [
                    .init(
                        docid: "three", hard: [.init(0..<2)], soft: [1, 1], softSentences: [1])
                ]),
        ]
    }

    private func result(
        _ id: String, _ label: String, _ negative: Double, _ rationales: [EraserResult.Rationale]
    ) -> EraserResult {
        let scores = ["NEG": negative, "POS": 1 - negative]
        let even = ["NEG": 0.5, "POS": 0.5]
        return EraserResult(
            annotationID: id, rationales: rationales, classification: label,
            classificationScores: scores, comprehensivenessScores: even, sufficiencyScores: scores,
            thresholdedScores: Faithfulness.thresholds.map {
                .init(threshold: $0, comprehensiveness: even, sufficiency: scores)
            })
    }
}

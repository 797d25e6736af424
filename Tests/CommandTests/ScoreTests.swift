import Foundation
import TestSupport
import Testing

@Suite struct ScoreTests {
    let folder: TemporaryFolder
    let arguments: [String]

    init() throws {
        folder = try TemporaryFolder()
        try FileManager.default.createDirectory(
            atPath: folder.path + "/docs", withIntermediateDirectories: false)
        try folder.file("docs/a", "a dull film .\nit drags")
        try folder.file("docs/b", "bright and warm")
        try folder.file(
            "val.jsonl",
            #"{"annotation_id": "a", "classification": "NEG", "query": "?", "evidences": "#
                + #"[[{"docid": "a", "start_token": 1, "end_token": 3, "text": "dull film"}]]}"#
                + "\n"
                + #"{"annotation_id": "b", "classification": "POS", "query": "?", "evidences": []}"#
        )
        arguments = [
            "score", "--annotations", folder.path + "/val.jsonl", "--documents",
            folder.path + "/docs", "--predictions",
        ]
    }

    private func row(_ id: String, _ start: Int, _ end: Int) -> String {
        #"{"annotation_id": "\#(id)", "rationales": [{"docid": "\#(id)", "#
            + #""hard_rationale_predictions": [{"start_token": \#(start), "end_token": \#(end)}]}"#
            + #"], "classification": "NEG", "classification_scores": {"NEG": 0.75, "POS": 0.25}}"#
            + "\n"
    }

    private func score(_ predictions: String, _ more: String...) throws -> Command.Outcome {
        let path = try folder.file("predictions.jsonl", predictions)
        return try Command.run(arguments + [path] + more)
    }

    @Test func anEmptyResultFileIsNamed() throws {
        for text in ["", "\n\n"] {
            let run = try score(text)
            #expect(run.status == 65)
            #expect(
                run.errors.contains("/predictions.jsonl: there are no results"), "\(run.errors)")
        }
    }

    @Test func tablesForPeople() throws {
        let run = try score(row("a", 2, 4) + row("b", 0, 1))
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.errors.isEmpty)
        #expect(run.lines.first == "2 annotations, 1 without evidence not scored for agreement")
        // One of two tokens is shared.
        #expect(
            run.lines.contains { $0.hasPrefix("tokens, all together") && $0.hasSuffix("0.500") })
        #expect(run.output.contains("accuracy 0.500"))
        #expect(!run.output.contains("faithfulness"))
    }

    @Test func erasersScoreFile() throws {
        let run = try score(row("a", 1, 3) + row("b", 0, 1), "--json", "--strict")
        #expect(run.status == 0, "\(run.errors)")
        let scores = try #require(try run.objects().first)
        #expect(
            Set(scores.keys)
                == ["classification_scores", "iou_scores", "rationale_prf", "token_prf"])
        let micro = (scores["token_prf"] as? [String: [String: Double]])?["instance_micro"]
        #expect(micro == ["p": 1, "r": 1, "f1": 1])
        #expect(run.errors.contains("1 of 2 annotations without evidence"))
    }

    @Test func badResultsAreNamedOneALine() throws {
        let rows = row("a", 3, 9) + row("c", 0, 1)
        let run = try score(rows)
        #expect(run.status == 65)
        #expect(run.output.isEmpty)
        #expect(run.errorLines.count == 3, "\(run.errors)")
        #expect(
            run.errorLines.first?.contains(
                "predictions.jsonl:1: annotation \"a\", "
                    + "rationales.0.hard_rationale_predictions.0: tokens 3 to 9") == true)
        #expect(run.errors.contains("predictions.jsonl:2: annotation \"c\", annotation_id: "))
        #expect(run.errors.contains("there is no result for annotation \"b\""))
        #expect(run.errorLines.allSatisfy { $0.hasPrefix("warrant: ") })

        let many = try score(String(repeating: "nonsense\n", count: 25))
        #expect(many.status == 65)
        #expect(many.errorLines.count == 11)
        #expect(many.errorLines.last?.hasSuffix("and 15 more errors") == true)
    }

    @Test func strictWantsAClassification() throws {
        let rows = ["a", "b"].map { #"{"annotation_id": "\#($0)", "rationales": []}"# }
            .joined(separator: "\n")
        #expect(try score(rows).status == 0)
        let strict = try score(rows, "--strict")
        #expect(strict.status == 65)
        #expect(strict.errors.contains("classification: is missing"))
    }

    @Test func missingFilesAreMissing() throws {
        let predictions = try folder.file("predictions.jsonl", row("a", 1, 3))
        #expect(try Command.run(arguments + [folder.path + "/no"]).status == 66)
        for index in [2, 4] {
            var changed = arguments + [predictions]
            changed[index] = folder.path + "/no"
            let run = try Command.run(changed)
            #expect(run.status == 66)
            #expect(run.errorLines.count == 1)
            #expect(run.errors.contains("/no: "))
        }
        #expect(try Command.run(["score", "--annotations", "a"]).status == 64)
    }

    @Test func helpShowsHow() throws {
        let run = try Command.run(["score", "--help"])
        #expect(run.status == 0)
        #expect(run.output.contains("EXAMPLES"))
        #expect(run.output.contains("warrant score --annotations"))
    }
}

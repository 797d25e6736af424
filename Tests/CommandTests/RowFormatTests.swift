import Foundation
import TestSupport
import Testing

/// Rows as people bring them, through the real command.
@Suite struct RowFormatTests {
    let tiny: TinyModel
    let folder: TemporaryFolder

    init() throws {
        tiny = try TinyModel.shared.get()
        folder = try TemporaryFolder()
    }

    /// A sentence and its label.
    private func row(_ number: Int) -> (text: String, label: String) {
        (TinyModel.sentence(number), number % 2 == 0 ? "negative" : "positive")
    }

    private func train(_ data: String, _ more: [String] = []) throws -> Command.Outcome {
        let output = folder.path + "/model"
        try? FileManager.default.removeItem(atPath: output)
        return try Command.run(
            [
                "train", "--encoder", tiny.encoder, "--train", data, "--output", output, "--epochs",
                "1",
                "--batch-size", "8",
            ] + more)
    }

    private func expectRefused(
        _ run: Command.Outcome, _ said: String..., sourceLocation: SourceLocation = #_sourceLocation
    ) {
        #expect(run.status == 65, "\(run.errors)", sourceLocation: sourceLocation)
        #expect(run.errorLines.count == 1, "\(run.errors)", sourceLocation: sourceLocation)
        for part in said {
            #expect(run.errors.contains(part), "\(run.errors)", sourceLocation: sourceLocation)
        }
    }

    @Test func semicolonsAndGzipTrainAModel() throws {
        let table = "text;label\n" + (0..<40).map { "\(row($0).text);\(row($0).label)\n" }.joined()
        let path = try folder.file("train.csv", table)
        // With labels that are numbers in a column of another delimiter, packed by the system's gzip.
        let packed = try Command.shell("gzip -k \"$1\" && echo done", [path])
        #expect(packed.lines == ["done"])
        let run = try train(path + ".gz")
        #expect(run.status == 0, "\(run.errors)")
        let said = run.errorLines.filter { $0.contains("semicolons") }
        #expect(said.count == 1 && said[0].contains("train.csv.gz: "), "\(run.errors)")
        #expect(run.errors.contains("train: 36 documents"))

        let cut = try Command.shell("head -c 300 \"$1.gz\" > \"$1.cut.gz\"", [path])
        #expect(cut.status == 0)
        let refused = try train(path + ".cut.gz", ["--format", "csv"])
        #expect(refused.status == 65)
        #expect(refused.errorLines.last?.contains("train.csv.cut.gz: the gzip file") == true)
        let piped = try Command.shell(
            "\"$0\" classify --model \"$1\" --format csv < \"$2.gz\" | wc -l", [tiny.model, path])
        #expect(
            piped.lines.map { $0.trimmingCharacters(in: .whitespaces) } == ["40"], "\(piped.errors)"
        )
    }

    @Test func equalNumbersAreOneLabelInEveryFormat() throws {
        let table =
            "text,label\n"
            + (0..<40).map {
                "\"\(row($0).text)\",\($0 % 2 == 0 ? "0" : $0 % 3 == 0 ? "1.0" : "1")\n"
            }
            .joined()
        let run = try train(
            try folder.file("train.csv", table),
            [
                "--dev",
                try folder.file(
                    "dev.jsonl",
                    (0..<8).map { #"{"text": "\#(row($0).text)", "label": \#($0 % 2).0}"# }.joined(
                        separator: "\n")),
            ])
        #expect(run.status == 0, "\(run.errors)")
        #expect(
            run.errors.contains("0 20, 1 20") && run.errors.contains("0 4, 1 4"), "\(run.errors)")
    }

    @Test func labelsThatAreNoneAreRefusedWithTheReason() throws {
        func rows(_ fields: (Int) -> String) throws -> String {
            try folder.file(
                "rows.jsonl",
                (0..<20).map { "{\"text\": \"\(row($0).text)\", \(fields($0))}" }.joined(
                    separator: "\n"))
        }
        expectRefused(
            try train(rows { "\"label\": [\"\(row($0).label)\", \"film\"]" }), "rows.jsonl:1: ",
            "multi-label", "not supported")
        expectRefused(
            try train(rows { "\"labels\": [\"\(row($0).label)\"]" }), "rows.jsonl:1: ",
            "--label-column",
            "\"labels\", \"text\"", "multi-label")
        expectRefused(
            try train(rows { "\"label\": \($0 == 0 ? "0.0" : "0.37")" }), "rows.jsonl:2: ",
            "regression is not supported")
        let null = try rows { "\"label\": \($0 % 5 == 3 ? "null" : "\"\(row($0).label)\"")" }
        expectRefused(
            try train(null), "rows.jsonl:4: ", "4 rows (lines 4, 9, 14, 19)", "--drop-unlabelled")
        let dropped = try train(null, ["--drop-unlabelled"])
        #expect(dropped.status == 0, "\(dropped.errors)")
        #expect(dropped.errorLines.first?.contains("4 rows without a label are left out") == true)
        let oneHot =
            "text,good,bad\n"
            + (0..<20).map { "\(row($0).text),\($0 % 2),\(1 - $0 % 2)\n" }.joined()
        expectRefused(
            try train(folder.file("onehot.csv", oneHot.replacing(" ,", with: ""))),
            "onehot.csv:1: ",
            "\"good\", \"bad\"", "--label-column")
    }

    @Test func badRowsAreNamedAndTheOthersAnswered() throws {
        let rows = try folder.file(
            "in.jsonl",
            """
            {"id": 1, "text": "a dull film"}
            {"id": 2, "text": null}
            {"text": 42}
            {"id": 4, "text": "a film", "score": NaN}
            {"text": "the story"}
            {"id": 6, "text": "half \\ud83d"}
            """)
        let output = folder.path + "/out.jsonl"
        let first = try Command.run(["classify", "--model", tiny.model, "--input", rows])
        #expect(first.status == 65)
        #expect(try first.objects().map { $0["id"] as? String } == ["1", "2"])
        #expect(first.errors.contains("in.jsonl:3: the field \"text\""))

        for command in ["classify", "extract"] {
            let run = try Command.run([
                command, "--model", tiny.model, "--input", rows, "--keep-going", "--output", output,
            ])
            #expect(run.status == 65)
            let lines = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
            // A row's number is its place in the data.
            #expect(lines.count == 3 && lines[2].hasPrefix("{\"id\":\"5\""), "\(lines)")
            #expect(lines[1].contains("\"error\":"))
            for said in [
                "in.jsonl:2: the text has no words", "in.jsonl:3: ",
                "in.jsonl:4: the field \"score\" holds NaN",
                "in.jsonl:6: ", "surrogate", "3 rows could not be read", "2 rows were answered",
            ] { #expect(run.errors.contains(said), "\(said) in \(run.errors)") }
        }
        let cut = try Command.run(
            ["classify", "--model", tiny.model, "--keep-going", "--format", "jsonl"],
            input: "[{\"text\": \"a film\"}, {\"text\": 3}, {\"text\": \"b\"} {\"text\": \"c\"}]")
        #expect(cut.status == 65 && cut.lines.count == 2, "\(cut.errors)")
        #expect(cut.errors.contains("parted by a comma"))
    }

    @Test func humanRationalesSayWhatTheyWereReadAs() throws {
        let forms: [(rows: String, options: [String], said: String)] = [
            (
                #"{"text": "a dull film", "label": "negative", "rationale": [[2, 3]]}"#, [],
                "read as words of the text"
            ),
            (
                #"""
                {"text": "a dull film that is the plot", "label": "negative", "rationale": [[2, 6]]}
                {"text": "a warm film , and the actor", "label": "positive", "rationale": [[2, 6]]}
                """#, [], "--rationale-unit characters"
            ),
            (
                #"{"text": "a dull film", "label": "negative", "rationale": [[2, 6]]}"#,
                ["--rationale-unit", "characters"], "read as characters"
            ),
            (
                #"{"text": "a dull film", "label": "negative", "rationales": [[0, 1, 0], [0, 1, 1]]}"#,
                [],
                "read as masks over the words, of which more than half"
            ),
            (
                #"{"text": "a dull film", "label": [[2, 6, "negative"]]}"#, [], "read as characters"
            ),
        ]
        for form in forms {
            let run = try Command.run(
                [
                    "evaluate", "--model", tiny.model, "--no-faithfulness", "--json", "--data",
                    try folder.file("rows.jsonl", form.rows),
                ] + form.options)
            #expect(run.status == 0, "\(run.errors)")
            let said = run.errorLines.filter { $0.contains("human rationales are read") }
            #expect(said.count == 1 && said[0].contains(form.said), "\(run.errors)")
            #expect(run.output.contains("\"plausibility\""))
        }
        let outside = try Command.run([
            "evaluate", "--model", tiny.model, "--data",
            try folder.file(
                "rows.jsonl",
                #"{"text": "a dull film", "label": "negative", "rationale": [[2, 6]]}"#),
        ])
        expectRefused(outside, "rows.jsonl:1: ", "--rationale-unit characters")
    }

    @Test func classFoldersAndDocumentFilesTrainAModel() throws {
        for number in 0..<40 {
            let split = number < 32 ? "train" : "test"
            try folder.file("imdb/\(split)/\(row(number).label)/\(number).txt", row(number).text)
        }
        try folder.file("imdb/train/unsup/1.txt", "the film")
        let classes = try train(folder.path + "/imdb")
        #expect(classes.status == 0, "\(classes.errors)")
        for said in ["unsup", "test: 8 documents", "negative 4, positive 4"] {
            #expect(classes.errors.contains(said), "\(said) in \(classes.errors)")
        }
        let answers = try Command.run([
            "classify", "--model", tiny.model, "--input", folder.path + "/imdb/test",
        ])
        #expect(answers.status == 0)
        #expect(try answers.objects().first?["id"] as? String == "negative/32.txt")

        func annotation(_ number: Int) -> String {
            #"{"annotation_id": "m\#(number)", "classification": "\#(row(number).label)", "query": "", "docids": null, "evidences": [[{"docid": "m\#(number)", "start_token": 1, "end_token": 2, "text": ""}]]}"#
                + "\n"
        }
        try folder.file(
            "eraser/docs.jsonl",
            (0..<40).map { "{\"docid\": \"m\($0)\", \"document\": \"\(row($0).text)\"}\n" }.joined()
        )
        for (split, numbers) in [("train", 0..<24), ("val", 24..<32), ("test", 32..<40)] {
            try folder.file("eraser/\(split).jsonl", numbers.map(annotation).joined())
        }
        let eraser = try train(folder.path + "/eraser")
        #expect(eraser.status == 0, "\(eraser.errors)")
        #expect(
            eraser.errors.contains("test: 8 documents")
                && eraser.errors.contains("8 with a human rationale"))
        let results = folder.path + "/results.jsonl"
        let evaluated = try Command.run([
            "evaluate", "--model", folder.path + "/model", "--no-faithfulness", "--data",
            folder.path + "/eraser/val.jsonl", "--eraser-output", results,
        ])
        #expect(evaluated.status == 0, "\(evaluated.errors)")
        for documents in ["/eraser", "/eraser/docs.jsonl"] {
            let score = try Command.run([
                "score", "--annotations", folder.path + "/eraser/val.jsonl", "--documents",
                folder.path + documents, "--predictions", results, "--json",
            ])
            #expect(score.status == 0 && score.output.contains("token_prf"), "\(score.errors)")
        }
    }
}

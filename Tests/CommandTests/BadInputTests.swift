import Foundation
import TestSupport
import Testing

/// Each bad input gets one line that names the file, the right status, and leaves nothing behind.
@Suite struct BadInputTests {
    let tiny: TinyModel
    let folder: TemporaryFolder

    init() throws {
        tiny = try TinyModel.shared.get()
        folder = try TemporaryFolder()
    }

    private func expect(
        _ arguments: [String], _ status: Int32, _ said: String..., input: String = "",
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let run = try Command.run(arguments, input: input)
        #expect(run.status == status, "\(run.errors)", sourceLocation: sourceLocation)
        #expect(run.output.isEmpty, sourceLocation: sourceLocation)
        #expect(run.errorLines.count == 1, "\(run.errors)", sourceLocation: sourceLocation)
        #expect(run.errors.hasPrefix("warrant: "), sourceLocation: sourceLocation)
        for part in said {
            #expect(run.errors.contains(part), "\(run.errors)", sourceLocation: sourceLocation)
        }
    }

    private func train(_ data: String, _ more: [String] = []) -> [String] {
        [
            "train", "--encoder", tiny.encoder, "--train", data, "--output", folder.path + "/m",
            "--epochs", "1",
        ] + more
    }

    private func evaluate(_ data: String) -> [String] {
        ["evaluate", "--model", tiny.model, "--data", data]
    }

    @Test func missingFiles() throws {
        try expect(train(folder.path + "/no.tsv"), 66, "no.tsv: no such file")
        try expect(evaluate(folder.path + "/no.tsv"), 66, "no.tsv: no such file")
        try expect(
            ["classify", "--model", tiny.model, "--input", folder.path + "/no.jsonl"], 66,
            "no.jsonl: no such file")
        try expect(["classify", "--model", folder.path + "/no", "a"], 66, "/no: not found")
        try expect(
            ["verify", "--model", tiny.model, "--source", folder.path + "/no.jsonl"], 66,
            "no.jsonl: no such file")
        try expect(
            ["train", "--encoder", folder.path, "--train", tiny.train, "--output", "m"], 66,
            "config.json: not found")
        #expect(try folder.names.isEmpty)
    }

    @Test func missingColumns() throws {
        try expect(
            train(tiny.train, ["--text-column", "review"]), 65, "train.tsv:1: ", "\"sentence\"")
        try expect(evaluate(try folder.file("a.csv", "text,stars\na,1\n")), 65, "a.csv:1: ")
    }

    @Test func rowsThatAreNoRows() throws {
        let text = "{\"text\":\"a film\",\"label\":\"positive\"}\n"
        let broken = try folder.file("a.jsonl", text + "{\"text\":}\n")
        try expect(train(broken), 65, "a.jsonl:2: not valid JSON")
        try expect(evaluate(broken), 65, "a.jsonl:2: not valid JSON")
        let bytes = Data(text.utf8) + Data([0x7B, 0xFF, 0x0A])
        try expect(
            train(try folder.file("b.jsonl", bytes: bytes)), 65, "b.jsonl:2: ", "not UTF-8")
        try expect(train(try folder.file("c.jsonl", "")), 65, "c.jsonl: there are no rows")
        try expect(
            ["classify", "--model", tiny.model, "--input", folder.path + "/c.jsonl"], 65,
            "c.jsonl: there are no rows")
        try expect(
            ["verify", "--model", tiny.model, "--input", folder.path + "/c.jsonl"], 65, "c.jsonl: ")
    }

    @Test func filesOfAnotherKindAreToldWithWhatIsExpected() throws {
        let text = try folder.file("text", "a b c\n")
        try folder.file("docs/a", "a film")
        let rows = try folder.file(
            "val.jsonl", #"{"annotation_id": "a", "classification": "x", "evidences": []}"#)
        func problem(_ example: String) -> String {
            "text:1: not a JSON object; expected one object a line, such as \(example): check that it "
                + "is the right file\n"
        }
        try expect(
            ["verify", "--model", tiny.model, "--input", text], 65,
            problem(#"{"id": "…", "certificate": {…}}"#))
        try expect(
            [
                "score", "--annotations", rows, "--documents", folder.path + "/docs",
                "--predictions", text,
            ], 65,
            problem(#"{"annotation_id": "…", "rationales": […]}"#))
    }

    @Test func labelsThatDoNotFit() throws {
        let one = try folder.file("one.tsv", "text\tlabel\na film\tx\na plot\tx\n")
        try expect(train(one), 65, "one.tsv:2: ", "\"x\"", "two classes")
        try expect(evaluate(one), 65, "one.tsv:2: ", "not seen in training", "\"negative\"")
        try expect(train(tiny.train, ["--dev", one]), 65, "one.tsv:2: ", "not seen in training")
        let none = try folder.file("none.jsonl", "{\"text\":\"a film\"}\n")
        try expect(evaluate(none), 65, "none.jsonl:1: ")
        let empty = try folder.file("empty.tsv", "text\tlabel\n \tpositive\n")
        #expect(try Command.run(evaluate(empty)).status == 65)
        try expect(train(empty), 65, "empty.tsv:2: ", "no row has a text with words")
    }

    @Test func optionsOutOfRange() throws {
        let cases: [([String], String)] = [
            (["--epochs", "0"], "--epochs is 0"),
            (["--batch-size", "5000"], "--batch-size is 5000"),
            (["--learning-rate", "nan"], "--learning-rate is nan"),
            (["--learning-rate", "0"], "--learning-rate is 0"),
            (["--ratio", "0"], "the ratio is 0"), (["--ratio", "1.5"], "the ratio is 1.5"),
            (["--threads", "0"], "--threads is 0"), (["--scorer", "magic"], "--scorer"),
            (["--thresholder", "magic"], "top-k"), (["--seed", "-1"], "--seed"),
            (["--maximum-length", "100"], "maximum length is 100"),
        ]
        for (options, said) in cases {
            let run = try Command.run(train(tiny.train, options))
            #expect(run.status == 64, "\(options): \(run.errors)")
            #expect(run.errorLines.last?.contains(said) == true, "\(options): \(run.errors)")
        }
        try expect(["classify"], 64, "--model", "warrant classify --help")
        try expect(["classify", "--model", tiny.model, tiny.train], 64, "give it with --input")
        #expect(try folder.names.isEmpty)
    }

    @Test func outputsThatCannotBeWritten() throws {
        let run = try Command.run(
            [
                "train", "--encoder", tiny.encoder, "--train", tiny.train, "--output",
                tiny.dev + "/m",
            ])
        #expect(run.status == 73)
        #expect(run.errorLines.count == 1)
        #expect(run.errors.contains("dev.tsv/m: cannot be written"))
    }

    @Test func anAlteredByteInAnyFileOfTheModel() throws {
        let copy = folder.path + "/m"
        try FileManager.default.copyItem(atPath: tiny.model, toPath: copy)
        let names = try FileManager.default.subpathsOfDirectory(atPath: copy).filter {
            $0.contains("/")
        }
        #expect(names.count == 6)
        for name in names {
            let file = URL(fileURLWithPath: "\(copy)/\(name)")
            let sound = try Data(contentsOf: file)
            var altered = sound
            altered[sound.count / 2] ^= 1
            try altered.write(to: file)
            try expect(["classify", "--model", copy, "a film"], 65, "/m/\(name): ", "SHA-256")
            try sound.dropLast().write(to: file)
            try expect(["classify", "--model", copy, "a film"], 65, "/m/\(name): ", "SHA-256")
            try FileManager.default.removeItem(at: file)
            try expect(["classify", "--model", copy, "a film"], 66, "/m/\(name): not found")
            try sound.write(to: file)
        }
        try FileManager.default.removeItem(atPath: copy + "/warrant.json")
        try expect(["classify", "--model", copy, "a film"], 66, "warrant.json: not found")
        try folder.file("m/warrant.json", "{\"format_version\": 99}")
        try expect(["classify", "--model", copy, "a film"], 65, "warrant.json: format version 99")
        var manifest = try #require(
            try JSONSerialization.jsonObject(
                with: Data(contentsOf: URL(fileURLWithPath: tiny.model + "/warrant.json")))
                as? [String: Any])
        manifest["labels"] = (0..<5_000).map { "class \($0)" }
        try TinyModel.seal(
            String(
                decoding: try JSONSerialization.data(withJSONObject: manifest), as: UTF8.self),
            to: copy)
        try expect(
            ["classify", "--model", copy, "a film"], 65,
            "warrant.json: there are 5000 labels; expected at most 4096")
        try folder.file("m/warrant.json", "[")
        try expect(["classify", "--model", copy, "a film"], 65, "warrant.json: ")
    }

    @Test func encodersThatAreTruncatedOrLie() throws {
        let encoder = folder.path + "/encoder"
        try FileManager.default.copyItem(atPath: tiny.encoder, toPath: encoder)
        let file = URL(fileURLWithPath: encoder + "/model.safetensors")
        let sound = try Data(contentsOf: file)
        var absurd = sound
        absurd.replaceSubrange(0..<8, with: [255, 255, 255, 255, 255, 255, 255, 127])
        for bytes in [sound.dropLast(100), sound + Data([0]), absurd, Data()] {
            try Data(bytes).write(to: file)
            let run = try Command.run([
                "train", "--encoder", encoder, "--train", tiny.train, "--output",
                folder.path + "/m",
            ])
            #expect(run.status == 65, "\(run.errors)")
            let line = try #require(run.errorLines.last)
            #expect(line.hasPrefix("warrant: ") && line.contains("model.safetensors: "))
        }
        #expect(try folder.names == ["encoder"])
    }

    @Test func argumentsOfTheWrongFormSayWhatIsExpected() throws {
        let rows = try folder.file("rows.csv", "a b\tx\n")
        for (arguments, said) in [
            (train(rows, ["--delimiter", "ab"]), "one ASCII character"),
            (train(rows, ["--delimiter", ""]), "one ASCII character"),
            (train(rows, ["--seeds", "0,,-1"]), "between commas, such as 0,1,2"),
            (evaluate(rows) + ["--memory-limit", "0"], "such as 800M"),
            (
                ["classify", "--model", tiny.model, "--highlight", "--offsets", "utf16", "a"],
                "leave --offsets out"
            ),
        ] { try expect(arguments, 64, said) }
        try expect(
            train(rows, ["--text-column", "2"]), 65, "the first row has 1 column", "--delimiter")
        let long = try folder.file("long.txt", String(repeating: "word ", count: 50))
        try expect(
            [
                "extract", "--model", tiny.model, "--memory-limit", "1", "--format", "text",
                "--input", long,
            ], 65, "the limit is 1 bytes")
    }

    @Test func numbersThatDoNotFitAreSaidToBeNumbers() throws {
        let model = folder.path + "/model"
        try FileManager.default.copyItem(atPath: tiny.model, toPath: model)
        let manifest = try String(contentsOfFile: model + "/warrant.json", encoding: .utf8)
        let long = manifest.replacing(
            /"maximum_length" : \d+/, with: "\"maximum_length\" : 99999999999999999999")
        try TinyModel.seal(long, to: model)
        try expect(
            ["classify", "--model", model, "a"], 65,
            "warrant.json: \"maximum_length\" is 1e+20", "a whole number that is not too large")
        let labels = manifest.replacing(/"labels" : \[\s*"[^"]*"/, with: "\"labels\" : [7")
        try TinyModel.seal(labels, to: model)
        try expect(["classify", "--model", model, "a"], 65, "warrant.json: \"labels[0]\" has")
        let cut = manifest.replacing("\"labels\" :", with: "\"labels\"")
        try TinyModel.seal(cut, to: model)
        try expect(
            ["classify", "--model", model, "a"], 65, "warrant.json: line", "this is not JSON")

        let line = try #require(
            try Command.run(["classify", "--model", tiny.model, "--certificates", "a film"]).lines
                .first)
        try expect(
            ["verify", "--model", tiny.model], 65, "standard input:1: ",
            "\"certificate.logits.0\" is 1e+39", "at most 3.4e38",
            input: line.replacing(/"logits":\[[^,]*/, with: "\"logits\":[1e39") + "\n")
        try expect(
            ["verify", "--model", tiny.model], 65, "standard input:1: this is not JSON",
            input: String(line.dropLast()) + "\n")
    }
}

import Foundation
import TestSupport
import Testing

@Suite("A classifier with a recipe of its own")
struct ClassifierRecipeTests {
    let tiny: TinyModel
    let folder: TemporaryFolder

    init() throws {
        tiny = try TinyModel.shared.get()
        folder = try TemporaryFolder()
    }

    private func bytes(_ path: String) throws -> Data {
        try #require(FileManager.default.contents(atPath: path), "\(path)")
    }

    private func manifest(_ model: String) throws -> [String: Any] {
        try #require(
            try JSONSerialization.jsonObject(with: bytes("\(model)/warrant.json"))
                as? [String: Any])
    }

    /// A model whose classifier reads all words in chunks of 10 tokens, and learned for two epochs.
    private func train(_ more: [String] = []) throws -> (model: String, run: Command.Outcome) {
        let path = "\(folder.path)/own"
        let run = try Command.run(
            tiny.training(output: path) + [
                "--ratio", "1", "--classifier-epochs", "2", "--classifier-batch-size", "4",
                "--classifier-learning-rate", "5e-4", "--classifier-maximum-length", "10",
            ] + more)
        try #require(run.status == 0, "\(run.errors)")
        return (path, run)
    }

    @Test func onlyTheClassifierIsTrainedByIt() throws {
        let (model, run) = try train(["--controls"])
        #expect(run.errors.contains("support epoch 1/1  loss"))
        #expect(!run.errors.contains("support epoch 1/2"))
        for stage in ["classifier", "control random", "control first"] {
            #expect(run.errors.contains("\(stage) epoch 2/2  loss"), "\(run.errors)")
        }
        #expect(
            try bytes("\(model)/support/model.safetensors")
                == bytes("\(tiny.model)/support/model.safetensors"))
        let manifest = try manifest(model)
        #expect(manifest["format_version"] as? Int == 4 && manifest["maximum_length"] as? Int == 64)
        #expect(
            manifest["classifier_window"] as? [String: Int] == ["maximum_length": 10, "stride": 7])
        let training = try #require(manifest["training"] as? [String: Any])
        #expect(training["epochs"] as? Int == 1 && training["batch_size"] as? Int == 8)
        let recipe = try #require(training["classifier_recipe"] as? [String: Any])
        #expect(recipe["epochs"] as? Int == 2 && recipe["batch_size"] as? Int == 4)
        #expect(recipe["warmup"] as? Double == 0.06, "what was not given is as in the recipe")
        let card = try String(contentsOfFile: "\(model)/README.md", encoding: .utf8)
        #expect(card.contains("| epochs, batch size | 1, 8 |"))
        #expect(card.contains("| the classifier's epochs, batch size | 2, 4 |"))
        #expect(card.contains("| the classifier's learning rate | 0.0005, warm-up over 6.0 %"))
        #expect(card.contains("Rationales are read in chunks of up to 10 tokens, which begin at"))
    }

    @Test func itLearnsInItsChunksAndIsMeasuredInThem() throws {
        var models: [String] = []
        for more in [[], ["--classifier-maximum-length", "10"]] {
            let path = "\(folder.path)/m\(models.count)"
            let run = try Command.run(tiny.training(output: path) + ["--ratio", "1"] + more)
            try #require(run.status == 0, "\(run.errors)")
            models.append(path)
        }
        #expect(
            try bytes("\(models[0])/classifier/model.safetensors")
                != bytes("\(models[1])/classifier/model.safetensors"))
        for model in models {
            let run = try Command.run([
                "evaluate", "--model", model, "--data", tiny.dev, "--json", "--precision", "fp32",
            ])
            let evaluation = try #require(try run.objects().first, "\(run.errors)")
            let measured = try #require(evaluation["classifier"] as? [String: Any])
            let training = try #require(try manifest(model)["training"] as? [String: Any])
            let dev = (training["classifier"] as? [String: Any])?["dev"] as? [String: Any]
            #expect(measured["macro_f1"] as? Double == dev?["macro_f1"] as? Double)
            #expect(measured["macro_f1"] is Double)
        }
    }

    @Test func experimentsTrainByItToo() throws {
        let grid = try tiny.grid(in: folder)
        let text = try String(contentsOfFile: grid, encoding: .utf8)
        try text.replacing("\"epochs\": 1", with: "\"epochs\": 1, \"classifier\": {\"epochs\": 2}")
            .replacing("\"seeds\": [0, 1]", with: "\"seeds\": [0]")
            .write(toFile: grid, atomically: true, encoding: .utf8)
        let run = try Command.run(["experiment", grid, "--output", "\(folder.path)/results"])
        #expect(run.status == 0, "\(run.errors)")
        for stage in ["support epoch 1/1", "classifier epoch 2/2", "control first epoch 2/2"] {
            #expect(run.errors.contains("\(stage)  loss"), "\(run.errors)")
        }
    }

    @Test func whatIsAskedForAsItIsAnywayChangesNothing() throws {
        let path = "\(folder.path)/same"
        let run = try Command.run(
            tiny.training(output: path) + [
                "--test", tiny.dev, "--classifier-epochs", "1", "--classifier-learning-rate",
                "1e-3",
                "--classifier-maximum-length", "64",
            ])
        #expect(run.status == 0, "\(run.errors)")
        for name in ["warrant.json", "README.md", "classifier/model.safetensors"] {
            #expect(try bytes("\(path)/\(name)") == bytes("\(tiny.model)/\(name)"), "\(name)")
        }
    }

    @Test func rationalesAreReadInItsChunksWhereverTheModelIsUsed() throws {
        let (model, _) = try train()
        let source = try folder.file(
            "source.jsonl",
            (0..<20).map { "{\"text\":\"\(TinyModel.sentence($0))\"}\n" }.joined())
        func classify() throws -> Command.Outcome {
            try Command.run(["classify", "--model", model, "--input", source, "--certificates"])
        }
        let chunked = try classify()
        #expect(chunked.status == 0, "\(chunked.errors)")
        let verified = try Command.run(
            ["verify", "--model", model, "--source", source], input: chunked.output)
        #expect(
            verified.status == 0 && verified.errors.hasPrefix("warrant: 20 certificates hold\n"))

        // Without the entry rationales are read in the chunks of texts, which is another prediction.
        let text = try String(contentsOfFile: "\(model)/warrant.json", encoding: .utf8)
        let whole = text.replacing(/[ ]*"classifier_window" : \{[^}]*\},\n/, with: "")
        try #require(whole != text)
        // With the old digest the file is damaged, with its own it is another classifier.
        try whole.write(toFile: "\(model)/warrant.json", atomically: true, encoding: .utf8)
        #expect(try classify().status == 65)
        try TinyModel.seal(whole, to: model)
        #expect(try classify().output != chunked.output)
        let refuted = try Command.run(["verify", "--model", model], input: chunked.output)
        #expect(refuted.status == 1 && refuted.output.contains("classifier_sha256: "))
    }

    /// What stands in place of the chunk's length or stride, and the error after the file's name.
    @Test(arguments: [
        ("10", "65", "classifier_window.maximum_length is 65; expected 3 to 64"),
        ("10", "2", "classifier_window.maximum_length is 2; expected at least 3"),
        ("7", "11", "classifier_window.stride is 11; expected 1 to 10"),
        ("10", "\"ten\"", "\"classifier_window.maximum_length\" has the wrong type"),
    ])
    func aChunkThatCannotBeIsRefused(_ old: String, _ new: String, _ error: String) throws {
        let (model, _) = try train()
        let file = "\(model)/warrant.json"
        var text = try String(contentsOfFile: file, encoding: .utf8)
        let entry = try #require(text.firstRange(of: /"classifier_window" : \{[^}]*\}/))
        text.replaceSubrange(entry, with: text[entry].replacing(": \(old)", with: ": \(new)"))
        try TinyModel.seal(text, to: model)
        let run = try Command.run(["classify", "--model", model, "a film"])
        #expect(run.status == 65)
        #expect(run.errors == "warrant: \(file): \(error)\n")
    }

    @Test func aChunkWithoutALengthIsRefusedAndNotReadInOldFormats() throws {
        let (model, _) = try train()
        let file = "\(model)/warrant.json"
        let text = try String(contentsOfFile: file, encoding: .utf8)
        let broken = text.replacing(/"maximum_length" : 10,/, with: "")
        try #require(broken != text)
        try TinyModel.seal(broken, to: model)
        let run = try Command.run(["classify", "--model", model, "a film"])
        #expect(run.status == 65)
        #expect(
            run.errors == "warrant: \(file): \"classifier_window.maximum_length\" is missing\n")
        // Who wrote format 2 knew no such entry.
        try TinyModel.seal(
            broken.replacing("\"format_version\" : 4", with: "\"format_version\" : 2"), to: model)
        #expect(try Command.run(["classify", "--model", model, "a film"]).status == 0)
    }

    @Test(arguments: [
        ("epochs", "0", "--classifier-epochs is 0; give a number from 1 to 1000"),
        ("learning-rate", "2", "--classifier-learning-rate is 2.0; give a number above 0"),
        ("stride", "0", "--classifier-stride is 0; give a number from 1 to "),
        (
            "maximum-length", "65",
            "the classifier's recipe: the maximum length is 65; this encoder reads 8 to 64 tokens"
        ),
        (
            "stride", "65",
            "the classifier's recipe: the stride is 65; chunks of 64 tokens need 1 to 64"
        ),
    ])
    func aSettingOutOfItsRangeIsRefused(
        _ option: String, _ value: String, _ error: String
    ) throws {
        let run = try Command.run(
            tiny.training(output: "\(folder.path)/m") + ["--classifier-\(option)", value])
        #expect(run.status == 64)
        #expect(run.errors.contains(error), "\(run.errors)")
        #expect(try folder.names.isEmpty)
    }

    @Test func aQueryMustLeaveRoomInItsChunksToo() throws {
        let query = Array(repeating: "film", count: 12).joined(separator: " ")
        var rows = ""
        for row in 0..<8 {
            rows +=
                "{\"text\":\"\(TinyModel.sentence(row))\",\"query\":\"\(row == 5 ? query : "film")\","
                + "\"label\":\"\(row % 2)\"}\n"
        }
        let data = try folder.file("queries.jsonl", rows)
        func train(_ more: [String]) throws -> Command.Outcome {
            try Command.run(
                [
                    "train", "--encoder", tiny.encoder, "--train", data, "--dev", data, "--output",
                    "\(folder.path)/m", "--epochs", "1",
                ] + more)
        }
        let (own, problem) = (
            ["--classifier-maximum-length", "14"], ": for the classifier: the query leaves no room"
        )
        let refused = try train(own)
        #expect(refused.status == 65)
        #expect(refused.errors.contains("\(data):6\(problem)"), "\(refused.errors)")
        let grid = try folder.file(
            "grid.json",
            """
            {"encoder": "\(tiny.encoder)", "scorers": ["cls-attention"], "thresholders": ["top-k"],
             "data": [{"name": "asked", "train": "queries.jsonl", "dev": "queries.jsonl"}],
             "recipe": {"classifier": {"maximum_length": 14}}}
            """)
        let planned = try Command.run([
            "experiment", grid, "--output", "\(folder.path)/results", "--dry-run",
        ])
        #expect(planned.status == 65)
        #expect(planned.errors.contains("queries.jsonl:6\(problem)"), "\(planned.errors)")
        #expect(try train([]).status == 0)

        // A model of shorter queries has an extract for this one, and no prediction.
        let short = try folder.file("short.jsonl", rows.replacing(query, with: "film"))
        #expect(
            try Command.run(
                [
                    "train", "--encoder", tiny.encoder, "--train", short, "--dev", short,
                    "--output",
                    "\(folder.path)/short", "--epochs", "1",
                ] + own
            ).status == 0)
        func answer(_ command: String) throws -> Command.Outcome {
            try Command.run([command, "--model", "\(folder.path)/short", "--input", data])
        }
        let (extracted, classified) = (try answer("extract"), try answer("classify"))
        #expect(extracted.status == 0 && extracted.lines.count == 8, "\(extracted.errors)")
        #expect(classified.status == 65)
        #expect(classified.errors.contains("\(data):6\(problem)"), "\(classified.errors)")
        let evaluated = try Command.run([
            "evaluate", "--model", "\(folder.path)/short", "--data", data,
        ])
        #expect(evaluated.status == 65 && evaluated.errors.contains("\(data):6\(problem)"))
    }
}

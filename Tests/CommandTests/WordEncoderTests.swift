import Foundation
import TestSupport
import Testing
import Warrant

/// `warrant train` with an encoder of words, and all that reads the model.
@Suite("Encoders of words")
struct WordEncoderTests {
    let tiny: TinyModel
    let folder: TemporaryFolder

    init() throws {
        tiny = try TinyModel.shared.get()
        folder = try TemporaryFolder()
    }

    private static let shape = [
        "--hidden-size", "8", "--embedding-size", "12", "--learning-rate", "1e-2", "--batch-size",
        "8",
    ]

    /// Arguments that train a model in well under a second.
    private func training(_ encoder: String, output: String = "m", _ more: String...) -> [String] {
        [
            "train", "--encoder", encoder, "--train", tiny.train, "--dev", tiny.dev, "--output",
            "\(folder.path)/\(output)", "--epochs", "3",
        ] + Self.shape + more
    }

    private var model: String { folder.path + "/m" }

    /// The tiny rows as JSON lines, each with a query.
    private func queries(_ count: Int, _ name: String) throws -> String {
        let rows = (0..<count).map { row in
            """
            {"id": "\(row)", "text": "\(TinyModel.sentence(row))", \
            "query": "was the \(["film", "story", "plot"][row % 3]) good", \
            "label": "\(["no", "yes"][row % 2])"}
            """
        }
        return try folder.file(name, rows.joined(separator: "\n") + "\n")
    }

    private func files(_ path: String) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
            files[name] = FileManager.default.contents(atPath: "\(path)/\(name)")
        }
        return files
    }

    private func succeed(_ arguments: [String], input: String = "") throws -> Command.Outcome {
        let run = try Command.run(arguments, input: input)
        try #require(run.status == 0, "\(arguments): \(run.errors)")
        return run
    }

    /// Expects an error in one line, with these facts.
    private func refuse(_ arguments: [String], _ status: Int32, _ facts: String...) throws {
        let run = try Command.run(arguments)
        #expect(run.status == status, "\(arguments): \(run.errors)")
        let line = run.errorLines.last ?? ""
        #expect(line.hasPrefix("warrant: "))
        for fact in facts { #expect(line.contains(fact), "\(fact): \(line)") }
    }

    // MARK: One whole way

    @Test(arguments: [("lstm", "tanh"), ("cnn", "dot"), ("average", "tanh")])
    func aModelAnswersAndItsAnswersAreVerified(_ encoder: String, _ attention: String) throws {
        let run = try succeed(training(encoder, "--attention", attention, "--test", tiny.dev))
        #expect(run.errors.contains("dev ROC-AUC"))
        let answers = try succeed(
            ["classify", "--model", model, "--input", tiny.dev, "--certificates"])
        #expect(try answers.objects().count == 12)
        let out = try folder.file("out.jsonl", answers.output)
        _ = try succeed([
            "verify", "--model", model, "--input", out, "--source", tiny.dev, "--selection",
        ])
        // Another word is no ground of the answer.
        let forged = try folder.file(
            "forged.jsonl",
            answers.output.replacing("\"words\":[\"", with: "\"words\":[\"dull\",\""))
        #expect(try Command.run(["verify", "--model", model, "--input", forged]).status == 1)
        let extracts = try succeed(["extract", "--model", model, "--input", tiny.dev, "--scores"])
        #expect(try extracts.objects().count == 12)
        let evaluation = try succeed([
            "evaluate", "--model", model, "--data", tiny.dev, "--faithfulness", "--stability",
        ])
        #expect(evaluation.output.contains("comprehensiveness"))
        let card = String(decoding: try folder.bytes(of: "m/README.md"), as: UTF8.self)
        for fact in ["| encoder | \(encoder) |", attention, "random, 12 wide", "best ROC-AUC"] {
            #expect(card.contains(fact), "\(fact)")
        }
    }

    @Test func rowsWithQueriesAreReadAsPairs() throws {
        let (train, dev) = (try queries(40, "train.jsonl"), try queries(12, "dev.jsonl"))
        let run = try succeed(
            ["train", "--encoder", "average", "--train", train, "--dev", dev, "--output", model]
                + ["--epochs", "2"] + Self.shape)
        #expect(run.errors.contains("dev accuracy"))
        let answers = try succeed(
            ["classify", "--model", model, "--input", dev, "--certificates"])
        let out = try folder.file("out.jsonl", answers.output)
        _ = try succeed([
            "verify", "--model", model, "--input", out, "--source", dev, "--selection",
        ])
        try refuse(["classify", "--model", model, "a film"], 65, "query")
        // The query has a part in what is predicted.
        func logits(_ query: String) throws -> [Double]? {
            let run = try succeed([
                "classify", "--model", model, "--certificates", "--query", query,
                "the film was warm",
            ])
            return (try run.objects()[0]["certificate"] as? [String: Any])?["logits"] as? [Double]
        }
        #expect(try logits("was the film good") != logits("is it dull"))
    }

    // MARK: The same bytes

    @Test(arguments: ["lstm", "cnn", "average"])
    func theSameSeedGivesTheSameBytes(_ encoder: String) throws {
        _ = try succeed(training(encoder, output: "one", "--threads", "1"))
        _ = try succeed(training(encoder, output: "two", "--threads", "2"))
        let (one, two) = (try files(folder.path + "/one"), try files(folder.path + "/two"))
        #expect(one == two && one.count == 8)
        _ = try succeed(training(encoder, output: "other", "--seed", "1"))
        #expect(try files(folder.path + "/other") != one)
    }

    @Test(arguments: [[1], [7, 2], [20]])
    func aKilledRunEndsInTheSameBytes(_ kills: [Int]) throws {
        let more = ["--controls", "--test", tiny.dev]
        _ = try succeed(training("lstm", output: "whole") + more)
        for checkpoints in kills {
            let process = try Command.process(
                training("lstm") + more + ["--resume", "--checkpoint-every", "0.0001"],
                errors: folder.url.appendingPathComponent("errors"))
            func file() -> UInt64 {
                var status = stat()
                return stat(model + ".checkpoint/checkpoint.json", &status) == 0
                    ? UInt64(status.st_ino) : 0
            }
            var (last, count) = (file(), 0)
            try process.run()
            while process.isRunning, count < checkpoints {
                let now = file()
                if now != last, now != 0 { count += 1 }
                last = now
                usleep(200)
            }
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
            #expect(process.terminationReason == .uncaughtSignal, "the run ended before")
        }
        let run = try succeed(training("lstm", "--threads", "2", "--resume") + more)
        #expect(
            run.errors.contains("goes on after step") || run.errors.contains("is trained already"))
        #expect(try files(model) == files(folder.path + "/whole"))
    }

    @Test func aCheckpointServesTheSameEncoderAlone() throws {
        let process = try Command.process(
            training("lstm", "--epochs", "300", "--checkpoint-every", "0.01"),
            errors: folder.url.appendingPathComponent("errors"))
        try process.run()
        while process.isRunning,
            !FileManager.default.fileExists(atPath: model + ".checkpoint/checkpoint.json")
        {
            usleep(1_000)
        }
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
        for other in [
            ["--hidden-size", "12"], ["--attention", "dot"], ["--minimum-documents", "9"],
        ] {
            let arguments = training("lstm", "--epochs", "300", "--resume") + other
            try refuse(arguments, 65, "\(other[0]) is \"\(other[1])\" here", "without --resume")
        }
    }

    @Test func severalSeedsAreCompared() throws {
        let run = try succeed(training("average", "--seeds", "1,2", "--test", tiny.dev))
        #expect(run.errors.contains("mean of seeds"))
    }

    // MARK: What is refused

    @Test(arguments: [
        (["--scorer", "cls-attention"], 64, "scorer cls-attention: it reads the layers"),
        (["--scorer", "attention-flow"], 64, "layers of a transformer"),
        (["--extractor", "tagger"], 64, "makes no tagger"),
        (["--words", "unicode"], 64, "white space"), (["--warmup", "0.1"], 64, "constant rate"),
        (["--classifier-warmup", "0.1"], 64, "constant rate"),
        (["--hidden-size", "10"], 64, "multiple of 4"),
        (["--embeddings", "no-such-file.txt"], 66, "no-such-file.txt"),
    ])
    func whatDoesNotGoWithThemIsRefused(_ more: [String], _ status: Int, _ fact: String) throws {
        try refuse(training("cnn") + more, Int32(status), fact)
        #expect(try folder.names == [], "nothing is left")
    }

    @Test func optionsOfWordsDoNotGoWithATransformer() throws {
        let arguments = tiny.training(output: model)
        try refuse(arguments + ["--hidden-size", "8"], 64, "--hidden-size", "lstm, cnn, average")
        try refuse(arguments + ["--scorer", "attention"], 64, "attention over words")
    }

    @Test func flawsOfVectorFilesNameFileAndLine() throws {
        let lines = "film 1 2 3\nstory 4 5 6\nplot 7 8 9\n"
        func path(_ text: String) throws -> String { try folder.file("vectors.txt", text) }
        func arguments(_ text: String) throws -> [String] {
            [
                "train", "--encoder", "average", "--train", tiny.train, "--output", model,
                "--epochs", "1", "--hidden-size", "8", "--embeddings", try path(text),
            ]
        }
        _ = try succeed(try arguments(lines))
        try refuse(try arguments(lines + "dull 1 2\n") + ["--overwrite"], 65, "vectors.txt:4: ")
        try refuse(
            try arguments(lines.replacing("5", with: "five")) + ["--overwrite"], 65,
            "vectors.txt:2: ", "five")
        try refuse(try arguments("") + ["--overwrite"], 65, "vectors.txt:", "empty")
        try refuse(
            try arguments(lines) + ["--overwrite", "--embedding-size", "5"], 65, "vectors.txt",
            "--embedding-size")
    }

    @Test func damagedFoldersAreRefusedByFile() throws {
        _ = try succeed(training("lstm"))
        /// Alters a file of a stage, with a manifest that lists what it is then.
        func expect(
            _ stage: String, _ name: String, _ facts: String..., alter: (Data) throws -> Data
        )
            throws
        {
            let copy = folder.path + "/copy"
            try? FileManager.default.removeItem(atPath: copy)
            try FileManager.default.copyItem(atPath: model, toPath: copy)
            let file = URL(fileURLWithPath: "\(copy)/\(stage)/\(name)")
            try alter(Data(contentsOf: file)).write(to: file)
            let manifest = URL(fileURLWithPath: copy + "/warrant.json")
            var json = try #require(
                try JSONSerialization.jsonObject(with: Data(contentsOf: manifest))
                    as? [String: Any])
            var files = try #require(json["files"] as? [String: String])
            files["\(stage)/\(name)"] = try FileDigests.sha256(file: file)
            json["files"] = files
            try TinyModel.seal(
                String(
                    decoding: try JSONSerialization.data(withJSONObject: json), as: UTF8.self),
                to: copy)
            let run = try Command.run(["classify", "--model", copy, "a film"])
            #expect(run.status == 65, "\(run.errors)")
            #expect(run.errorLines.count == 1)
            for fact in facts + ["/copy/\(stage)"] {
                #expect(run.errors.contains(fact), "\(fact): \(run.errors)")
            }
        }
        func replacing(_ old: String, _ new: String) -> (Data) throws -> Data {
            { bytes in
                let text = String(decoding: bytes, as: UTF8.self)
                try #require(text.contains(old), "\(text.prefix(300))")
                return Data(text.replacing(old, with: new).utf8)
            }
        }
        for stage in ["support", "classifier"] {
            try expect(
                stage, "config.json", "model_type", "gru", alter: replacing("\"lstm\"", "\"gru\""))
            try expect(
                stage, "config.json", "numbers",
                alter: replacing("\"hidden_size\":8", "\"hidden_size\":12"))
            // A word more than the table has rows.
            try expect(
                stage, "tokenizer.json", "do not belong together",
                alter: replacing("\"vocab\":{", "\"vocab\":{\"zzz\":999,"))
            try expect(stage, "model.safetensors", "output.bias") { bytes in
                // The header names the tensors.
                let renamed = try #require(bytes.range(of: Data("\"output.bias\"".utf8)))
                return bytes.replacingCharacters(renamed, with: "\"outpux.bias\"")
            }
            try expect(stage, "model.safetensors", "not finite") { bytes in
                bytes.dropLast(4) + [0, 0, 0xC0, 0x7F]
            }
        }
    }
}

extension Data {
    fileprivate func replacingCharacters(_ range: Range<Int>, with text: String) -> Data {
        var copy = self
        copy.replaceSubrange(range, with: Data(text.utf8))
        return copy
    }
}

import Foundation
import TestSupport
import Testing
import Warrant

@Suite struct ClassifyTests {
    let tiny: TinyModel
    init() throws { tiny = try TinyModel.shared.get() }

    private func classify(_ arguments: [String], input: String = "") throws -> Command.Outcome {
        try Command.run(["classify", "--model", tiny.model] + arguments, input: input)
    }

    @Test func printsALineForEachTextWithTheKeysInOrder() throws {
        let run = try classify(["the film was dull", "a warm story", "--certificates"])
        #expect(run.status == 0)
        #expect(run.errors.isEmpty)
        #expect(run.lines.count == 2)
        let keys = [
            "\"id\":\"1\",", "\"label\":\"", "\"probabilities\":{\"negative\":", "\"rationale\":[{",
            "\"classifier_input\":\"", "\"certificate\":{\"version\":3,", "\"classifier_sha256\":",
            "\"engine\":", "\"precision\":", "\"words\":", "\"logits\":", "\"label\":",
        ]
        var rest = run.lines[0][...]
        for key in keys {
            let range = try #require(rest.range(of: key), "\(key) is missing or out of order")
            rest = rest[range.upperBound...]
        }
    }

    @Test func rationalesStandInTheTextAtTheirUTF8Offsets() throws {
        let text = "ça était  «dull» – naïve\tfilm , a warm ending 🙂 the plot"
        let line = try #require(try classify([text]).objects().first)
        let bytes = Array(text.utf8)
        let rationale = try #require(line["rationale"] as? [[String: Any]])
        #expect(!rationale.isEmpty)
        for snippet in rationale {
            let (start, end) = (
                try #require(snippet["start"] as? Int), try #require(snippet["end"] as? Int)
            )
            #expect(
                String(decoding: bytes[start..<end], as: UTF8.self) == snippet["text"] as? String)
        }
        let words = rationale.flatMap {
            ($0["text"] as? String ?? "").split(whereSeparator: \.isWhitespace)
        }
        #expect(line["classifier_input"] as? String == words.joined(separator: " "))
    }

    @Test func aTextGetsTheSameLineAloneAndAmongOthers() throws {
        let rows = (0..<50).map { "{\"id\":\"t\($0)\",\"text\":\"\(TinyModel.sentence($0))\"}\n" }
        let all = try classify(["--certificates", "--threads", "2"], input: rows.joined())
        #expect(all.lines.count == 50)
        for index in [0, 17, 49] {
            let alone = try classify(["--certificates", "--threads", "1"], input: rows[index])
            #expect(alone.lines == [all.lines[index]])
        }
    }

    @Test func aTextWithoutWordsGetsNoLabel() throws {
        let run = try classify(
            ["--format", "text"], input: "a good film\n\n \u{3000} \nthe plot is bad\n")
        #expect(run.status == 65)
        let lines = try run.objects()
        #expect(lines.map { $0["id"] as? String } == ["1", "2", "3", "4"])
        #expect(lines.map { $0["label"] is NSNull } == [false, true, true, false])
        #expect((lines[1]["rationale"] as? [Any])?.isEmpty == true)
        #expect(
            lines[1]["error"] as? String == "the text has no words: nothing to predict from")
        #expect(
            run.errorLines.first
                == "warrant: standard input:2: the text has no words: nothing to predict from")
    }

    @Test func aLongTextIsReadToItsEndInChunks() throws {
        let long = Array(repeating: "film plot", count: 1_500).joined(separator: " ")
        let run = try classify(["--format", "text"], input: long + "\n")
        #expect(run.status == 0)
        let line = try #require(try run.objects().first)
        #expect(line["truncated"] == nil)
        let rationale = try #require(line["rationale"] as? [[String: Any]])
        let words = rationale.compactMap { $0["words"] as? [Int] }
        // A fifth of 3,000 words, also from the last tenth of the text.
        #expect(words.reduce(0) { $0 + $1[1] - $1[0] } == 600)
        #expect((words.last?[1] ?? 0) > 2_700)
        #expect(run.errors.isEmpty)
    }

    @Test func aModelOfTheOldFormatReadsTheBeginningAndSaysSo() throws {
        let folder = try TemporaryFolder()
        let old = folder.path + "/old"
        try FileManager.default.copyItem(atPath: tiny.model, toPath: old)
        let manifest = try String(contentsOfFile: old + "/warrant.json", encoding: .utf8)
        try TinyModel.seal(
            manifest.replacing(/"format_version" : 4/, with: "\"format_version\" : 1")
                .replacing(/[ ]*"stride" : \d+,\n/, with: ""), to: old)
        let long = Array(repeating: "film plot", count: 1_500).joined(separator: " ")
        let run = try Command.run(
            ["classify", "--model", old, "--format", "text"], input: long + "\n")
        #expect(run.status == 0)
        let line = try #require(try run.objects().first)
        #expect((line["truncated"] as? [String: Int]) == ["words_read": 62, "words": 3_000])
        #expect(run.errorLines.count == 1)
        #expect(run.errors.contains("standard input:1: 62 of 3,000 words were read"))

        // Later formats say how long chunks are.
        try TinyModel.seal(manifest.replacing(/[ ]*"stride" : \d+,\n/, with: ""), to: old)
        let broken = try Command.run(["classify", "--model", old, "a film"])
        #expect(broken.status == 65)
        #expect(broken.errors.contains("warrant.json: stride is missing; expected 1 to 64"))
    }

    @Test func answersFromAPipeBeforeTheInputEnds() throws {
        let folder = try TemporaryFolder()
        let process = try Command.process(
            ["classify", "--model", tiny.model, "--format", "text"],
            errors: URL(fileURLWithPath: folder.path + "/errors"))
        let (input, output) = (Pipe(), Pipe())
        process.standardInput = input
        process.standardOutput = output
        try process.run()
        for word in ["good", "bad"] {
            try input.fileHandleForWriting.write(contentsOf: Data("a \(word) film\n".utf8))
            // Returns with what has arrived, and would wait for ever for a line held back.
            let line = output.fileHandleForReading.availableData
            #expect(String(decoding: line, as: UTF8.self).hasSuffix("}\n"))
        }
        #expect(process.isRunning)
        try input.fileHandleForWriting.close()
        process.waitUntilExit()
        #expect(process.terminationStatus == 0)
    }

    @Test func aReaderThatLeavesEndsTheRunQuietly() throws {
        let run = try Command.shell(
            "yes 'a good film' | head -20000 | \"$0\" \"$@\" | head -1; echo ${PIPESTATUS[2]}",
            ["classify", "--model", tiny.model, "--format", "text"])
        #expect(run.lines.count == 2)
        #expect(run.lines.last == "141")
        #expect(run.errors.isEmpty)
    }

    @Test func rowsBeforeABadOneAreAnsweredAndAnEarlierOutputStays() throws {
        let folder = try TemporaryFolder()
        let input = "{\"text\":\"a good film\"}\n{\"text\":\n"
        let streamed = try classify([], input: input)
        #expect(streamed.status == 65)
        #expect(streamed.lines.count == 1)
        #expect(streamed.errorLines.count == 1)
        #expect(streamed.errors.hasPrefix("warrant: standard input:2: "))

        let output = try folder.file("out.jsonl", "earlier\n")
        let data = try folder.file("in.jsonl", input)
        #expect(try classify(["--input", data, "--output", output]).status == 65)
        #expect(FileManager.default.contents(atPath: output) == Data("earlier\n".utf8))
        #expect(try folder.names == ["in.jsonl", "out.jsonl"])

        let sound = try folder.file("sound.jsonl", "{\"text\":\"a good film\"}\n")
        #expect(try classify(["--input", sound, "--output", output]).status == 0)
        let written = try String(contentsOfFile: output, encoding: .utf8)
        #expect(written.hasPrefix("{\"id\":\"1\",\"label\":"))
        #expect(try folder.names == ["in.jsonl", "out.jsonl", "sound.jsonl"])
    }

    @Test func anOutputThatCannotBeWrittenIsSaidInOneLine() throws {
        let full = try Command.shell(
            "exec \"$0\" \"$@\" > /dev/full", ["classify", "--model", tiny.model, "a film"])
        #expect(full.status == 73)
        #expect(full.errorLines.count == 1)
        #expect(full.errors.contains("standard output: cannot be written"))

        let below = try classify(["a film", "--output", tiny.train + "/out.jsonl"])
        #expect(below.status == 73)
        #expect(below.errorLines.count == 1 && below.errors.contains("train.tsv/out.jsonl"))
    }

    @Test func aQueryThatTheModelDoesNotKnowIsRefused() throws {
        let run = try classify(
            [], input: "{\"text\":\"a film\"}\n{\"text\":\"a film\",\"query\":\"is it\"}\n")
        #expect(run.status == 65)
        #expect(run.errors.hasPrefix("warrant: standard input:2: the row has a query"))
        #expect(run.lines.count == 1)
    }

    @Test func extractShowsTheSameRationaleWithoutAPrediction() throws {
        let text = "the plot was slow and the actor was cold , a dull story"
        let answer = try #require(try classify([text]).objects().first)
        let run = try Command.run(["extract", "--model", tiny.model, "--scores", text])
        #expect(run.status == 0)
        let line = try #require(try run.objects().first)
        #expect(line["label"] == nil)
        #expect(line["rationale"] as? NSArray == answer["rationale"] as? NSArray)
        let scores = try #require(line["scores"] as? [Double])
        #expect(scores.count == 13)
        #expect(abs(scores.reduce(0, +) - 1) < 1e-5)
        #expect(line["convergence_delta"] == nil, "attention promises no sum")
    }

    @Test func extractTellsByHowMuchIntegratedGradientsMissTheirSum() throws {
        let folder = try TemporaryFolder()
        let model = folder.path + "/m"
        try FileManager.default.copyItem(atPath: tiny.model, toPath: model)
        let manifest = try String(contentsOfFile: model + "/warrant.json", encoding: .utf8)
        try TinyModel.seal(
            manifest.replacing("\"cls-attention\"", with: "\"integrated-gradients:4\""), to: model)
        let long = (0..<12).map { TinyModel.sentence($0) }.joined(separator: " ")
        let texts = [TinyModel.sentence(3), long]
        let extractions = try RationaleModel(folder: URL(fileURLWithPath: model))
            .extract(texts.map { Document($0) })
        #expect(extractions.map { ($0?.chunks ?? 0) > 1 } == [false, true])

        let run = try Command.run(["extract", "--model", model, "--scores"] + texts)
        #expect(run.status == 0, "\(run.errors)")
        let lines = try run.objects()
        #expect(lines.count == 2)
        for (line, extraction) in zip(lines, extractions) {
            let delta = try #require(line["convergence_delta"] as? Double)
            #expect(delta > 0)
            #expect(Float(delta) == extraction?.convergenceDelta)
        }
        let plain = try Command.run(["extract", "--model", model] + texts)
        #expect(plain.lines.count == 2 && !plain.output.contains("convergence_delta"))
    }
}

@Suite struct QueryTests {
    @Test func aModelWithQueriesAsksForThem() throws {
        let tiny = try TinyModel.shared.get()
        let folder = try TemporaryFolder()
        let rows = (0..<20).map {
            "{\"text\":\"\(TinyModel.sentence($0))\",\"query\":\"is it good\","
                + "\"label\":\"\($0 % 2 == 0)\"}\n"
        }
        let data = try folder.file("train.jsonl", rows.joined())
        let model = folder.path + "/m"
        let trained = try Command.run([
            "train", "--encoder", tiny.encoder, "--train", data, "--output", model, "--epochs", "1",
        ])
        try #require(trained.status == 0, "\(trained.errors)")
        #expect(trained.errors.contains("--query"))

        let classify = ["classify", "--model", model, "--certificates"]
        let without = try Command.run(classify + ["the film was slow"])
        #expect(without.status == 65)
        #expect(without.errors.hasPrefix("warrant: argument:1: the row has no query"))
        let answer = try Command.run(classify + ["--query", "is it good", "the film was slow"])
        #expect(answer.status == 0, "\(answer.errors)")
        let verify = ["verify", "--model", model]
        #expect(try Command.run(verify, input: answer.output).status == 0)
        let altered = answer.output.replacing("is it good", with: "is it bad")
        let failed = try Command.run(verify, input: altered)
        #expect(failed.status == 1)
        #expect(failed.output.contains("logits: "))

        let long = Array(repeating: "good", count: 80).joined(separator: " ")
        let full = try Command.run(classify + ["--query", long, "the film was slow"])
        #expect(full.status == 65)
        #expect(full.errors.hasPrefix("warrant: argument:1: the query leaves no room"))
    }

    @Test func anArgumentThatIsNotUTF8IsRefused() throws {
        let run = try Command.shell(
            "\"$0\" classify --model \"$1\" $'caf\\xff film'", [TinyModel.shared.get().model])
        #expect(run.status == 65)
        #expect(run.output.isEmpty)
        #expect(run.errorLines.count == 1 && run.errors.contains("not valid UTF-8"))
    }

    @Test func messagesNeverLandInTheOutputFile() throws {
        let folder = try TemporaryFolder()
        let input = try folder.file("in.txt", "a film\n\na dull film\n")
        let output = folder.path + "/out.jsonl"
        let run = try Command.shell(
            "\"$0\" classify --model \"$1\" --input \"$2\" --output \"$3\" 2>&-",
            [TinyModel.shared.get().model, input, output])
        #expect(run.status == 65, "the empty text counts as bad data")
        let lines = try String(contentsOfFile: output, encoding: .utf8).split(separator: "\n")
        #expect(lines.count == 3 && lines.allSatisfy { $0.hasPrefix("{\"id\":") })

        let closed = try Command.shell(
            "\"$0\" classify --model \"$1\" 'a film' >&-", [TinyModel.shared.get().model])
        #expect(closed.status == 73)
        #expect(closed.errors.contains("standard output: cannot be written"))
    }

    @Test func highlightedTextCannotSteerTheTerminal() throws {
        let run = try Command.run([
            "classify", "--model", TinyModel.shared.get().model, "--highlight",
            "a dull\nfilm \u{1B}[2J \u{202E}",
        ])
        #expect(run.status == 0)
        #expect(run.lines.count == 1 && run.output.contains("["))
        #expect(!run.output.contains("\u{1B}") && !run.output.contains("\u{202E}"))
        #expect(run.output.contains("\\u{1b}"))
    }

    @Test func theReadmeShowsWhatTheShippedModelSays() throws {
        let run = try Command.run([
            "classify", "--model", Command.shippedModel, "--highlight", "--input",
            Command.root.appendingPathComponent("Examples/reviews/reviews.jsonl").path,
        ])
        try #require(run.status == 0, "\(run.errors)")
        func words(_ text: some StringProtocol) -> String {
            text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        }
        let readme = try words(
            String(contentsOf: Command.root.appendingPathComponent("README.md"), encoding: .utf8))
        for line in run.lines.prefix(2) { #expect(readme.contains(words(line)), "\(line)") }
    }
}

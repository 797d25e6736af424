import Foundation
import TestSupport
import Testing

@Suite struct TrainTests {
    let tiny: TinyModel
    init() throws { tiny = try TinyModel.shared.get() }

    @Test func writesACompleteModelFolder() throws {
        let names = try FileManager.default.subpathsOfDirectory(atPath: tiny.model).sorted()
        #expect(
            names == [
                "README.md", "classifier", "classifier/config.json",
                "classifier/model.safetensors", "classifier/vocab.txt", "support",
                "support/config.json", "support/model.safetensors", "support/vocab.txt",
                "warrant.json",
            ])
        let card = try String(contentsOfFile: tiny.model + "/README.md", encoding: .utf8)
        #expect(card.contains("| train | train.tsv | 40 |"))
        #expect(card.contains("| classifier | rationales | test |"))
    }

    @Test func saysWhatItDoesInPlainLinesAndEndsWithATable() throws {
        let folder = try TemporaryFolder()
        let run = try Command.run(
            tiny.training(output: folder.path + "/m") + ["--test", tiny.dev, "--json"])
        #expect(run.status == 0)
        #expect(
            run.errorLines.first
                == "train: 40 documents (train.tsv): negative 20, positive 20")
        #expect(run.errors.contains("1/3 support epoch 1/1  loss "))
        #expect(run.errors.contains("3/3 classifier epoch 1/1  loss "))
        #expect(run.errors.contains("dev macro-F1  accuracy  test macro-F1  accuracy"))
        #expect(run.errors.contains("Try it: warrant classify --model"))
        #expect(!run.errors.contains("\r") && !run.errors.contains("\u{1B}"))
        let record = try #require(try run.objects().first)
        #expect(record["train_documents"] as? Int == 40)
    }

    // Where the CPU has no bf16 instructions, bf16 is fp32 with a notice.
    @Test(arguments: ["fp32", "bf16"])
    func theSameSeedGivesTheSameBytesWithAnyNumberOfThreads(_ precision: String) throws {
        let folder = try TemporaryFolder()
        var digests: [[String: Data]] = []
        for threads in ["1", "2"] {
            let path = "\(folder.path)/m\(threads)"
            let run = try Command.run(
                tiny.training(output: path) + ["--threads", threads, "--precision", precision])
            try #require(run.status == 0, "\(run.errors)")
            var files: [String: Data] = [:]
            for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
                files[name] = FileManager.default.contents(atPath: "\(path)/\(name)")
            }
            digests.append(files)
        }
        #expect(digests[0].count >= 8)
        #expect(digests[0] == digests[1])
        let other = try Command.run(
            tiny.training(output: folder.path + "/m3") + ["--seed", "1"])
        #expect(other.status == 0)
        #expect(
            FileManager.default.contents(
                atPath: folder.path + "/m3/classifier/model.safetensors")
                != digests[0]["classifier/model.safetensors"])
    }

    @Test func holdsOutRowsWhereNoDevSetIsGivenAndStoresSmallWeights() throws {
        let folder = try TemporaryFolder()
        let run = try Command.run([
            "train", "--encoder", tiny.encoder, "--train", tiny.train, "--output",
            folder.path + "/m", "--epochs", "1", "--weights", "bf16", "--thresholder",
            "contiguous", "--ratio", "0.5",
        ])
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.errors.contains("dev: 4 documents (held out of train.tsv)"))
        let answer = try Command.run([
            "classify", "--model", folder.path + "/m", "the film was dull and slow",
        ])
        let line = try #require(try answer.objects().first)
        // A contiguous rationale is one snippet, of half of the six words.
        let rationale = try #require(line["rationale"] as? [[String: Any]])
        #expect(rationale.count == 1)
        let words = try #require(rationale.first?["words"] as? [Int])
        #expect(words[1] - words[0] == 3)
    }

    @Test func reportsLongDocumentsAndEmptyRows() throws {
        let folder = try TemporaryFolder()
        let long = Array(repeating: "film", count: 3_000).joined(separator: " ")
        let data = try folder.file(
            "long.tsv", TinyModel.rows(20) + "\(long)\tnegative\n \tpositive\n")
        let run = try Command.run([
            "train", "--encoder", tiny.encoder, "--train", data, "--dev", tiny.dev, "--output",
            folder.path + "/m", "--epochs", "1",
        ])
        #expect(run.status == 0, "\(run.errors)")
        #expect(
            run.errors.contains(
                "1 of 33 documents are longer than 64 tokens: they are read in chunks"))
        #expect(run.errors.contains("long.tsv:23: the text has no words"))
        let card = try String(contentsOfFile: folder.path + "/m/README.md", encoding: .utf8)
        #expect(card.contains("1 of the documents needed more than one"))
    }

    @Test func saysWhichClassesDevLacksAndKeepsNamesFromBreakingTheCard() throws {
        let folder = try TemporaryFolder()
        let rows = TinyModel.rows(20).replacing("positive", with: "o`k|\u{1B}[2J")
        let data = try folder.file("a|b.tsv", rows)
        let dev = try folder.file(
            "dev.tsv", "sentence\tlabel\na dull film\tnegative\na slow plot\tnegative\n")
        let run = try Command.run([
            "train", "--encoder", tiny.encoder, "--train", data, "--dev", dev, "--output",
            folder.path + "/m", "--epochs", "1",
        ])
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.errors.contains("dev has no document labelled \"o`k|"))
        #expect(!run.errors.contains("\u{1B}"))
        let card = try String(contentsOfFile: folder.path + "/m/README.md", encoding: .utf8)
        #expect(card.contains("| train | a\\|b.tsv | 20 |"))
        #expect(card.contains("`` o`k|\\u{1b}[2J ``"))
        #expect(!card.contains("\u{1B}"))
    }

    @Test func replacesAModelOnlyWhenAskedAndNothingElseEver() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/m"
        #expect(try Command.run(tiny.training(output: path)).status == 0)
        let before = FileManager.default.contents(atPath: path + "/warrant.json")
        let refused = try Command.run(tiny.training(output: path) + ["--seed", "5"])
        #expect(refused.status == 73)
        #expect(refused.errorLines.count == 1 && refused.errors.contains("--overwrite"))
        #expect(FileManager.default.contents(atPath: path + "/warrant.json") == before)
        let replaced = try Command.run(
            tiny.training(output: path) + ["--seed", "5", "--overwrite"])
        #expect(replaced.status == 0)
        #expect(FileManager.default.contents(atPath: path + "/warrant.json") != before)
        #expect(try folder.names == ["m"])

        let plain = try folder.file("notes.txt", "mine")
        let kept = try Command.run(tiny.training(output: plain) + ["--overwrite"])
        #expect(kept.status == 73)
        #expect(FileManager.default.contents(atPath: plain) == Data("mine".utf8))

        // Data beside a stage's files would be removed with the old model.
        let inside = try folder.file("m/support/rows.tsv", TinyModel.rows(20))
        let guarded = try Command.run(tiny.training(output: path) + ["--overwrite"])
        #expect(guarded.status == 73 && guarded.errors.contains("holds other files too"))
        #expect(FileManager.default.fileExists(atPath: inside))
        let link = folder.path + "/link"
        try FileManager.default.createSymbolicLink(
            atPath: link, withDestinationPath: folder.path + "/nowhere")
        let dangling = try Command.run(tiny.training(output: link))
        #expect(dangling.status == 73 && dangling.errors.contains("is a link to nothing"))
        #expect(dangling.errorLines.count == 1, "found before any work")
    }

    @Test(arguments: [SIGINT, SIGTERM]) func anInterruptedRunLeavesNothingButItsCheckpoint(
        _ signal: Int32
    ) throws {
        let folder = try TemporaryFolder()
        let errors = URL(fileURLWithPath: folder.path + "/errors")
        let process = try Command.process(
            tiny.training(output: folder.path + "/m") + ["--epochs", "1000"], errors: errors)
        try process.run()
        // Not before training has begun.
        for _ in 0..<600 {
            if let text = try? String(contentsOf: errors, encoding: .utf8), text.contains("loss") {
                break
            }
            usleep(50_000)
        }
        #expect(try folder.names.contains { $0.hasSuffix(".partial") })
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        #expect(process.terminationReason == .exit)
        #expect(process.terminationStatus == 128 + signal)
        // There is a checkpoint where an epoch has ended after a second's work.
        #expect(try folder.names.filter { $0 != "m.checkpoint" } == ["errors"])
        let text = try String(contentsOf: errors, encoding: .utf8)
        let hasCheckpoint = try folder.names.contains("m.checkpoint")
        let last = try #require(text.split(separator: "\n").last)
        #expect(last.hasPrefix("warrant: stopped; nothing was written"))
        #expect(last.contains("m.checkpoint") == hasCheckpoint)
    }

    @Test func aDiskThatIsFullLeavesNothing() throws {
        let folder = try TemporaryFolder()
        // A limit on the size of files, in blocks of 1,024 bytes: less than the weights need.
        let run = try Command.shell(
            "ulimit -f 32; exec \"$0\" \"$@\"", tiny.training(output: folder.path + "/m"))
        #expect(run.status == 73)
        let line = try #require(run.errorLines.last)
        #expect(line.contains("model.safetensors") && line.contains("cannot be written"))
        #expect(try folder.names.isEmpty)
    }

    /// Files of the user's own beside a manifest are not replaced with the model.
    @Test func aFolderThatHoldsMoreThanAModelIsNotOverwritten() throws {
        let folder = try TemporaryFolder()
        try folder.file("m/warrant.json", "{}")
        try folder.file("m/src/main.c", "code")
        let run = try Command.run(
            tiny.training(output: folder.path + "/m") + ["--overwrite"])
        #expect(run.status == 73 && run.errors.contains("not a model folder"), "\(run.errors)")
        #expect(try folder.bytes(of: "m/src/main.c") == Array("code".utf8))
    }
}

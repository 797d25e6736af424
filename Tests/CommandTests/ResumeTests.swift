import Foundation
import TestSupport
import Testing

/// `train --resume` after kills: what matters is that the model's bytes are those of a run that nobody
/// killed.
@Suite("Runs that go on from a checkpoint")
struct ResumeTests {
    let tiny: TinyModel
    let folder: TemporaryFolder

    init() throws {
        tiny = try TinyModel.shared.get()
        folder = try TemporaryFolder()
    }

    private var output: String { folder.path + "/m" }
    private var checkpoint: String { folder.path + "/m.checkpoint" }
    private var manifest: String { checkpoint + "/checkpoint.json" }

    /// Trains all kinds of models: support, tagger, classifier and three controls, two epochs each.
    private static func command(_ tiny: TinyModel, output: String) -> [String] {
        tiny.training(output: output) + [
            "--epochs", "2", "--test", tiny.dev, "--extractor", "tagger", "--controls",
        ]
    }

    private func command(_ more: String...) -> [String] {
        Self.command(tiny, output: output) + more
    }

    /// The bytes of every file of a folder, by path.
    private static func files(_ path: String) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: path) {
            files[name] = FileManager.default.contents(atPath: "\(path)/\(name)")
        }
        return files
    }

    /// What runs that nobody killed have written, each made once.
    private static let whole: Result<[String: Data], any Error> = Result {
        try trained { command($0, output: $1) }
    }
    private static let wholeOfSeeds: Result<[String: Data], any Error> = Result {
        try trained { $0.training(output: $1) + ["--seeds", "4,5,6", "--weights", "bf16"] }
    }

    private static func trained(
        _ arguments: (TinyModel, String) -> [String]
    ) throws -> [String: Data] {
        let folder = try TemporaryFolder()
        let path = folder.path + "/m"
        let run = try Command.run(arguments(TinyModel.shared.get(), path))
        try #require(run.status == 0, "\(run.errors)")
        #expect(try folder.names == ["m"])
        return try files(path)
    }

    /// Runs a command until it has written so many checkpoints more, and kills it.
    ///
    /// - Returns: whether it was killed before it ended.
    @discardableResult
    private func kill(
        after checkpoints: Int, _ arguments: [String], by signal: Int32 = SIGKILL
    ) throws -> Bool {
        let process = try Command.process(
            arguments, errors: folder.url.appendingPathComponent("errors"))
        func file() -> UInt64 {
            var status = stat()
            return stat(manifest, &status) == 0 ? UInt64(status.st_ino) : 0
        }
        var (last, count) = (file(), 0)
        try process.run()
        while process.isRunning, count < checkpoints {
            let now = file()
            if now != last, now != 0 { count += 1 }
            last = now
            usleep(200)
        }
        Foundation.kill(process.processIdentifier, signal)
        process.waitUntilExit()
        return process.terminationReason == .uncaughtSignal
    }

    private func errors() throws -> String {
        String(decoding: try folder.bytes(of: "errors"), as: UTF8.self)
    }

    // MARK: The same bytes

    /// Each write of a checkpoint is a place to be killed at; there are about eighty.
    @Test(arguments: [[1], [9, 3], [24, 1, 1], [60, 8]])
    func aKilledRunEndsInTheSameBytes(_ kills: [Int]) throws {
        for (number, checkpoints) in kills.enumerated() {
            let wasKilled = try kill(
                after: checkpoints,
                command("--resume", "--checkpoint-every", "0.0001", "--threads", "\(1 + number)"))
            #expect(wasKilled, "the run ended before")
            #expect(FileManager.default.fileExists(atPath: manifest))
        }
        let run = try Command.run(command("--resume"))
        #expect(run.status == 0, "\(run.errors)")
        #expect(
            run.errors.contains("goes on after step") || run.errors.contains("is trained already"))
        #expect(try Self.files(output) == Self.whole.get())
        #expect(try folder.names == ["errors", "m"])
    }

    @Test(arguments: [[3], [9], [16, 2]])
    func soDoesOneOfSeveralSeeds(_ kills: [Int]) throws {
        let arguments =
            tiny.training(output: output) + ["--seeds", "4,5,6", "--weights", "bf16", "--resume"]
        for checkpoints in kills {
            let wasKilled = try kill(
                after: checkpoints, arguments + ["--checkpoint-every", "0.0001"])
            #expect(wasKilled)
        }
        let run = try Command.run(arguments)
        #expect(run.status == 0, "\(run.errors)")
        #expect(try Self.files(output) == Self.wholeOfSeeds.get())
        #expect(try folder.names == ["errors", "m"])
    }

    /// In the midst of a write: of a file of numbers, of the manifest, and of what is removed.
    @Test(.enabled(if: KilledRunTests.canTrace, "strace cannot be used here"))
    func aKillWithinAWriteLeavesTheCheckpointBefore() throws {
        for (calls, number) in [("fsync", 9), ("rename", 6), ("fsync", 5), ("unlink", 3)] {
            let run = try Command.shell(
                "exec strace -f -o /dev/null -e trace=\(calls) "
                    + "-e inject=\(calls):signal=KILL:when=\(number) \"$0\" \"$@\"",
                command("--resume", "--checkpoint-every", "0.0001"))
            #expect(run.status == 128 + SIGKILL, "\(calls) \(number): \(run.status)")
        }
        let run = try Command.run(command("--resume"))
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.errors.contains("from the checkpoint") || run.errors.contains("goes on after"))
        #expect(try Self.files(output) == Self.whole.get())
    }

    @Test(arguments: [SIGINT, SIGTERM])
    func anInterruptedRunKeepsItsCheckpointAndNothingElse(_ signal: Int32) throws {
        let arguments = tiny.training(output: output) + ["--epochs", "300"]
        try kill(after: 4, arguments + ["--checkpoint-every", "0.05"], by: signal)
        #expect(try folder.names == ["errors", "m.checkpoint"])
        let last = try #require(try errors().split(separator: "\n").last)
        #expect(last.contains(checkpoint) && last.contains("--resume"), "\(last)")
        try kill(after: 1, arguments + ["--checkpoint-every", "0.05", "--resume"], by: signal)
        #expect(try errors().contains("goes on after step"))
    }

    // MARK: Other runs

    /// A run that was killed in its classifier's training.
    private func killed() throws {
        #expect(try kill(after: 40, command("--checkpoint-every", "0.0001")))
    }

    @Test func aCheckpointServesTheSameRunAlone() throws {
        try killed()
        let before = try Self.files(checkpoint)
        let rows = try folder.file("rows.tsv", TinyModel.rows(41))
        let encoder = folder.path + "/other-encoder"
        try TinyModel.writeEncoder(.bert, to: encoder, width: 16)
        let differing: [([String], [String])] = [
            (["--epochs", "3"], ["--epochs is \"3\" here and \"2\" there"]),
            (["--seed", "7"], ["--seed"]), (["--learning-rate", "2e-3"], ["--learning-rate"]),
            (["--classifier-epochs", "1"], ["--classifier-epochs"]),
            (["--ratio", "0.3"], ["the thresholder", "0.3"]),
            (["--weights", "f16"], ["--weights"]),
            (["--train", rows], ["the rows of train differ", "rows.tsv"]),
            (["--encoder", encoder], ["the encoder differ"]),
        ]
        for (options, facts) in differing {
            let run = try Command.run(command("--resume") + options)
            #expect(run.status == 65, "\(options): \(run.errors)")
            let line = try #require(run.errorLines.last)
            for fact in facts + [checkpoint, "without --resume"] {
                #expect(line.contains(fact), "\(fact): \(line)")
            }
        }
        #expect(try Self.files(checkpoint) == before, "a checkpoint that is refused is left alone")
        // Another place, and another number of threads, are no other run.
        let run = try Command.run(command("--resume", "--threads", "3"))
        #expect(run.status == 0, "\(run.errors)")
        #expect(try Self.files(output) == Self.whole.get())
    }

    @Test func withoutResumeAnOldCheckpointIsNamedAndReplaced() throws {
        try killed()
        let run = try Command.run(command())
        #expect(run.status == 0)
        #expect(run.errorLines.contains { $0.contains(checkpoint) && $0.contains("--resume") })
        #expect(!run.errors.contains("goes on after"))
        #expect(try Self.files(output) == Self.whole.get())
        #expect(try folder.names == ["errors", "m"])
    }

    @Test func withoutACheckpointARunStartsFromTheBeginningAndSaysSo() throws {
        let run = try Command.run(tiny.training(output: output) + ["--resume"])
        #expect(run.status == 0)
        #expect(run.errors.contains("there is no checkpoint \(checkpoint)"))
        #expect(try folder.names == ["m"])
    }

    // MARK: Damage

    @Test func aDamagedCheckpointIsNamedWithWhatToDo() throws {
        try killed()
        let text = String(
            decoding: try #require(FileManager.default.contents(atPath: manifest)), as: UTF8.self)
        // A kill may leave files that do not belong to the checkpoint yet.
        let names = try FileManager.default.contentsOfDirectory(atPath: checkpoint).sorted()
            .filter { $0 == "checkpoint.json" || text.contains("\"\($0)\"") }
        #expect(names.count > 4)
        func refuse(_ name: String, _ what: String) throws {
            let run = try Command.run(command("--resume"))
            #expect(run.status == 65, "\(what): \(run.errors)")
            let line = try #require(run.errorLines.last)
            #expect(
                line.contains("\(checkpoint)/\(name)") && line.contains("without --resume"),
                "\(what): \(line)")
        }
        for name in names {
            let path = "\(checkpoint)/\(name)"
            let bytes = try #require(FileManager.default.contents(atPath: path))
            var flipped = bytes
            flipped[bytes.count / 2] ^= 1
            let others = [("cut", bytes.dropLast(2)), ("empty", Data())]
            for (what, changed) in [("a bit", flipped)] + (name < "d" ? others : []) {
                try Data(changed).write(to: URL(fileURLWithPath: path))
                try refuse(name, what)
            }
            if name != "checkpoint.json", name < "d" {
                try FileManager.default.removeItem(atPath: path)
                try refuse(name, "missing")
            }
            try bytes.write(to: URL(fileURLWithPath: path))
        }
        for (old, new) in [
            ("\"format\":2", "\"format\":1"), ("\"epoch\":1", "\"epoch\":2"),
            ("\"stages\"", "\"seeds\""), ("{", "["),
        ] {
            #expect(text.contains(old))
            try text.replacing(old, with: new, maxReplacements: 1)
                .write(toFile: manifest, atomically: true, encoding: .utf8)
            try refuse("checkpoint.json", new)
        }
        try text.write(toFile: manifest, atomically: true, encoding: .utf8)
        #expect(try Command.run(command("--resume")).status == 0)
        #expect(try Self.files(output) == Self.whole.get())
    }

    @Test func aFolderThatIsNoCheckpointIsLeftAlone() throws {
        let mine = try folder.file("m.checkpoint/notes.txt", "mine")
        for more in [[], ["--resume"]] {
            let run = try Command.run(tiny.training(output: output) + more)
            #expect(run.status == 73 && run.errors.contains(checkpoint), "\(run.errors)")
        }
        #expect(FileManager.default.contents(atPath: mine) == Data("mine".utf8))
        #expect(try folder.names == ["m.checkpoint"])
    }

    @Test func twoRunsDoNotShareACheckpoint() throws {
        let arguments =
            tiny.training(output: output) + ["--epochs", "1000", "--checkpoint-every", "0.01"]
        let first = try Command.process(
            arguments, errors: folder.url.appendingPathComponent("errors"))
        try first.run()
        defer {
            first.terminate()
            first.waitUntilExit()
        }
        for _ in 0..<1_000 where !FileManager.default.fileExists(atPath: manifest) {
            usleep(10_000)
        }
        for more in [[], ["--resume"]] {
            let second = try Command.run(arguments + more)
            #expect(second.status == 73, "\(second.errors)")
            #expect(second.errorLines.last?.contains("another run") == true)
        }
        #expect(first.isRunning)
    }

    @Test func aCheckpointThatCannotBeWrittenIsNoReasonToStop() throws {
        // A limit on the size of files, in blocks of 1,024 bytes: enough for a model, not for moments.
        let run = try Command.shell(
            "ulimit -f 180; exec \"$0\" \"$@\"",
            tiny.training(output: output) + ["--checkpoint-every", "0.0001"])
        #expect(run.errorLines.count { $0.contains("training goes on") } == 1, "\(run.errors)")
        #expect(run.status == 0, "\(run.errors)")
        #expect(try folder.names == ["m"])
    }

    @Test func howOftenIsANumberOfSeconds() throws {
        for wrong in ["-1", "nan", "soon"] {
            let run = try Command.run(
                tiny.training(output: output) + ["--checkpoint-every=\(wrong)"])
            #expect(run.status == 64 && run.errors.contains("--checkpoint-every"), "\(run.errors)")
        }
    }
}

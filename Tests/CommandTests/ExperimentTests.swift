import Foundation
import Testing

@Suite struct ExperimentTests {
    let tiny: TinyModel
    let folder: TemporaryFolder
    init() throws {
        tiny = try TinyModel.shared.get()
        folder = try TemporaryFolder()
    }

    /// 2 seeds, 1 scorer with 1 control, 2 thresholders: 10 cells.
    private func grid(_ more: String = "", epochs: Int = 1) throws -> String {
        try folder.file(
            "grid.json",
            """
            {"encoder": "\(tiny.encoder)",
             "data": [{"name": "tiny", "train": "\(tiny.train)", "dev": "\(tiny.dev)",
                       "test_is_dev": true}],
             "scorers": ["cls-attention"], "thresholders": ["top-k", "contiguous"],
             "ratios": [0.3], "seeds": [0, 1], "controls": ["first"],
             "recipe": {"epochs": \(epochs), "batch_size": 8, "learning_rate": 1e-3}\(more)}
            """)
    }

    private func run(_ grid: String, _ more: String...) throws -> Command.Outcome {
        try Command.run(["experiment", grid, "--output", folder.path + "/out"] + more)
    }

    private func files() throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in ["results.jsonl", "table.md", "table.csv"] {
            files[name] = try Data(
                contentsOf: URL(fileURLWithPath: "\(folder.path)/out/\(name)"))
        }
        return files
    }

    private var stages: [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder.path + "/out/stages")) ?? [])
            .sorted()
    }

    /// Headings such as `[2/10] tiny seed 0: …`, without their numbers.
    private func headings(_ run: Command.Outcome) -> [String] {
        run.errorLines.filter { $0.hasPrefix("[") }
    }

    @Test func resultsAreCompleteAndASecondRunTrainsNothing() throws {
        let grid = try grid()
        let first = try run(grid, "--json")
        try #require(first.status == 0, "\(first.errors)")
        #expect(headings(first).count == 10)
        #expect(headings(first).first == "[1/10] tiny seed 0: full text")
        #expect(
            headings(first).last
                == "[10/10] tiny seed 1: cls-attention, contiguous, ratio 0.3, control first")
        let lines = try first.objects()
        #expect(
            lines.compactMap { $0["seed"] as? Int } == Array(repeating: 0, count: 5)
                + Array(repeating: 1, count: 5))
        #expect(
            lines.prefix(5).compactMap { $0["variant"] as? String } == [
                "support", "classifier", "first", "classifier", "first",
            ])
        for line in lines {
            let test = try #require(line["test"] as? [String: Any])
            #expect(test["documents"] as? Int == 12)
            #expect((test["macro_f1"] as? Double).map { $0 >= 0 && $0 <= 1 } == true)
            #expect(line["best_epoch"] as? Int == 1)
            #expect((line["seconds"] as? Double).map { $0 > 0 } == true)
            let share = try #require(line["rationale_share"] as? Double)
            #expect(
                line["variant"] as? String == "support" ? share == 1 : share > 0.2 && share < 0.5)
        }
        // The first words are the same for both thresholders: one classifier serves both.
        #expect(stages.count { $0.hasPrefix("cell-") } == 10)
        #expect(stages.count { $0.hasPrefix("support-") } == 2)
        #expect(stages.count { $0.hasPrefix("classifier-") } == 6)

        let files = try files()
        #expect(files["results.jsonl"] == Data(first.output.utf8))
        let table = String(decoding: try #require(files["table.md"]), as: UTF8.self)
        #expect(table.split(separator: "\n").count == 2 + 5 && first.errors.contains(table))

        let second = try run(grid)
        #expect(second.status == 0 && headings(second).isEmpty)
        #expect(second.errors.hasPrefix("10 cells, 10 done already\n"))
        #expect(!second.errors.contains("epoch") && second.errors.contains(table))
        #expect(try self.files() == files)
    }

    @Test func whatIsMissingIsMadeAgainAndNothingElse() throws {
        let grid = try grid()
        let planned = try run(grid, "--dry-run")
        #expect(planned.status == 0 && planned.lines.last == "10 cells, 0 done")
        #expect(!folder.names.contains("out"), "a dry run writes nothing")
        try #require(try run(grid).status == 0)
        let before = try files()
        let kept = stages

        // A cell whose classifier is kept is selected again, and not trained.
        let cell = try #require(kept.first { $0.hasPrefix("cell-") })
        let path = "\(folder.path)/out/stages/\(cell)"
        try FileManager.default.removeItem(atPath: path)
        let list = try run(grid, "--dry-run", "--json").objects()
        #expect(list.count { $0["done"] as? Bool == false } == 1)
        let again = try run(grid)
        #expect(headings(again).count == 1 && !again.errors.contains("epoch"))
        #expect(try files() == before)
        #expect(stages == kept)

        // A new scorer uses the support models that are there.
        let wider = try self.grid()
        var text = try String(contentsOfFile: wider, encoding: .utf8)
        text = text.replacing("[\"cls-attention\"]", with: "[\"cls-attention\", \"random\"]")
        try text.write(toFile: wider, atomically: true, encoding: .utf8)
        let wide = try run(wider)
        #expect(wide.status == 0 && headings(wide).count == 8)
        #expect(!wide.errors.contains("support epoch"))
        #expect(stages.count { $0.hasPrefix("support-") } == 2)
        let rows = String(decoding: try #require(try files()["table.csv"]), as: UTF8.self)
            .split(separator: "\n")
        #expect(rows.count == 1 + 9)

        // Another recipe needs everything anew.
        let other = try run(try self.grid(epochs: 2), "--dry-run")
        #expect(other.lines.last == "10 cells, 0 done")

        // What is not as it was written is neither believed nor removed.
        try "{}".write(toFile: path, atomically: true, encoding: .utf8)
        let damaged = try run(try self.grid())
        #expect(damaged.status == 65 && damaged.errorLines.count == 2)
        #expect(damaged.errors.contains("\(cell): is not what an experiment wrote; remove it"))
    }

    @Test(arguments: [SIGKILL, SIGINT])
    func aRunThatWasStoppedGoesOnWhereItWas(_ signal: Int32) throws {
        let grid = try grid(epochs: 40)
        let reference = try Command.run(
            ["experiment", grid, "--output", folder.path + "/whole", "--json"])
        try #require(reference.status == 0)
        let errors = URL(fileURLWithPath: folder.path + "/errors")
        let process = try Command.process(
            ["experiment", grid, "--output", folder.path + "/out"], errors: errors)
        try process.run()
        let results = folder.path + "/out/results.jsonl"
        for _ in 0..<2_000 where !FileManager.default.fileExists(atPath: results) {
            usleep(5_000)
        }
        kill(process.processIdentifier, signal)
        process.waitUntilExit()
        let done = try String(contentsOfFile: results, encoding: .utf8).split(separator: "\n")
        #expect((1..<10).contains(done.count), "stopped in the middle")
        if signal == SIGINT {
            #expect(process.terminationStatus == 128 + SIGINT)
            let text = try String(contentsOf: errors, encoding: .utf8)
            #expect(text.hasSuffix("warrant: stopped; the same command goes on from here\n"))
            #expect(!stages.contains { $0.hasPrefix(".") })
        }
        let rest = try run(grid, "--json")
        #expect(rest.status == 0 && headings(rest).count < 10)
        func withoutTimes(_ run: Command.Outcome) throws -> [NSDictionary] {
            try run.objects().map { object in
                var object = object
                object["seconds"] = nil
                return object as NSDictionary
            }
        }
        #expect(try withoutTimes(rest) == withoutTimes(reference))
        for name in ["table.md", "table.csv"] {
            #expect(
                FileManager.default.contents(atPath: "\(folder.path)/out/\(name)")
                    == FileManager.default.contents(atPath: "\(folder.path)/whole/\(name)"))
        }
    }

    @Test func mistakesEndTheRunBeforeTheWork() throws {
        let unknown = try run(try grid(", \"trainer\": 1"))
        #expect(unknown.status == 65 && unknown.errorLines.count == 1)
        #expect(unknown.errors.contains("grid.json: \"trainer\": unknown key"))
        let marks = try grid()
        var text = try String(contentsOfFile: marks, encoding: .utf8)
        text = text.replacing("cls-attention", with: "human")
        try text.write(toFile: marks, atomically: true, encoding: .utf8)
        let unmarked = try run(marks)
        #expect(unmarked.status == 65)
        #expect(unmarked.errors.contains("\"data[0]\": no row of train has a human rationale"))
        let grid = try grid()
        let none = try run(grid, "--encoder", folder.path + "/none")
        #expect(none.status == 66 && none.errorLines.count == 1)
        #expect(try run(folder.path + "/none.json").status == 66)
        #expect(!folder.names.contains("out"))
        try folder.file("out", "a file in the folder's place")
        #expect(try run(grid).status == 73)
    }
}

import Foundation
import TestSupport
import Testing

@Suite struct ExperimentTests {
    let tiny: TinyModel
    let folder: TemporaryFolder
    init() throws {
        tiny = try TinyModel.shared.get()
        folder = try TemporaryFolder()
    }

    private func grid(_ more: String = "", epochs: Int = 1) throws -> String {
        try tiny.grid(in: folder, more, epochs: epochs)
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

    // They train the same models, and finish them at about the same time.
    @Test func runsMayShareStagesAtTheSameTime() throws {
        let grid = try grid()
        let outcome = try Command.shell(
            """
            for round in 1 2 3; do
                rm -rf "$2/shared"
                "$0" experiment "$1" --stages "$2/shared" --output "$2/a" & first=$!
                "$0" experiment "$1" --stages "$2/shared" --output "$2/b" || exit
                wait $first || exit
                cmp "$2/a/table.md" "$2/b/table.md" || exit
            done
            """, [grid, folder.path])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let shared = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/shared")
        #expect(shared.count { $0.hasPrefix("support-") } == 2)
        #expect(shared.allSatisfy { !$0.hasPrefix(".") && !$0.contains("finished") }, "\(shared)")
    }

    @Test func resultsAreCompleteAndASecondRunTrainsNothing() throws {
        let grid = try grid()
        let first = try run(grid, "--json")
        try #require(first.status == 0, "\(first.errors)")
        #expect(headings(first).count == 10)
        #expect(headings(first).first == "[1/10] tiny seed 0: full text")
        #expect(
            first.errorLines.count {
                $0.hasPrefix("warrant: tiny: 12 of 12 dev texts also stand in train")
            } == 1)
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
        #expect(stages.count { $0.hasPrefix("saliency-") } == 2)
        #expect(stages.count { $0.hasPrefix("classifier-") } == 6)

        let files = try files()
        #expect(files["results.jsonl"] == Data(first.output.utf8))
        let table = String(decoding: try #require(files["table.md"]), as: UTF8.self)
        #expect(table.split(separator: "\n").count == 2 + 5 && first.errors.contains(table))
        #expect(table.contains("| dev | 12 |") && !table.contains("test"), "the dev rows stand in")

        let second = try run(grid)
        #expect(second.status == 0 && headings(second).isEmpty)
        #expect(second.errors.hasPrefix("10 cells, 10 done already\n"))
        #expect(!second.errors.contains("epoch") && second.errors.contains(table))
        #expect(try self.files() == files)
    }

    @Test func dataThatDifferInWhatHumansMarkedShareNoSelection() throws {
        func rows(_ name: String, _ rationale: String) throws -> String {
            let lines = (0..<12).map { row in
                """
                {"text": "a good film was warm \(row % 3 == 0 ? "and slow" : "")", \
                "label": "\(row % 2)", "rationale": \(rationale)}

                """
            }
            return try folder.file(name, lines.joined())
        }
        let (one, two) = (try rows("1.jsonl", "[[0,2]]"), try rows("2.jsonl", "[[3,5]]"))
        let grid = try folder.file(
            "grid.json",
            """
            {"encoder": "\(tiny.encoder)",
             "data": [{"name": "one", "train": "\(one)", "dev": "\(one)", "test_is_dev": true},
                      {"name": "two", "train": "\(two)", "dev": "\(two)", "test_is_dev": true}],
             "scorers": ["human"], "thresholders": [{"thresholder": "top-k", "words": 2}],
             "recipe": {"epochs": 1, "batch_size": 8}}
            """)
        let run = try run(grid, "--json")
        try #require(run.status == 0, "\(run.errors)")
        let figures = try run.objects().compactMap { $0["plausibility"] as? [String: Any] }
        #expect(figures.count == 2)
        for figures in figures {
            let tokens = try #require(figures["token_f1"] as? Double, "\(figures)")
            #expect(tokens == 1, "the selected words are those that this data set's humans marked")
        }
    }

    @Test func whatIsMissingIsMadeAgainAndNothingElse() throws {
        let grid = try grid()
        let planned = try run(grid, "--dry-run")
        #expect(planned.status == 0 && planned.lines.last == "10 cells, 0 done")
        #expect(try !folder.names.contains("out"), "a dry run writes nothing")
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
        #expect(!again.errors.contains("extraction"))
        #expect(try files() == before)
        #expect(stages == kept)

        // Classifiers are trained on the scores that are kept; scores are taken again from the
        // models that are kept. Both are what they were.
        for missing in ["classifier-", "saliency-"] {
            for stage in kept where stage.hasPrefix(missing) || stage.hasPrefix("cell-") {
                try FileManager.default.removeItem(atPath: "\(folder.path)/out/stages/\(stage)")
            }
            let errors = try run(grid).errors
            #expect(errors.contains("classifier epoch") == (missing == "classifier-"))
            #expect(errors.contains("extraction") == (missing == "saliency-"), "\(errors)")
            #expect(!errors.contains("support epoch"))
            #expect(stages == kept)
            for name in ["table.md", "table.csv"] { #expect(try files()[name] == before[name]) }
        }

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

    @Test func aSupportModelWithoutScoresIsTrainedAgainAndReplaced() throws {
        let grid = try grid()
        try #require(try run(grid).status == 0)
        let before = try files()
        let kept = stages
        let support = try #require(kept.first { $0.hasPrefix("support-") })
        let folder = "\(folder.path)/out/stages"
        try FileManager.default.removeItem(atPath: "\(folder)/\(support)/scores.json")
        for cell in kept where cell.hasPrefix("cell-") {
            try FileManager.default.removeItem(atPath: "\(folder)/\(cell)")
        }
        let again = try run(grid)
        #expect(again.status == 0 && again.errors.contains("support epoch"), "\(again.errors)")
        #expect(stages == kept)
        for name in ["table.md", "table.csv"] { #expect(try files()[name] == before[name]) }
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
}

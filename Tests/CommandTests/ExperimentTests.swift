import Foundation
import TestSupport
import Testing
import Warrant

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

    @Test(arguments: [
        (#""scorers": ["cls-attention:9"]"#, "scorer cls-attention"),
        (#""recipe": {"maximum_length": 5000}"#, "the maximum length is 5000"),
        (#""recipe": {"stride": 500}"#, "the stride is 500"),
    ])
    func whatTheEncoderCannotDoIsToldWithItsPlace(_ setting: String, _ problem: String) throws {
        let grid = try folder.file(
            "grid.json",
            """
            {"encoder": "\(tiny.encoder)", "scorers": ["first"],
             "data": [{"name": "tiny", "train": "\(tiny.train)", \(setting)}],
             "thresholders": ["top-k"]}
            """)
        let run = try run(grid)
        #expect(run.status == 65)
        #expect(run.errors.contains("\(grid): \"data[0]\": ") && run.errors.contains(problem))
    }

    @Test func theExampleInTheHelpIsAnExperiment() throws {
        let help = try Command.run(["experiment", "--help"]).output
        let start = try #require(help.firstIndex(of: "{"))
        var depth = 0
        let end = try #require(
            help[start...].firstIndex { letter in
                depth += letter == "{" ? 1 : letter == "}" ? -1 : 0
                return depth == 0
            })
        let file = try ExperimentFile(
            Array(help[start...end].utf8), path: "help.json", folder: "/grids")
        #expect(file.encoder == "/grids/all-MiniLM-L6-v2" && file.tagging == nil)
        #expect(file.data.map(\.name) == ["sst", "movies"] && file.controls == Control.allCases)
        #expect(file.data.map(\.recipe.batchSize) == [32, 8])
        #expect(file.data.allSatisfy { $0.thresholders.count == 5 && $0.seeds == [0, 1, 2] })
    }

    /// An encoder folder as the tiny one, with its file `name` changed, or removed.
    private func encoder(
        _ name: String, _ change: (String) -> String? = { _ in nil }
    ) throws -> String {
        let copy = "\(folder.path)/encoder-\(name)"
        try FileManager.default.copyItem(atPath: tiny.encoder, toPath: copy)
        let old = try String(contentsOfFile: "\(copy)/\(name)", encoding: .utf8)
        try FileManager.default.removeItem(atPath: "\(copy)/\(name)")
        if let text = change(old) {
            try #require(text != old)
            try text.write(toFile: "\(copy)/\(name)", atomically: true, encoding: .utf8)
        }
        return copy
    }

    @Test func whatCannotBeReadIsToldByADryRun() throws {
        var rows = "text\tlabel\tasked\n"
        for row in 0..<8 {
            let query = row == 5 ? Array(repeating: "film", count: 70) : ["is", "it", "good"]
            rows += "\(TinyModel.sentence(row))\t\(row % 2)\t\(query.joined(separator: " "))\n"
        }
        let path = try folder.file("queries.tsv", rows)
        func grid(_ query: String) throws -> String {
            try folder.file(
                "queries.json",
                """
                {"encoder": "\(tiny.encoder)",
                 "data": [{"name": "plain", "train": "\(tiny.train)", "dev": "\(tiny.dev)"},
                          {"name": "asked", "train": "queries.tsv", "dev": "queries.tsv"\(query)}],
                 "scorers": ["cls-attention"], "thresholders": ["top-k"]}
                """)
        }
        #expect(try run(grid(""), "--dry-run").status == 0)
        let queries = ", \"query_column\": \"asked\""
        let long = try run(grid(queries), "--dry-run")
        #expect(long.status == 65 && long.errorLines.count == 1)
        #expect(long.errors.contains("\(path):7: the query leaves no room"), "\(long.errors)")
        let single = try encoder("config.json") { text in
            text.replacing(/"type_vocab_size" *: *2/, with: "\"type_vocab_size\": 1")
        }
        let unread = try run(grid(queries), "--encoder", single, "--dry-run")
        #expect(unread.status == 65 && unread.errorLines.count == 1)
        #expect(unread.errors.contains("queries.json: \"data[1]\": the rows have a query"))
        let textless = try run(grid(""), "--encoder", try encoder("vocab.txt"), "--dry-run")
        #expect(
            textless.status == 66 && textless.errors.contains("vocab.txt"), "\(textless.errors)")
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
        let share = try run(
            try self.grid(", \"extractor\": \"tagger\", \"human_share\": 0.5"), "--dry-run")
        #expect(share.status == 65 && share.errorLines.count == 1)
        #expect(
            share.errors.contains("\"data[0]\": no row of train has a human rationale, which a"))
        let grid = try grid()
        let none = try run(grid, "--encoder", folder.path + "/none")
        #expect(none.status == 66 && none.errorLines.count == 1)
        #expect(try run(folder.path + "/none.json").status == 66)
        #expect(try !folder.names.contains("out"))
        try folder.file("out", "a file in the folder's place")
        #expect(try run(grid).status == 73)
    }
}

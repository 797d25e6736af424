import Foundation
import TestSupport
import Testing
import Warrant

/// What is wrong with an experiment is told before the work.
@Suite struct ExperimentMistakesTests {
    let tiny: TinyModel
    let folder: TemporaryFolder
    init() throws {
        tiny = try TinyModel.shared.get()
        folder = try TemporaryFolder()
    }

    private func run(_ grid: String, _ more: String...) throws -> Command.Outcome {
        try Command.run(["experiment", grid, "--output", folder.path + "/out"] + more)
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
        #expect(file.data.map(\.recipe.support.batchSize) == [32, 8])
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
        let unknown = try run(try tiny.grid(in: folder, ", \"trainer\": 1"))
        #expect(unknown.status == 65 && unknown.errorLines.count == 1)
        #expect(unknown.errors.contains("grid.json: \"trainer\": unknown key"))
        let marks = try tiny.grid(in: folder)
        var text = try String(contentsOfFile: marks, encoding: .utf8)
        text = text.replacing("cls-attention", with: "human")
        try text.write(toFile: marks, atomically: true, encoding: .utf8)
        let unmarked = try run(marks)
        #expect(unmarked.status == 65)
        #expect(unmarked.errors.contains("\"data[0]\": no row of train has a human rationale"))
        let share = try run(
            try tiny.grid(in: folder, ", \"extractor\": \"tagger\", \"human_share\": 0.5"),
            "--dry-run")
        #expect(share.status == 65 && share.errorLines.count == 1)
        #expect(
            share.errors.contains("\"data[0]\": no row of train has a human rationale, which a"))
        let grid = try tiny.grid(in: folder)
        let none = try run(grid, "--encoder", folder.path + "/none")
        #expect(none.status == 66 && none.errorLines.count == 1)
        #expect(try run(folder.path + "/none.json").status == 66)
        #expect(try !folder.names.contains("out"))
        try folder.file("out", "a file in the folder's place")
        #expect(try run(grid).status == 73)
    }
}

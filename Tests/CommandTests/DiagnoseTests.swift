import Foundation
import JSON
import TestSupport
import Testing

@Suite("warrant diagnose") struct DiagnoseTests {
    let rows: DiagnoseRows
    init() throws { rows = try DiagnoseRows() }

    private static let files = [
        "picture.svg", "summary.json", "summary.md", "tables.csv", "texts.jsonl",
    ]

    @Test(arguments: DiagnoseRows.quick.map(\.name))
    func writesItsFilesAndGoesOnFromThem(_ name: String) throws {
        let run = try Command.run(rows.arguments(name))
        #expect(run.status == 0, "\(run.errors)")
        let results = try rows.results()
        #expect(results.keys.sorted() == Self.files)
        #expect(Array(run.output.utf8) == results["summary.md"])
        #expect(run.output.hasPrefix(name) && !run.errors.contains("| "))
        #expect(
            run.errorLines.last
                == "warrant: the results are in \(rows.path("out")): summary.json, texts.jsonl, "
                + "summary.md, tables.csv, picture.svg")
        let summary = try JSONValue(json: try #require(results["summary.json"]), file: "summary")
        #expect(summary["diagnostic"]?.string == name)
        let stages = try rows.stages()
        #expect(stages.contains { $0.hasPrefix("\(name)-") && $0.hasSuffix(".json") })
        #expect(!stages.contains { $0.contains("unfinished") || $0.contains("partial") })

        func dates() throws -> [Date?] {
            try stages.map {
                let path = rows.path("out/stages/\($0)")
                return try FileManager.default.attributesOfItem(atPath: path)[.modificationDate]
                    as? Date
            }
        }
        let before = try dates()
        let again = try Command.run(rows.arguments(name, ["--json", "--threads", "2"]))
        #expect(again.status == 0, "\(again.errors)")
        #expect(Array(again.output.utf8) == results["summary.json"])
        let third = try Command.run(rows.arguments(name, ["--csv"]))
        #expect(third.status == 0 && Array(third.output.utf8) == results["tables.csv"])
        #expect(try rows.results() == results)
        #expect(try rows.stages() == stages && dates() == before, "nothing is made again")
    }

    @Test func diagnosticsThatShareStagesShareTheModel() throws {
        let shared = ["--stages", rows.path("stages")]
        var models: [String] = []
        for name in ["correlation", "permutation", "adversary", "erasure"] {
            let run = try Command.run(rows.arguments(name, output: name, shared))
            #expect(run.status == 0, "\(run.errors)")
            let names = try rows.stages("stages").filter { $0.hasPrefix("attention-model-") }
            #expect(names.count == 1 && (models.isEmpty || models == names))
            models = names
            #expect(try rows.results(name).keys.sorted() == Self.files, "no stages of its own")
        }
        // Where the rows lie and what they are called is nothing that a model depends on.
        try FileManager.default.copyItem(atPath: rows.path("test.tsv"), toPath: rows.path("b.tsv"))
        let other = try Command.run(
            rows.arguments("permutation", output: "other", shared + ["--test", rows.path("b.tsv")]))
        #expect(other.status == 0 && other.output.contains("b.tsv"), "\(other.errors)")
        #expect(try rows.stages("stages").count == 5)
    }

    @Test(.enabled(if: KilledRunTests.canTrace, "strace cannot be used here"))
    func aRunThatIsKilledGoesOnToTheSameBytes() throws {
        let whole = try Command.run(rows.arguments("guide", output: "whole"))
        #expect(whole.status == 0, "\(whole.errors)")
        let stages = try rows.stages("whole/stages")
        let arguments = rows.arguments("guide")
        // As models, findings and results are put in their places.
        for number in [2, 3, 4] {
            let run = try Command.shell(
                "exec strace -f -o /dev/null -e trace=renameat2,rename "
                    + "-e inject=renameat2,rename:signal=KILL:when=\(number) \"$0\" \"$@\"",
                arguments)
            #expect(run.status == 128 + SIGKILL, "\(number): \(run.status), \(run.errors)")
        }
        let last = try Command.run(arguments)
        #expect(last.status == 0 && last.output == whole.output, "\(last.errors)")
        #expect(try rows.results() == rows.results("whole"))
        #expect(try rows.stages() == stages)
    }

    @Test func aRunThatIsInterruptedSaysHowItGoesOn() throws {
        let arguments = rows.arguments(
            "guide", ["--adversary-epochs", "1000", "--patience", "1000"])
        let process = try Command.process(
            arguments, errors: rows.folder.url.appendingPathComponent("errors"))
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        func hasModel() -> Bool {
            (try? rows.stages())?.contains { $0.hasPrefix("attention-model-") } == true
        }
        while process.isRunning, !hasModel() { usleep(500) }
        process.interrupt()
        process.waitUntilExit()
        #expect(process.terminationReason == .exit && process.terminationStatus == 130)
        let errors = String(decoding: try rows.folder.bytes(of: "errors"), as: UTF8.self)
        #expect(errors.contains("stopped; the same command goes on from here"))
        #expect(try rows.results().isEmpty)
        // Other settings of the same model find it there.
        let models = try rows.stages().filter { $0.hasPrefix("attention-model-") }
        let run = try Command.run(rows.arguments("correlation"))
        #expect(run.status == 0, "\(run.errors)")
        #expect(
            try rows.stages().filter { $0.hasPrefix("attention-model-") && !$0.contains("unf") }
                .contains { models.contains($0) })
    }

    @Test func withoutATestSetThatOfDevelopmentIsMeasured() throws {
        let run = try Command.run(
            [
                "diagnose", "permutation", "--train", rows.path("train.tsv"), "--output",
                rows.path("out"),
            ] + DiagnoseRows.model)
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.lines.first?.hasSuffix("; held out of train.tsv") == true)
    }

    @Test func textsOfOneWordAreNoMistake() throws {
        let words = try rows.folder.file(
            "words.tsv",
            "text\tlabel\n"
                + (0..<20).map { "\($0 % 2 == 0 ? "bad" : "good")\t\($0 % 2)\n" }.joined())
        for (name, settings) in DiagnoseRows.quick where name != "copying" {
            let run = try Command.run(
                ["diagnose", name, "--train", words, "--dev", words, "--output", rows.path(name)]
                    + settings + DiagnoseRows.model)
            #expect(run.status == 0, "\(name): \(run.errors)")
            #expect(!run.output.contains("nan"))
        }
    }

    @Test(arguments: DiagnoseRows.quick.map(\.name))
    func helpShowsQuestionMeasureSourceAndExamples(_ name: String) throws {
        let run = try Command.run(["diagnose", name, "--help"])
        #expect(run.status == 0)
        let lines = run.output.split(separator: "\n", omittingEmptySubsequences: false)
        let overview = lines.prefix { !$0.isEmpty }.joined(separator: " ")
        #expect(overview.hasPrefix("OVERVIEW: ") && overview.hasSuffix("?"))
        #expect(
            lines.contains {
                $0.hasPrefix("Source: ") && $0.contains("\"") || $0.hasPrefix("Source: Snell")
            })
        let examples = lines.drop { $0 != "EXAMPLES" }.dropFirst().prefix { !$0.isEmpty }
        #expect(examples.first?.hasPrefix("  warrant diagnose \(name) ") == true)
        #expect(examples.allSatisfy { $0.hasPrefix("  ") }, "\(examples)")
        let root = try Command.run(["diagnose", "--help"]).output
        #expect(root.contains("\n  \(name) "))
        #expect(
            root.split(separator: "\n").drop { $0 != "EXAMPLES" }.dropFirst()
                .prefix { !$0.hasPrefix("USAGE") }.allSatisfy { $0.hasPrefix("  ") })
    }

    /// What is proposed can be run: each example's options are those that there are.
    @Test(arguments: DiagnoseRows.quick.map(\.name))
    func examplesAreCommandsThatThereAre(_ name: String) throws {
        let help = try Command.run(["diagnose", name, "--help"]).output
        let text = help.split(separator: "\n").drop { $0 != "EXAMPLES" }.dropFirst()
            .prefix { $0.hasPrefix("  ") }.joined(separator: "\n").replacing("\\\n", with: " ")
        let examples = text.split(separator: "\n").map {
            $0.split(separator: " ").map(String.init)
        }
        #expect(!examples.isEmpty)
        for words in examples where name != "copying" {
            #expect(words[0] == "warrant")
            let run = try Command.run(Array(words.dropFirst()))
            // The rows, or the encoder, are the first thing that is missing.
            #expect(run.status == 66, "\(words): \(run.errors)")
        }
    }
}

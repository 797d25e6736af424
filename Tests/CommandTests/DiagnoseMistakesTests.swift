import Foundation
import TestSupport
import Testing

/// What is wrong with a diagnostic is told in one line.
@Suite("Mistakes in warrant diagnose") struct DiagnoseMistakesTests {
    let rows: DiagnoseRows
    init() throws { rows = try DiagnoseRows() }

    /// Runs a command that must fail.
    ///
    /// - Parameter said: what its one message says.
    private func expect(
        _ arguments: [String], _ status: Int32, _ said: String...,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let run = try Command.run(arguments)
        #expect(run.status == status, "\(run.errors)", sourceLocation: sourceLocation)
        #expect(run.output.isEmpty, sourceLocation: sourceLocation)
        // What is told of rows that could be read is no mistake.
        let lines = run.errorLines.filter { $0.hasPrefix("warrant: ") }
        #expect(lines.count == 1, "\(run.errors)", sourceLocation: sourceLocation)
        for part in said {
            #expect(
                lines.last?.contains(part) == true, "\(run.errors)",
                sourceLocation: sourceLocation)
        }
    }

    private func correlation(_ more: String...) -> [String] {
        rows.arguments("correlation", more)
    }

    @Test func settingsThatCannotBe() throws {
        try expect(["diagnose", "attention"], 64, "attention", "--help")
        try expect(["diagnose", "correlation", "--train", "a.tsv"], 64, "--output")
        try expect(
            ["diagnose", "correlation", "--output", rows.path("out")], 64,
            "correlation trains a model: give the rows to learn from as --train")
        for name in ["rnn", "bert-base-uncased", "all-MiniLM-L6-v2"] {
            try expect(
                correlation("--encoder", name), 64, "there is no encoder \(name) with attention",
                "lstm, cnn, average")
        }
        try expect(correlation("--attention", "softmax"), 64, "softmax", "tanh")
        try expect(correlation("--hidden-size", "6"), 64, "the hidden size is 6")
        try expect(correlation("--epochs", "0"), 64, "epochs")
        try expect(correlation("--minimum-words", "9", "--maximum-words", "3"), 64, "9 to 3 words")
        try expect(correlation("--json", "--csv"), 64, "--json and --csv exclude each other")
        try expect(rows.arguments("permutation", ["--permutations", "0"]), 64, "--permutations")
        try expect(rows.arguments("adversary", ["--steps", "0"]), 64, "--steps")
        try expect(rows.arguments("adversary", ["--distributions", "65"]), 64, "--distributions")
        try expect(rows.arguments("erasure", ["--orders", "-1"]), 64, "--orders")
        #expect(try !rows.folder.names.contains("out"), "told before the work")
    }

    @Test(arguments: ["", "x", "1,", "1,,2", "-1", "1.5", "1 2", "18446744073709551616", "4,5,4"])
    func seedsThatAreNone(_ seeds: String) throws {
        for name in ["uniform", "seeds", "divergence", "relevance", "copying"] {
            try expect(
                ["diagnose", name, "--train", rows.path("train.tsv"), "--output", rows.path("out")]
                    + ["--seeds=\(seeds)"], 64, "--seeds",
                seeds.isEmpty ? "Missing" : "expected whole numbers of 0 or more")
        }
    }

    @Test(arguments: ["", "-0.1", "1001", "nan", "inf", "1e-3;1", "0,0.0", "1e-3,0.001"])
    func lambdasThatAreNone(_ lambdas: String) throws {
        for name in ["guide", "divergence"] {
            try expect(
                rows.arguments(name, ["--lambdas=\(lambdas)"]), 64, "--lambdas",
                lambdas.isEmpty ? "Missing" : "expected numbers of 0")
        }
    }

    @Test func seedsThatCannotBeCompared() throws {
        try expect(
            rows.arguments("relevance", ["--seeds", "3"]), 64, "--seeds needs two seeds at least")
        for name in ["seeds", "divergence"] {
            try expect(
                rows.arguments(name, ["--seeds", "4,7", "--seed", "7"]), 64,
                "seed 7 is that of the model that others are compared with")
        }
        try expect(
            rows.arguments("copying", ["--train", rows.path("train.tsv")]), 64,
            "copying makes its own texts")
    }

    @Test func vectorsThatAreNone() throws {
        func vectors(_ text: String, _ more: String...) throws -> [String] {
            rows.arguments(
                "correlation",
                ["--embeddings", try rows.folder.file("vectors.txt", text)] + more)
        }
        /// Without --embedding-size.
        func narrow(_ arguments: [String]) -> [String] {
            var arguments = arguments
            if let place = arguments.firstIndex(of: "--embedding-size") {
                arguments.removeSubrange(place..<(place + 2))
            }
            return arguments
        }
        let place = rows.path("vectors.txt")
        try expect(vectors("film 1 2 3\nbad 1 2 4\n"), 65, "\(place): has vectors of 3 numbers")
        try expect(
            narrow(try vectors("film 1 2 3\nbad 1 two 3\n")), 65, "\(place):2: \"two\" is no number"
        )
        try expect(
            narrow(try vectors("film 1 2 3\nbad 1 nan 3\n")), 65, "\(place):2: \"nan\" is no number"
        )
        try expect(
            narrow(try vectors("2 3\nfilm 1 2 3\nbad 1 2\n")), 65,
            "\(place):3: 2 numbers where other lines have 3")
        try expect(narrow(try vectors("")), 65, "\(place)", "empty")
        try expect(narrow(try vectors("film\nbad\n")), 65, "\(place)", "there are no numbers")
        try expect(
            correlation("--embeddings", rows.path("none.txt")), 66, rows.path("none.txt"))
        let right = try Command.run(
            narrow(try vectors("bad 1 2 3 4\ngood -1 0 1 1e-2\nfilm .5 1 0 0\n")))
        #expect(right.status == 0, "\(right.errors)")
        #expect(right.output.contains("vectors.txt embeddings"))
    }

    @Test func rowsThatCannotBeUsed() throws {
        try expect(correlation("--train", rows.path("none.tsv")), 66, "none.tsv: no such file")
        let single = try rows.folder.file(
            "single.tsv", "text\tlabel\n" + String(repeating: "a film\tgood\n", count: 8))
        try expect(
            correlation("--train", single), 65, "single.tsv:2: all 8 rows are labelled \"good\"")
        let unknown = try rows.folder.file(
            "unknown.tsv", "text\tlabel\na film\tpositive\na plot\todd\n")
        try expect(
            correlation("--test", unknown), 65,
            "unknown.tsv:3: the label \"odd\" was not seen in training")
        let asked = try rows.folder.file(
            "asked.tsv",
            "text\tlabel\tasked\n"
                + (0..<20).map { "\(TinyModel.sentence($0))\t\($0 % 2)\tis it good\n" }.joined())
        try expect(
            [
                "diagnose", "relevance", "--train", asked, "--query-column", "asked", "--output",
                rows.path("out"),
            ], 64, "relevance is defined for two classes of texts without a query")
        try expect(
            correlation("--minimum-words", "400"), 65,
            "no row of train has a text of the lengths that are read")
    }

    @Test func placesThatCannotBeWritten() throws {
        let file = try rows.folder.file("file", "")
        try expect(rows.arguments("correlation", output: "file"), 73, file)
        try expect(rows.arguments("correlation", output: "file/out"), 73, "file/out")
        try expect(correlation("--stages", file), 73, file)
        try FileManager.default.createDirectory(
            atPath: rows.path("out/summary.md"), withIntermediateDirectories: true)
        try expect(rows.arguments("permutation"), 73, "summary.md")
    }

    @Test func keptFindingsThatAreDamaged() throws {
        #expect(try Command.run(rows.arguments("permutation")).status == 0)
        let name = try #require(try rows.stages().first { $0.hasPrefix("permutation-") })
        for text in [
            "", "{}", "{\"epoch\":1,\"texts\":[]}", "{\"epoch\":1e99,\"texts\":[]}", "[[[",
        ] {
            try rows.folder.file("out/stages/\(name)", text)
            try expect(
                rows.arguments("permutation"), 65, "\(rows.path("out/stages/\(name)"))",
                "remove it, so that it is made again")
        }
        try FileManager.default.removeItem(atPath: rows.path("out/stages/\(name)"))
        #expect(try Command.run(rows.arguments("permutation")).status == 0)
    }
}

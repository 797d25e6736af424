import Foundation
import TestSupport
import Testing
import Warrant

/// A grid with a tagger, every control, and rows from an ERASER folder.
@Suite struct TaggerExperimentTests {
    let tiny: TinyModel
    let folder: TemporaryFolder
    init() throws {
        tiny = try TinyModel.shared.get()
        folder = try TemporaryFolder()
    }

    /// Writes a split in which humans marked each document's first two words.
    private func writeSplit(_ split: String, rows: Int) throws {
        var annotations = ""
        for row in 0..<rows {
            try folder.file("set/docs/\(split)\(row)", TinyModel.sentence(row))
            annotations +=
                #"{"annotation_id": "\#(split)\#(row)", "classification": "\#(row % 2)", "#
                + #""evidences": [[{"docid": "\#(split)\#(row)", "start_token": 0, "#
                + #""end_token": 2}]]}"# + "\n"
        }
        try folder.file("set/\(split).jsonl", annotations)
    }

    private func run(_ extractor: String, _ more: String...) throws -> Command.Outcome {
        let grid = try folder.file(
            "grid.json",
            """
            {"encoder": "\(tiny.encoder)", "data": [{"name": "marked", "train": "set"}],
             "scorers": ["cls-attention"], "thresholders": ["top-k"], "ratios": [0.3],
             "controls": ["random", "first", "remaining"], \(extractor),
             "recipe": {"epochs": 1, "batch_size": 8, "learning_rate": 1e-3}}
            """)
        return try Command.run(["experiment", grid, "--output", folder.path + "/out"] + more)
    }

    @Test func theTaggersWordsAndTheirControlsAreMeasuredOnTheFoldersTestSplit() throws {
        for (split, rows) in [("train", 16), ("val", 6), ("test", 9)] {
            try writeSplit(split, rows: rows)
        }
        let tagger = #""extractor": "tagger", "human_share": 0.5"#
        let first = try run(tagger, "--json")
        try #require(first.status == 0, "\(first.errors)")
        #expect(
            first.errors.contains(
                "marked: train 16, dev 6, test 9 documents, 2 classes; with a human rationale: 16, 6, 9\n"
            ))
        let said = first.errorLines.filter { $0.contains("dev token F1") }
        #expect(said.count == 1, "one tagger serves the classifier and its controls: \(said)")
        #expect(said.first?.hasPrefix("2/4 tagger epoch 1/1 ") == true)

        let lines = try first.objects()
        let variants = ["support", "classifier", "random", "first", "remaining"]
        try #require(lines.compactMap { $0["variant"] as? String } == variants)
        var shares: [String: Double] = [:]
        var plausibility: [String: [String: Any]] = [:]
        for (variant, line) in zip(variants, lines) {
            for (set, documents) in [("dev", 6), ("test", 9)] {
                let score = try #require(line[set] as? [String: Any])
                #expect(score["documents"] as? Int == documents)
                let macroF1 = try #require(score["macro_f1"] as? Double)
                #expect(macroF1 >= 0 && macroF1 <= 1)
            }
            shares[variant] = line["rationale_share"] as? Double
            plausibility[variant] = line["plausibility"] as? [String: Any]
        }

        // Three tenths of 6 words and more are two words at least: as many as are marked.
        let lengths = (0..<9).map { TinyModel.sentence($0).split(separator: " ").count }
        let kept = lengths.reduce(0) { $0 + selectionSize(ratio: 0.3, wordCount: $1) }
        let share = Double(kept) / Double(lengths.reduce(0, +))
        #expect(shares["support"] == 1)
        for variant in ["classifier", "random", "first"] { #expect(shares[variant] == share) }
        let rest = try #require(shares["remaining"])
        // Sums of shares differ by roundings.
        #expect(abs(rest + share - 1) < 1e-12)

        #expect(plausibility["support"] == nil, "whole documents are no selection")
        for variant in variants.dropFirst() {
            let figures = try #require(plausibility[variant], "\(variant)")
            for name in ["token_precision", "token_recall", "token_f1", "iou_f1"] {
                let figure = try #require(figures[name] as? Double, "\(variant), \(name)")
                #expect((-1e-9...(1 + 1e-9)).contains(figure), "\(variant), \(name): \(figure)")
            }
            // Controls select without scores.
            let hasArea = figures["auprc"] as? Double != nil
            #expect(hasArea == (variant == "classifier"), "\(variant)")
        }
        #expect(plausibility["first"]?["token_recall"] as? Double == 1)
        let found = try #require(plausibility["classifier"]?["token_recall"] as? Double)
        let missed = try #require(plausibility["remaining"]?["token_recall"] as? Double)
        #expect(abs(found + missed - 1) < 1e-12, "each marked word is in one of the two")

        let table = try String(contentsOfFile: folder.path + "/out/table.md", encoding: .utf8)
        let rows = table.split(separator: "\n").dropFirst(2)
        #expect(rows.count == 5 && rows.allSatisfy { $0.contains("| test | 9 |") }, "\(table)")

        let second = try run(tagger)
        #expect(second.errors.contains("\n5 cells, 5 done already\n"), "\(second.errors)")
        let read = second.errorLines.filter { $0.contains("human rationales are read") }
        #expect(read.count == 3, "of each split: \(second.errors)")
        #expect(!second.errors.contains(" epoch "))
        let stages = folder.path + "/out/stages/"
        for stage in try FileManager.default.contentsOfDirectory(atPath: stages)
        where stage.hasPrefix("cell-") || stage.hasPrefix("classifier-") {
            try FileManager.default.removeItem(atPath: stages + stage)
        }
        let again = try run(tagger)
        #expect(again.errors.contains("classifier epoch") && !again.errors.contains("tagger epoch"))
        #expect(try String(contentsOfFile: folder.path + "/out/table.md", encoding: .utf8) == table)
        #expect(!first.errors.contains("asked for"), "\(first.errors)")
        let others = try run(#""extractor": "saliency""#, "--dry-run")
        #expect(others.lines.last == "5 cells, 1 done", "the support model alone is the same")
    }

    @Test func aShareThatTheMarksDoNotMeetIsTold() throws {
        for (split, rows) in [("train", 16), ("val", 6)] { try writeSplit(split, rows: rows) }
        let path = folder.path + "/set/train.jsonl"
        let lines = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        let bare = lines.prefix(6).map {
            $0.prefix { $0 != "[" } + "[]}"
        }
        try folder.file(
            "set/train.jsonl",
            (bare.map(String.init) + lines.dropFirst(6).map(String.init)).joined(separator: "\n"))
        let run = try run(#""extractor": "tagger", "human_share": 0.75"#)
        #expect(run.status == 0, "\(run.errors)")
        #expect(
            run.errors.contains(
                "marked: 10 training documents have a human rationale; \"human_share\" asked for 12"
            ),
            "\(run.errors)")
    }
}

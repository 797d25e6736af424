import Foundation
import TestSupport
import Testing

/// Queries, long documents, taggers, controls, seeds and human rationales, through the real binary.
@Suite struct SelectionTests {
    let tiny: TinyModel
    let folder: TemporaryFolder

    init() throws {
        tiny = try TinyModel.shared.get()
        folder = try TemporaryFolder()
    }

    /// Rows with a query, every fifth of 200 words, and each with a human rationale of two words.
    private func rows(_ count: Int) -> String {
        (0..<count).map { row in
            let text = (0..<(row % 5 == 0 ? 20 : 1)).map { TinyModel.sentence(row + $0) }
                .joined(separator: " ")
            return #"{"id": "r\#(row)", "text": "\#(text)", "query": "is it good", "#
                + #""label": "\#(row % 2 == 0 ? "no" : "yes")", "rationale": [[1, 3]]}"# + "\n"
        }.joined()
    }

    private func train(_ data: String, _ options: [String]) throws -> Command.Outcome {
        try Command.run(
            [
                "train", "--encoder", tiny.encoder, "--train", data, "--dev", data, "--test", data,
                "--output", folder.path + "/m", "--epochs", "1", "--batch-size", "8",
                "--learning-rate", "1e-3",
            ] + options)
    }

    @Test func aTaggersModelClassifiesLongDocumentsWithQueriesAndVerifies() throws {
        let data = try folder.file("rows.jsonl", rows(40))
        let run = try train(data, ["--extractor", "tagger", "--human-share", "0.5"])
        #expect(run.status == 0, "\(run.errors)")
        let places = [
            "1/5 support", "2/5 extraction", "3/5 tagger", "4/5 tagger's", "5/5 classifier",
        ]
        #expect(run.errorLines.compactMap { line in places.first { line.hasPrefix($0) } } == places)
        #expect(run.errors.contains("are read in chunks"))
        let manifest = try #require(
            try JSONSerialization.jsonObject(
                with: Data(contentsOf: URL(fileURLWithPath: folder.path + "/m/warrant.json")))
                as? [String: Any])
        #expect(manifest["maximum_length"] as? Int == 64 && manifest["stride"] as? Int == 48)
        let tagger = (manifest["training"] as? [String: Any])?["tagger"] as? [String: Any]
        #expect(tagger?["human_documents"] as? Int == 20)

        let answers = folder.path + "/answers.jsonl"
        let classified = try Command.run([
            "classify", "--model", folder.path + "/m", "--input", data, "--certificates",
            "--output", answers,
        ])
        #expect(classified.status == 0, "\(classified.errors)")
        let verified = try Command.run([
            "verify", "--model", folder.path + "/m", "--input", answers, "--source", data,
        ])
        #expect(verified.status == 0, "\(verified.errors)")

        // A damaged tagger is found.
        let config = folder.path + "/m/extractor/config.json"
        try String(contentsOfFile: config, encoding: .utf8).replacing("0.1", with: "0.2").write(
            toFile: config, atomically: true, encoding: .utf8)
        let damaged = try Command.run(["extract", "--model", folder.path + "/m", "--input", data])
        #expect(damaged.status == 65)
        #expect(damaged.errors.contains("extractor/config.json"))
    }

    /// The cut-off that a budget over a data set is turned into must be that of the scores that it is
    /// used on: long and short documents alike keep about their share.
    @Test(arguments: ["global-top-k", "global-contiguous"])
    func aBudgetOverADataSetHoldsForATagger(_ thresholder: String) throws {
        let data = try folder.file("rows.jsonl", rows(40))
        let run = try train(
            data, ["--extractor", "tagger", "--thresholder", thresholder, "--ratio", "0.3"])
        #expect(run.status == 0, "\(run.errors)")
        let report = try #require(
            try Command.run([
                "evaluate", "--model", folder.path + "/m", "--data", data, "--json",
                "--no-faithfulness", "--precision", "fp32",
            ]).objects().first)
        // The rows are those that it was calibrated on. The budget is rounded up to a word; ties may
        // leave some of it unspent.
        let share = try #require(report["rationale_share"] as? Double)
        #expect(share > 0.2 && share < 0.302, "\(share)")
        #expect(report["faithfulness"] == nil)
    }

    @Test func aHumanShareWithoutHumanRationalesIsRefused() throws {
        let run = try train(tiny.train, ["--extractor", "tagger", "--human-share", "0.5"])
        #expect(run.status == 65)
        #expect(run.errors.contains("train.tsv:2: neither this row nor any other"))
        let few = try folder.file(
            "few.jsonl", rows(20).replacing(#", "rationale": [[1, 3]]}"#, with: "}") + rows(2))
        let some = try train(few, ["--extractor", "tagger", "--human-share", "0.5"])
        #expect(some.status == 0, "\(some.errors)")
        #expect(
            some.errors.contains(
                "2 training documents have a human rationale; --human-share asked for 11"))
    }

    @Test func controlsAndSeedsArePrintedBesideTheModel() throws {
        let run = try train(tiny.train, ["--controls", "--seeds", "0,3", "--json"])
        #expect(run.status == 0, "\(run.errors)")
        let records = try run.objects()
        #expect(records.map { $0["seed"] as? Int } == [0, 3])
        for record in records {
            let controls = record["controls"] as? [String: Any]
            #expect(controls?.keys.sorted() == ["first", "random", "remaining"])
        }
        for said in [
            "seed 3, run 2 of 2", "6/6 control remaining epoch 1/1", "macro-F1, mean of seeds",
            "control (the remaining words)", "support - classifier", "95 % interval",
            "The model of seed ",
        ] { #expect(run.errors.contains(said), "\(said)") }
        // All pairs of five variants.
        #expect(run.errorLines.count { $0.contains(" to ") && $0.contains(" - ") } == 10)
        let both = try train(tiny.train, ["--seed", "0", "--seeds", "0,1"])
        #expect(both.status == 64 && both.errors.contains("--seed and --seeds"))
        let twice = try train(tiny.train, ["--seeds", "1,1"])
        #expect(twice.status == 64 && twice.errors.contains("give each once"), "\(twice.errors)")
    }

    @Test func controlsOfOneRunAreComparedInPairs() throws {
        let run = try train(tiny.train, ["--controls"])
        #expect(run.status == 0, "\(run.errors)")
        for said in ["control (as many random words)", "support - classifier", "95 % interval"] {
            #expect(run.errors.contains(said), "\(said)")
        }
        #expect(run.errorLines.count { $0.contains(" to ") && $0.contains(" - ") } == 10)
    }

    @Test func humanRationalesAreSelectedAndRowsWithoutThemAreRefusedOrLeftOut() throws {
        let unmarked = #"{"text": "a film", "query": "is it good", "label": "no"}"# + "\n"
        let data = try folder.file("rows.jsonl", rows(20) + unmarked)
        let run = try train(data, ["--scorer", "human", "--thresholder", "top-k", "--words", "2"])
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.errors.contains("3 rows without a human rationale were left out"))
        #expect(run.errors.contains("yes 10; 20 with a human rationale\n"))
        let marked = try folder.file("marked.jsonl", rows(5))
        let extracted = try Command.run([
            "extract", "--model", folder.path + "/m", "--input", marked,
        ])
        #expect(extracted.status == 0, "\(extracted.errors)")
        for line in try extracted.objects() {
            let rationale = line["rationale"] as? [[String: Any]]
            #expect(rationale?.map { $0["words"] as? [Int] } == [[1, 3]])
        }
        let refused = try Command.run([
            "classify", "--model", folder.path + "/m", "--input", data,
        ])
        #expect(refused.status == 65)
        #expect(refused.errors.contains("rows.jsonl:21: the row has no human rationale"))
        let none = try folder.file(
            "none.jsonl", unmarked.replacing("no\"}", with: "yes\"}") + unmarked)
        let untrained = try train(none, ["--scorer", "human", "--overwrite"])
        #expect(untrained.status == 65)
        #expect(untrained.errors.contains("none.jsonl:1: neither this row nor any other"))
    }

    @Test func evaluateComparesWithHumansAndWritesWhatScoreAccepts() throws {
        try FileManager.default.createDirectory(
            atPath: folder.path + "/set/docs", withIntermediateDirectories: true)
        var annotations = ""
        for row in 0..<12 {
            let text = (0..<(row % 3 == 0 ? 12 : 1)).map { TinyModel.sentence(row + $0) }
            try folder.file("set/docs/d\(row)", text.joined(separator: "\n"))
            annotations +=
                #"{"annotation_id": "a\#(row)", "classification": "\#(row % 2 == 0 ? "no" : "yes")", "#
                + #""query": "?", "evidences": [[{"docid": "d\#(row)", "start_token": 1, "#
                + #""end_token": 4, "text": "x"}]]}"# + "\n"
        }
        for split in ["train", "val", "test"] {
            try folder.file("set/\(split).jsonl", annotations)
        }
        let trained = try Command.run([
            "train", "--encoder", tiny.encoder, "--train", folder.path + "/set", "--output",
            folder.path + "/m", "--epochs", "1", "--thresholder", "contiguous",
        ])
        #expect(trained.status == 0, "\(trained.errors)")
        for stage in ["classifier", "support"] {
            let results = folder.path + "/results.jsonl"
            let evaluated = try Command.run([
                "evaluate", "--model", folder.path + "/m", "--data",
                folder.path + "/set/test.jsonl",
                "--eraser-output", results, "--eraser-stage", stage, "--json",
            ])
            #expect(evaluated.status == 0, "\(evaluated.errors)")
            let scored = try Command.run([
                "score", "--annotations", folder.path + "/set/test.jsonl", "--documents",
                folder.path + "/set/docs", "--predictions", results, "--strict", "--json",
            ])
            #expect(scored.status == 0, "\(scored.errors)")
            let report = try #require(try evaluated.objects().first)
            let scores = try #require(
                try JSONSerialization.jsonObject(with: Data(scored.output.utf8))
                    as? [String: Any])
            func figure(_ object: [String: Any], _ path: String...) -> Double? {
                var value: Any? = object
                for key in path { value = (value as? [String: Any])?[key] }
                return value as? Double
            }
            // The two ways to the same figures differ by rounding in the file alone.
            let pairs = [
                (
                    figure(report, "plausibility", "tokens", "f1"),
                    figure(scores, "token_prf", "instance_macro", "f1")
                ),
                (
                    figure(report, "plausibility", "auprc"),
                    figure(scores, "token_soft_metrics", "auprc")
                ),
                (
                    figure(report, stage, "accuracy"),
                    figure(scores, "classification_scores", "accuracy")
                ),
            ]
            for (own, other) in pairs {
                #expect(abs(try #require(own) - (try #require(other))) < 1e-6)
            }
            let comprehensiveness = figure(scores, "classification_scores", "comprehensiveness")
            if stage == "support" {
                let own = figure(report, "faithfulness", "comprehensiveness", "rationale")
                #expect(abs(try #require(own) - (try #require(comprehensiveness))) < 1e-6)
                let curve = figure(report, "faithfulness", "sufficiency", "aopc")
                let other = figure(scores, "classification_scores", "sufficiency_aopc")
                #expect(abs(try #require(curve) - (try #require(other))) < 1e-6)
            } else {
                #expect(comprehensiveness == nil)
            }
        }
        let plain = try Command.run([
            "evaluate", "--model", tiny.model, "--data", tiny.dev, "--eraser-output",
            folder.path + "/none.jsonl",
        ])
        #expect(plain.status == 65 && plain.errors.contains("needs an ERASER dataset"))
        #expect(!FileManager.default.fileExists(atPath: folder.path + "/none.jsonl"))
    }

    /// Evaluates rows of the folder `set`, and scores the result file strictly.
    ///
    /// - Returns: the result file.
    private func evaluateAndScore(_ annotations: String) throws -> String {
        let results = folder.path + "/results.jsonl"
        let evaluated = try Command.run([
            "evaluate", "--model", tiny.model, "--data", annotations, "--eraser-output", results,
        ])
        #expect(evaluated.status == 0, "\(evaluated.errors)")
        let scored = try Command.run([
            "score", "--annotations", annotations, "--documents", folder.path + "/set/docs",
            "--predictions", results, "--strict",
        ])
        #expect(scored.status == 0, "\(scored.errors)")
        return try String(contentsOfFile: results, encoding: .utf8)
    }

    /// Whitespace other than spaces and line breaks parts words, and not ERASER's tokens: a result
    /// file counts tokens all the same.
    @Test func resultsCountErasersTokens() throws {
        try FileManager.default.createDirectory(
            atPath: folder.path + "/set/docs", withIntermediateDirectories: true)
        let text = "the film\u{A0}was good\tand bright\nthe\u{A0} plot was slow"
        // The words of each token.
        let tokens = [0..<1, 1..<3, 3..<5, 5..<6, 6..<7, 7..<8, 8..<9, 9..<10]
        try folder.file("set/docs/d", text)
        let annotations = try folder.file(
            "set/val.jsonl",
            ["negative", "positive"].map { label in
                #"{"annotation_id": "\#(label)", "classification": "\#(label)", "docids": ["d"], "#
                    + #""evidences": [[{"docid": "d", "start_token": 1, "end_token": 3, "#
                    + #""text": "x"}]]}"# + "\n"
            }.joined())
        let results = try evaluateAndScore(annotations)

        let extracted = try Command.run(
            ["extract", "--model", tiny.model, "--input", "-", "--format", "text", "--scores"],
            input: text.replacing("\n", with: " ") + "\n")
        let line = try #require(try extracted.objects().first, "\(extracted.errors)")
        let words = try #require(line["scores"] as? [Double])
        let selected = try #require(line["rationale"] as? [[String: Any]]).flatMap { snippet in
            (snippet["words"] as? [Int]).map { Array($0[0]..<$0[1]) } ?? []
        }
        let lines = results.split(separator: "\n")
        try #require(lines.count == 2)
        let result = try #require(
            try JSONSerialization.jsonObject(with: Data(lines[0].utf8)) as? [String: Any])
        let rationale = try #require((result["rationales"] as? [[String: Any]])?.first)
        let soft = try #require(rationale["soft_rationale_predictions"] as? [Double])
        #expect(soft.map { Float($0) } == tokens.map { Float(words[$0].max() ?? 0) })
        let spans = try #require(rationale["hard_rationale_predictions"] as? [[String: Int]])
        let hard = spans.flatMap { ($0["start_token"] ?? 0)..<($0["end_token"] ?? 0) }
        #expect(
            hard
                == tokens.indices.filter { token in selected.contains { tokens[token].contains($0) }
                })
    }

    // A document without tokens has no curve in metrics.py, and an empty list of documents is none.
    @Test func resultsLeaveOutWhatHasNoTokens() throws {
        try FileManager.default.createDirectory(
            atPath: folder.path + "/set/docs", withIntermediateDirectories: true)
        try folder.file("set/docs/negative", "the film was slow")
        try folder.file("set/docs/positive", "the film was good")
        try folder.file("set/docs/empty", " \n")
        let annotations = try folder.file(
            "set/val.jsonl",
            [("negative", ""), ("positive", #""positive", "empty""#)].map { label, documents in
                #"{"annotation_id": "\#(label)", "classification": "\#(label)", "#
                    + #""docids": [\#(documents)], "evidences": []}"# + "\n"
            }.joined())
        let lines = try evaluateAndScore(annotations)
        #expect(lines.contains(#""docid":"negative""#) && lines.contains(#""docid":"positive""#))
        #expect(!lines.contains(#""docid":"empty""#), "\(lines)")
    }

    @Test func anEraserRowWhoseDocumentIsMissingIsNamed() throws {
        try FileManager.default.createDirectory(
            atPath: folder.path + "/set/docs", withIntermediateDirectories: true)
        try folder.file(
            "set/val.jsonl",
            #"{"annotation_id": "a", "classification": "no", "query": "?", "evidences": "#
                + #"[[{"docid": "gone", "start_token": 0, "end_token": 1, "text": "x"}]]}"# + "\n")
        let run = try Command.run([
            "evaluate", "--model", tiny.model, "--data", folder.path + "/set/val.jsonl",
        ])
        #expect(run.status == 66)
        #expect(run.errors.contains("val.jsonl:1: ") && run.errors.contains("gone does not exist"))
    }
}

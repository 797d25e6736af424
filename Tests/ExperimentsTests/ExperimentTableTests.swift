import Foundation
import Testing
import Warrant

@Suite("An experiment's table")
struct ExperimentTableTests {
    private let keys: StageKeys
    private let topK = ThresholderSettings(.topK, ratio: 0.2)

    init() throws {
        let rows = ["a", "b", "a", "b"].map {
            Example(text: "word", label: $0, location: SourceLocation(file: "rows"))
        }
        let data = try TrainingData(train: rows, dev: rows, test: [], seed: 0)
        keys = StageKeys(
            encoder: "e", chunk: ChunkSize(length: 64),
            classifierChunk: ChunkSize(length: 64), options: TrainingOptions(),
            rows: RowDigests(data, markedOnly: false))
    }

    /// A result with a macro-F1, and an accuracy of 0.1 more.
    private func result(
        _ scorer: String?, seed: UInt64 = 0, f1: Double, data: String = "sst",
        variant: Variant = .classifier, _ settings: ThresholderSettings? = nil, test: Bool = true,
        documents: Int = 8, predictions: [Int] = [], extra: String = ""
    ) throws -> ExperimentResult {
        var keys = keys
        keys.options.seed = seed
        let cell = ExperimentCell(
            data: data, dataIndex: 0, scorer: scorer,
            thresholder: scorer == nil ? nil : settings ?? topK,
            variant: scorer == nil ? .support : variant, keys: keys, stage: keys.supportCell)
        func score(_ f1: Double) -> String {
            "{\"macro_f1\": \(f1), \"accuracy\": \(f1 + 0.1), \"documents\": \(documents)}"
        }
        let text = """
            {"dev": \(score(test ? 0.1 : f1)), \(test ? "\"test\": \(score(f1))," : "")
             "best_epoch": 2, "rationale_share": \(scorer == nil ? 1.0 : 0.25), "seconds": 3,
             "test_labels": \(predictions.indices.map { $0 % 2 }),
             "test_predictions": \(predictions)\(extra)}
            """
        return ExperimentResult(
            cell: cell,
            outcome: try JSONDecoder().decode(
                ExperimentResult.Outcome.self, from: Data(text.utf8)))
    }

    @Test func seedsAreAveragedAndRandomScoresSubtracted() throws {
        let table = ExperimentTable([
            try result(nil, seed: 0, f1: 0.8), try result(nil, seed: 1, f1: 0.7),
            try result("cls-attention", seed: 0, f1: 0.6),
            try result("cls-attention", seed: 1, f1: 0.7),
            try result("random", seed: 1, f1: 0.4),
            try result("cls-attention", seed: 0, f1: 0.3, variant: .control(.first)),
        ])
        #expect(table.rows.map(\.seeds) == [2, 2, 1, 1])
        #expect(
            table.markdown == """
                | data | scorer | thresholder | reads | set | documents | seeds | macro-F1 | \
                accuracy | words read | to random |
                | --- | --- | --- | --- | --- | ---: | ---: | ---: | ---: | ---: | ---: |
                | sst | – | – | full text | test | 8 | 2 | 0.750 (0.700–0.800) | 0.850 (0.800–0.900) | \
                1.000 | – |
                | sst | cls-attention | top-k, ratio 0.2 | rationale | test | 8 | 2 | \
                0.650 (0.600–0.700) | 0.750 (0.700–0.800) | 0.250 | +0.300 |
                | sst | random | top-k, ratio 0.2 | rationale | test | 8 | 1 | 0.400 | 0.500 | \
                0.250 | – |
                | sst | cls-attention | top-k, ratio 0.2 | control: first | test | 8 | 1 | 0.300 | \
                0.400 | 0.250 | – |

                """)
        #expect(
            table.csv == """
                data,scorer,thresholder,variant,set,documents,seeds,macro_f1,macro_f1_low,macro_f1_high,\
                accuracy,accuracy_low,accuracy_high,rationale_share,to_random,to_random_low,\
                to_random_high
                sst,,,support,test,8,2,0.750,0.700,0.800,0.850,0.800,0.900,1.000,,,
                sst,cls-attention,"top-k, ratio 0.2",classifier,test,8,2,0.650,0.600,0.700,0.750,\
                0.700,0.800,0.250,0.300,,
                sst,random,"top-k, ratio 0.2",classifier,test,8,1,0.400,0.400,0.400,0.500,0.500,\
                0.500,0.250,,,
                sst,cls-attention,"top-k, ratio 0.2",first,test,8,1,0.300,0.300,0.300,0.400,0.400,\
                0.400,0.250,,,

                """)
    }

    @Test func onlyTheSameThresholderIsCompared() throws {
        let table = ExperimentTable([
            try result("cls-attention", f1: 0.6),
            try result("random", f1: 0.4, ThresholderSettings(.contiguous, ratio: 0.2)),
            try result("random", f1: 0.4, ThresholderSettings(.topK, ratio: 0.3)),
        ])
        #expect(table.rows.allSatisfy { $0.difference == nil })
    }

    @Test func figuresOfOtherDocumentsAreNotCompared() throws {
        let labels = [0, 1, 0, 1]
        let fewer = try result("cls-attention", f1: 0.6, documents: 6)
        let table = ExperimentTable([fewer, try result("random", f1: 0.4)])
        #expect(table.rows.map(\.documents) == [6, 8])
        #expect(table.rows.allSatisfy { $0.difference == nil })
        #expect(table.markdown.contains("| rationale | test | 6 | 1 | 0.600 |"))
        #expect(table.csv.contains(",classifier,test,6,1,0.600,"))
        // As many on dev, and others on test.
        let others = ExperimentTable([
            try result("cls-attention", f1: 0.6, predictions: labels),
            try result("random", f1: 0.4, predictions: labels + labels),
        ])
        #expect(others.rows.allSatisfy { $0.difference == nil })
        let dev = ExperimentTable([
            try result("cls-attention", f1: 0.6, test: false, documents: 6),
            try result("random", f1: 0.4, test: false),
        ])
        #expect(dev.rows.allSatisfy { $0.difference == nil })
    }

    @Test func anIntervalHoldsTheDifferenceOfPredictions() throws {
        // All right against half right: macro-F1 1 against 1/2.
        let results = [
            try result("cls-attention", f1: 1, predictions: [0, 1, 0, 1, 0, 1, 0, 1]),
            try result("random", f1: 0.5, predictions: [0, 0, 1, 1, 0, 0, 1, 1]),
        ]
        let row = try #require(ExperimentTable(results).rows.first)
        let interval = try #require(row.difference?.interval)
        #expect(interval.contains(0.5) && interval.lowerBound > 0 && interval.upperBound < 1)
        let quick = ExperimentTable(results, withIntervals: false)
        let difference = try #require(quick.rows.first?.difference)
        #expect(difference.mean == 0.5 && difference.interval == nil)
    }

    @Test func withoutTestDevIsShown() throws {
        let table = ExperimentTable([try result(nil, f1: 0.5, test: false)])
        #expect(table.markdown.contains("| full text | dev | 8 | 1 | 0.500 | 0.600 |"))
    }

    @Test func plausibilityHasColumnsWhereThereIsAny() throws {
        let agreement = """
            , "plausibility": {"token_precision": 0.1, "token_recall": 0.2, "token_f1": 0.3,
            "iou_f1": 0.4
            """
        let table = ExperimentTable([
            try result(nil, f1: 0.5),
            try result("cls-attention", f1: 0.5, extra: agreement + ", \"auprc\": 0.5}"),
            try result("cls-attention", f1: 0.5, variant: .control(.first), extra: agreement + "}"),
        ])
        let lines = table.markdown.split(separator: "\n")
        #expect(lines[0].hasSuffix("| token P | token R | token F1 | IOU F1 | AUPRC |"))
        #expect(lines[2].hasSuffix("| – | – | – | – | – |"))
        #expect(lines[3].hasSuffix("| 0.100 | 0.200 | 0.300 | 0.400 | 0.500 |"))
        #expect(lines[4].hasSuffix("| 0.100 | 0.200 | 0.300 | 0.400 | – |"))
        #expect(table.csv.split(separator: "\n")[3].hasSuffix(",0.100,0.200,0.300,0.400,"))
    }

    @Test func namesDoNotBreakTheTable() throws {
        let table = ExperimentTable([try result(nil, f1: 0.5, data: "a|b\n,\"c\"\u{1B}[2J *_`<")])
        #expect(table.markdown.split(separator: "\n").count == 3)
        #expect(table.markdown.contains(#"| a\|b\\u{a},"c"\\u{1b}\[2J \*\_\`\< |"#))
        #expect(!table.markdown.contains("\u{1B}"))
        #expect(table.csv.contains("\n\"a|b\\u{a},\"\"c\"\"\\u{1b}[2J *_`<\",,,support"))
    }

    @Test(arguments: ["=1+1", "+1", "-1", "@x", "\t=1", "\r=1"])
    func spreadsheetsRunNoName(_ name: String) throws {
        let random = try result("random", f1: 0.5, data: name)
        let table = ExperimentTable([try result("first", f1: 0.488, data: name), random])
        let line = try #require(table.csv.split(separator: "\n").dropFirst().first)
        #expect(line.hasPrefix("'"))
        // Figures stay numbers.
        #expect(line.contains(",-0.012,"))
        let plain = ExperimentTable([try result(nil, f1: 0.5, data: "a=1 - b")])
        #expect(plain.csv.contains("\na=1 - b,"))
    }

    @Test func setsThatLackClassesAreMarked() throws {
        let score = "\"macro_f1\": 1.0, \"accuracy\": 1.0, \"documents\": 8"
        let outcome = try JSONDecoder().decode(
            ExperimentResult.Outcome.self,
            from: Data(
                """
                {"dev": {\(score)}, "test": {\(score), "classes_with_rows": 1}, "best_epoch": 1,
                 "rationale_share": 1, "seconds": 3, "test_labels": [], "test_predictions": []}
                """.utf8))
        let cell = try result(nil, f1: 1).cell
        let table = ExperimentTable([ExperimentResult(cell: cell, outcome: outcome)])
        #expect(table.markdown.contains("| 1.000; 1 of 2 classes | 1.000 |"))
        let lines = table.csv.split(separator: "\n")
        #expect(lines[0].hasSuffix(",classes_with_documents"))
        #expect(lines[1].hasSuffix(",1 of 2 classes"))
    }
}

import Diagnostics
import JSON
import Pictures
import Tensors
import Training

/// Whether attention is learned where words that occur together say nothing (Snell et al. 2021, section
/// 5.2).
package struct CopyingDiagnostic: Diagnostic {
    package static let entry = DiagnosticEntry(
        "copying",
        question: "Is attention learned where which words occur together says nothing?",
        measure: """
            Models with one attention head learn to copy texts of 40 symbols: independent symbols, 40 \
            of 60 symbols, and permutations of all 40, in which every symbol meets every other one \
            equally often. Accuracy is that of the next symbol with the right ones before it, after \
            200 steps; above .95 counts as learned, below .6 as not learned. Beside it stands how \
            often attention is largest at the position that is copied, and a dictionary that learns \
            from co-occurrence under equal weights alone. No option of data or model is read.
            """,
        source: """
            Snell, Zhong, Klein & Steinhardt, "Approximating How Single Head Attention Learns", 2021, \
            section 5.2; the thresholds are those of the authors' script for several heads.
            """,
        needs: .nothing, settings: [.seeds, .steps, .batch])

    private let seeds: [UInt64]
    private let options: [(name: String, options: CopyingOptions)]

    package init(_ settings: DiagnosticSettings) {
        seeds = settings.seeds ?? Array(0..<20)
        options = [
            ("independent symbols", .independent), ("40 of 60 symbols", .subsets),
            ("permutations", .permutations),
        ].map { name, texts in
            var options = CopyingOptions(texts)
            options.steps = settings.steps ?? options.steps
            options.batchSize = settings.batch ?? options.batchSize
            options.measuresRelevance = false
            return (name, options)
        }
    }

    package var dependencies: StageKey.Dependencies {
        [
            ("seeds", .array(seeds.map { .string("\($0)") })),
            ("steps", .integer(options[0].options.steps)),
            ("batch", .integer(options[0].options.batchSize)),
        ]
    }

    /// What is found.
    package struct Findings: Codable, Sendable {
        /// By kind of text, in the order of `options`.
        var results: [CopyingResult]
    }

    package func isSound(_ findings: Findings, of texts: MeasuredSet) -> Bool {
        findings.results.map(\.options) == options.map(\.options)
            && findings.results.allSatisfy { result in
                result.runs.map(\.seed) == seeds
                    && result.runs.allSatisfy { $0.isSound(steps: result.options.steps) }
            }
    }

    package func findings(
        _ subject: DiagnosticSubject, in graph: StageGraph
    ) throws -> Findings {
        Findings(
            results: try options.map { name, options in
                CopyingResult(
                    options: options,
                    runs: try seeds.map { seed in
                        try graph.output(
                            of: CopyingRunStage(
                                name: name, options: options, seed: seed, workers: subject.workers))
                    })
            })
    }

    package func report(_ findings: Findings, _ context: ReportContext) -> DiagnosticReport {
        let named = zip(options.map(\.name), findings.results).map { ($0, $1) }
        let json = named.map { name, result in
            (
                key: name.replacing(" ", with: "_"),
                value: [
                    "learned": .integer(result.count(.success)),
                    "between": .integer(result.count(.between)),
                    "not_learned": .integer(result.count(.failure)),
                    "accuracy": .object(NumberSummary(result.runs.map(\.accuracy)).members),
                    "attention_accuracy": .object(
                        NumberSummary(result.runs.compactMap { $0.curve.last?.attentionAccuracy })
                            .members),
                    "dictionary_accuracy": .object(
                        NumberSummary(result.runs.map(\.dictionaryAccuracy)).members),
                ] as JSONText
            )
        }
        return DiagnosticReport(
            title: context.title(Self.entry.name),
            summary: context.summary(Self.entry.name) + [("texts", .object(json))],
            texts: named.flatMap { name, result in
                result.runs.map { run in
                    [
                        "texts": .string(name), "seed": .string("\(run.seed)"),
                        "outcome": .string(run.outcome.rawValue),
                        "accuracy": .double(run.accuracy),
                        "dictionary_accuracy": .double(run.dictionaryAccuracy),
                        "curve": .array(
                            run.curve.map {
                                [
                                    "step": .integer($0.step), "accuracy": .double($0.accuracy),
                                    "attention_accuracy": .double($0.attentionAccuracy),
                                    "attention_within_one": .double($0.attentionAccuracyWithinOne),
                                ]
                            }),
                    ]
                }
            }, sentences: sentences(named),
            tables: [
                ReportTable(
                    "How many seeds learn to copy, and the mean accuracies at the end",
                    [
                        "texts", "seeds", "learned", "between", "not learned", "next symbol",
                        "attention", "attention within one", "dictionary",
                    ],
                    named.map { name, result in
                        let last = result.runs.compactMap(\.curve.last)
                        return [
                            name, "\(result.runs.count)", "\(result.count(.success))",
                            "\(result.count(.between))", "\(result.count(.failure))",
                            ReportFigures.short(NumberSummary(last.map(\.accuracy)).mean),
                            ReportFigures.short(NumberSummary(last.map(\.attentionAccuracy)).mean),
                            ReportFigures.short(
                                NumberSummary(last.map(\.attentionAccuracyWithinOne)).mean),
                            ReportFigures.short(
                                NumberSummary(result.runs.map(\.dictionaryAccuracy)).mean),
                        ]
                    })
            ],
            picture: Picture(
                title: "Copying",
                summary:
                    "Accuracy by step, a curve for each seed and a panel for each kind of text.",
                panels: named.map { name, result in
                    Panel(
                        title: name, x: Axis("step"), y: Axis("accuracy", atLeast: 0...1),
                        layers: result.runs.map { run in
                            .line("", run.curve.map { .init(Double($0.step), $0.accuracy) })
                        })
                }, columns: 3, sharesScales: true),
            headline: named.flatMap { name, result in
                [
                    (
                        "learned, \(name)",
                        Double(result.count(.success)) / Double(max(1, result.runs.count))
                            as Double?
                    ),
                    ("accuracy", NumberSummary(result.runs.map(\.accuracy)).mean),
                ]
            })
    }

    private func sentences(_ named: [(String, CopyingResult)]) -> [String] {
        func share(_ name: String) -> String {
            guard let result = named.first(where: { $0.0 == name })?.1 else { return "" }
            return "\(result.count(.success)) of \(ReportFigures.count(result.runs.count, "seed"))"
        }
        return [
            "Copying is learned from independent symbols with \(share("independent symbols")), from 40 of "
                + "60 symbols with \(share("40 of 60 symbols")), and from permutations, where which "
                + "symbols occur together says nothing, with \(share("permutations"))."
        ]
    }
}

extension CopyingRun {
    /// Whether the curve ends at the last step, and shares lie where they can.
    fileprivate func isSound(steps: Int) -> Bool {
        curve.last?.step == steps && isShare(dictionaryAccuracy)
            && zip(curve, curve.dropFirst()).allSatisfy { $0.step < $1.step }
            && curve.allSatisfy {
                (0...steps).contains($0.step) && isShare($0.accuracy)
                    && isShare($0.attentionAccuracy) && isShare($0.attentionAccuracyWithinOne)
            }
    }
}

/// One model that learns to copy.
struct CopyingRunStage: Stage {
    static let kind = StageKind("copying-run", version: 1)

    let name: String
    let options: CopyingOptions
    let seed: UInt64
    let workers: Workers

    var key: StageKey {
        StageKey(
            Self.kind,
            [
                ("symbols", .integer(options.texts.symbols)),
                ("length", .integer(options.texts.length)),
                ("repeats", .bool(options.texts.repeats)),
                ("hidden_size", .integer(options.hiddenSize)), ("steps", .integer(options.steps)),
                ("batch", .integer(options.batchSize)), ("seed", .string("\(seed)")),
            ])
    }

    func make(in graph: StageGraph) throws -> CopyingRun {
        let begin = ContinuousClock.now
        return try Copying.train(options, seed: seed, workers: workers) { point in
            try graph.report(
                TrainingProgress(
                    TrainingProgress.Stage("\(name), seed \(seed)"), documents: point.step,
                    of: options.steps, since: begin))
        }.run
    }

    func kept(in graph: StageGraph) throws -> CopyingRun? {
        try graph.store.value(key) { (run: CopyingRun) in
            run.seed == seed && run.isSound(steps: options.steps)
        }
    }

    func keep(_ output: CopyingRun, in graph: StageGraph) throws {
        try graph.store.keep(output, as: key)
    }
}

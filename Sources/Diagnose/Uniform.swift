import AttentionModels
import Encoders
import JSON
import Metrics
import Pictures
import Training

/// Whether a model needs its attention (Wiegreffe & Pinter 2019, section 3.2).
package struct Uniform: Diagnostic {
    package static let entry = DiagnosticEntry(
        "uniform",
        question: "Does the model need attention at all?",
        measure: """
            The same model is trained anew with the same weight for every word, once for each seed, \
            and both are compared on the test set: F1, accuracy, how far their predictions are from each \
            other (total variation distance), and how far the model's attention is from equal weights \
            (Jensen-Shannon divergence).
            """,
        source: """
            Wiegreffe & Pinter, "Attention is not not Explanation", EMNLP 2019, section 3.2. They chose \
            epochs by the test set; here the development set decides.
            """,
        needs: .training, settings: [.seeds])

    private let seeds: [UInt64]?

    package init(_ settings: DiagnosticSettings) { seeds = settings.seeds }

    package var dependencies: StageKey.Dependencies {
        [("seeds", seeds.map { .array($0.map { .string("\($0)") }) } ?? .null)]
    }

    /// What is found.
    package struct Findings: Codable, Sendable {
        /// By seed.
        var runs: [Run]
    }

    /// The two models of a seed.
    struct Run: Codable, Sendable {
        var seed: String
        var base: [MeasuredText]
        var uniform: [MeasuredText]
        /// Of each text the divergence of the base's attention from equal weights.
        var divergences: [Double]

        /// The two-class (or larger) total variation distance of each text's predictions.
        var differences: [Double] {
            zip(base, uniform).map {
                Divergence.totalVariation($0.probabilities, $1.probabilities)
            }
        }
    }

    package func isSound(_ findings: Findings, of texts: MeasuredSet) -> Bool {
        findings.runs.count == seeds?.count ?? 1
            && (seeds.map { $0.map { "\($0)" } == findings.runs.map(\.seed) } ?? true)
            && findings.runs.allSatisfy { run in
                UInt64(run.seed) != nil && texts.matches(run.base) && texts.matches(run.uniform)
                    && run.divergences.count == texts.count
                    && run.divergences.allSatisfy(isDivergence)
            }
    }

    package func findings(
        _ subject: DiagnosticSubject, in graph: StageGraph
    ) throws -> Findings {
        let words = try subject.words(for: Self.entry.name)
        let workers = subject.workers
        let runs = try (seeds ?? [words.run.options.seed]).map { seed in
            let run = words.run.with { $0.seed = seed }
            let texts = try words.texts(in: graph)
            func measured(
                _ stage: AttentionModelStage, _ attention: GivenAttention
            ) throws -> AttendedSet {
                try AttendedSet(
                    graph.output(of: stage).model, texts, attention: attention, workers: workers)
            }
            let base = try measured(run.model, .own)
            let uniform = try measured(run.model.guided(by: .uniform), .uniform)
            return Run(
                seed: "\(seed)", base: base.measured, uniform: uniform.measured,
                divergences: base.attention.map { weights in
                    Divergence.jensenShannon(
                        weights.map { Double($0) },
                        weights.map { _ in 1 / Double(max(1, weights.count)) })
                })
        }
        return Findings(runs: runs)
    }

    package func report(_ findings: Findings, _ context: ReportContext) -> DiagnosticReport {
        let scores = findings.runs.map { ($0.base.scores, $0.uniform.scores) }
        let losses = scores.map { $0.0.positiveF1 - $0.1.positiveF1 }
        let first = findings.runs[0]
        let loss = NumberSummary(losses)
        let rows = zip(findings.runs, scores).flatMap { run, scores in
            [("own attention", scores.0), ("equal weights", scores.1)].map { name, score in
                [
                    "\(name), seed \(run.seed)", ReportFigures.short(score.positiveF1),
                    ReportFigures.short(score.macroF1), ReportFigures.short(score.accuracy),
                    ReportFigures.short(score.rocAUC),
                ]
            }
        }
        let json = zip(findings.runs, scores).map { run, scores -> JSONText in
            [
                "seed": .string(run.seed), "base": scores.0.json, "uniform": scores.1.json,
                "tvd": .object(NumberSummary(run.differences).members),
                "jsd_to_uniform": .object(NumberSummary(run.divergences).members),
            ]
        }
        let mean = loss.mean ?? 0
        let verdict =
            mean < 0.01
            ? "Equal weights for all words do as well"
            : mean < 0.03
                ? "Equal weights for all words do nearly as well"
                : "The model does better with its attention than with equal weights"
        let comparison =
            abs(mean) < 0.0005
            ? "the same on average"
            : "\(ReportFigures.short(abs(mean))) \(mean > 0 ? "higher" : "lower")"
        return DiagnosticReport(
            title: context.title(Self.entry.name),
            summary: context.summary(Self.entry.name, scores[0].0)
                + [("runs", .array(json)), ("f1_loss", .object(loss.members))],
            texts: first.base.indices.map { number in
                .object(
                    first.base[number].members(number) + [
                        (
                            "uniform_probabilities",
                            .array(first.uniform[number].probabilities.map { .double($0) })
                        ), ("tvd", .double(first.differences[number])),
                        ("jsd_to_uniform", .double(first.divergences[number])),
                    ])
            },
            sentences: [
                "\(verdict): F1 of \(context.positive) is \(comparison) with the model's own attention "
                    + "(\(ReportFigures.count(losses.count, "seed"))).",
                losses.count < 3
                    ? "One or two seeds do not tell such a difference from chance: give at least three "
                        + "as --seeds." : "",
            ].filter { !$0.isEmpty },
            tables: [
                ReportTable(
                    "With the model's own attention and with equal weights",
                    ["model", "F1 of \(context.positive)", "macro-F1", "accuracy", "ROC-AUC"],
                    rows)
            ],
            picture: Picture(
                title: "Own and equal weights: \(context.model), \(context.data)",
                summary: "F1 of \(context.positive) of both models by seed.",
                panels: [
                    Panel(
                        x: Axis("seed"), y: Axis("F1 of \(context.positive)", atLeast: 0...1),
                        layers: [
                            .bars(
                                Bars(
                                    bins: .categories(findings.runs.map(\.seed)),
                                    series: [
                                        .init(
                                            "own attention", heights: scores.map(\.0.positiveF1)),
                                        .init(
                                            "equal weights", heights: scores.map(\.1.positiveF1)),
                                    ]))
                        ])
                ]),
            headline: [
                ("F1 of class 1", NumberSummary(scores.map(\.0.positiveF1)).mean),
                ("with equal weights", NumberSummary(scores.map(\.1.positiveF1)).mean),
                ("difference", loss.mean),
                ("mean TVD", NumberSummary(findings.runs.flatMap(\.differences)).mean),
            ])
    }
}

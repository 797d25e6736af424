import AttentionModels
import JSON
import Pictures
import Training

/// How far chance alone moves attention (Wiegreffe & Pinter 2019, section 3.3).
package struct Seeds: Diagnostic {
    package static let entry = DiagnosticEntry(
        "seeds",
        question:
            "How much does attention differ between trainings that differ in their seed alone?",
        measure: """
            The same model is trained anew with other seeds. Of each text the attention of each is \
            compared with that of the first model (Jensen-Shannon divergence; the median over the \
            seeds counts), and the predictions (total variation distance). It is the yardstick for \
            attention that was found otherwise: a difference no larger than this may be chance.
            """,
        source: """
            Wiegreffe & Pinter, "Attention is not not Explanation", EMNLP 2019, section 3.3; the seeds \
            are those of their code.
            """,
        needs: .training, settings: [.seeds])

    private let seeds: [UInt64]

    package init(_ settings: DiagnosticSettings) {
        seeds = settings.seeds ?? SeedComparisons.published
    }

    package var dependencies: StageKey.Dependencies {
        [("seeds", .array(seeds.map { .string("\($0)") }))]
    }

    /// What is found.
    package struct Findings: Codable, Sendable {
        var epoch: Int
        var texts: [MeasuredText]
        /// By seed.
        var runs: [ModelComparison]
    }

    package func isSound(_ findings: Findings, of texts: MeasuredSet) -> Bool {
        isEpoch(findings.epoch) && findings.runs.count == seeds.count
            && texts.matches(findings.texts)
            && findings.runs.allSatisfy { $0.isSound(texts: texts.count) }
    }

    package func findings(
        _ subject: DiagnosticSubject, in graph: StageGraph
    ) throws -> Findings {
        let words = try subject.words(for: Self.entry.name)
        try SeedComparisons.check(seeds, of: words)
        let trained = try words.model(in: graph)
        let base = try AttendedSet(
            trained.model, words.texts(in: graph), workers: subject.workers)
        return Findings(
            epoch: trained.epoch, texts: base.measured,
            runs: try SeedComparisons.make(seeds, of: words, beside: base, in: graph))
    }

    package func report(_ findings: Findings, _ context: ReportContext) -> DiagnosticReport {
        let texts = findings.texts
        let medians = texts.indices.map { text in
            NumberSummary(findings.runs.map { $0.divergences[text] }).median ?? 0
        }
        let differences = texts.indices.map { text in
            NumberSummary(findings.runs.map { $0.differences[text] }).mean ?? 0
        }
        let groups = texts.groups(context.labels)
        let jsd = NumberSummary(findings.runs.flatMap(\.divergences))
        let tvd = NumberSummary(findings.runs.flatMap(\.differences))
        let scores = texts.scores
        let baseRow =
            ["base"]
            + [
                ReportFigures.short(scores.positiveF1), ReportFigures.short(scores.accuracy), "–",
                "–", "–",
            ]
        return DiagnosticReport(
            title: context.title(Self.entry.name),
            summary: context.summary(Self.entry.name, scores, epoch: findings.epoch)
                + [
                    (
                        "seeds",
                        .object(
                            zip(seeds, findings.runs).map {
                                (key: "\($0)", value: .object($1.members))
                            })
                    ), ("jsd", .object(jsd.members)), ("tvd", .object(tvd.members)),
                ],
            texts: texts.indices.map { number in
                .object(
                    texts[number].members(number) + [
                        ("median_jsd", .double(medians[number])),
                        ("mean_tvd", .double(differences[number])),
                        (
                            "jsd",
                            .array(findings.runs.map { .double($0.divergences[number]) })
                        ),
                    ])
            },
            sentences: [
                "Between the model and the same model of another seed attention differs by a mean JSD of "
                    + "\(ReportFigures.short(jsd.mean)), which is at most .69, and predictions by a mean "
                    + "TVD of \(ReportFigures.short(tvd.mean)), which is at most 1 "
                    + "(\(ReportFigures.count(seeds.count, "seed")), "
                    + "\(ReportFigures.count(texts.count, "text"))).",
                "Attention that is found by any other means and is no further away than this differs by "
                    + "no more than chance.",
            ],
            tables: [
                ReportTable(
                    "The model, and the same model of other seeds beside it",
                    ["seed"] + ModelComparison.header(context),
                    [baseRow] + zip(seeds, findings.runs).map { ["\($0)"] + $1.cells })
            ],
            picture: Picture(
                title: "Attention of other seeds: \(context.model), \(context.data)",
                summary:
                    "Violins of the median divergence over seeds by the largest weight, and the "
                    + "divergence beside the change of the prediction.",
                panels: [
                    Panel(
                        x: Axis("largest attention weight of the base"),
                        y: Axis("median JSD over seeds", unit: "nats", atLeast: 0...0.7),
                        layers: [
                            groups.violins(texts, medians)
                        ]),
                    Panel(
                        x: Axis("median JSD over seeds", unit: "nats", atLeast: 0...0.7),
                        y: Axis("mean change of the prediction", atLeast: 0...0.5),
                        layers: [
                            .scatter("", zip(medians, differences).map { .init($0, $1) })
                        ]),
                ], columns: 2),
            headline: [
                ("F1 of class 1", scores.positiveF1), ("mean JSD of seeds", jsd.mean),
                ("mean TVD of seeds", tvd.mean),
            ])
    }
}

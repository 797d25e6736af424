import AttentionModels
import JSON
import Pictures
import Training

/// Whether a whole model can be trained that predicts alike by other attention (Wiegreffe & Pinter 2019,
/// section 4).
package struct ModelDivergence: Diagnostic {
    package static let entry = DiagnosticEntry(
        "divergence",
        question: "Can a model be trained that predicts the same from quite different attention?",
        measure: """
            New models learn to predict as the first one does while their attention is led away from \
            its attention: loss TVD(outputs) - lambda KL(attention), one model for each lambda. The \
            divergence plot shows the mean Jensen-Shannon divergence of attention against the mean \
            total variation distance of predictions on the test set: for each lambda, for models that \
            differ in their seed alone, and for adversarial weights that are found text by text. A \
            curve that stays low where the divergence is large speaks against attention as an \
            explanation.
            """,
        source: """
            Wiegreffe & Pinter, "Attention is not not Explanation", EMNLP 2019, section 4 and figure 5. \
            The TVD is that of the distributions over the classes; their code has half of it for two. \
            They chose epochs by the test set; here the base has those of the development set, and an \
            adversary the epoch at whose end its training loss is lowest.
            """,
        needs: .training, settings: [.lambdas, .seeds, .adversaryEpochs, .patience])

    private let settings: DiagnosticSettings
    private let lambdas: [Double]
    private let seeds: [UInt64]

    package init(_ settings: DiagnosticSettings) {
        self.settings = settings
        lambdas = settings.lambdas ?? [0, 1e-4, 2e-4, 5e-4, 1e-3, 2e-3, 5e-3, 1e-2]
        seeds = settings.seeds ?? Array(SeedComparisons.published.prefix(2))
    }

    package var dependencies: StageKey.Dependencies {
        [
            ("lambdas", .array(lambdas.map { .double($0) })),
            ("seeds", .array(seeds.map { .string("\($0)") })),
            ("adversary_epochs", .integer(settings.adversaryEpochs)),
            ("patience", .integer(settings.patience)),
        ]
    }

    /// What is found.
    package struct Findings: Codable, Sendable {
        var epoch: Int
        var texts: [MeasuredText]
        /// By λ.
        var adversaries: [ModelComparison]
        /// By seed.
        var seeds: [ModelComparison]
        /// Of weights that were found text by text.
        var textDivergences, textDifferences: [Double]
    }

    package func isSound(_ findings: Findings, of texts: MeasuredSet) -> Bool {
        let several = texts.words.count { $0 > 1 }
        return isEpoch(findings.epoch) && texts.matches(findings.texts)
            && findings.adversaries.count == lambdas.count && findings.seeds.count == seeds.count
            && (findings.adversaries + findings.seeds).allSatisfy {
                $0.isSound(texts: texts.count)
            }
            && findings.textDivergences.count == several
            && findings.textDifferences.count == several
            && findings.textDivergences.allSatisfy(isDivergence)
            && findings.textDifferences.allSatisfy(isShare)
    }

    package func findings(
        _ subject: DiagnosticSubject, in graph: StageGraph
    ) throws -> Findings {
        let words = try subject.words(for: Self.entry.name)
        try SeedComparisons.check(seeds, of: words)
        let byText = try graph.output(
            of: DiagnosticStage(Adversary(DiagnosticSettings()), of: subject)
        ).texts.filter { $0.measured.words > 1 }
        let trained = try words.model(in: graph)
        let base = try AttendedSet(
            trained.model, words.texts(in: graph), workers: subject.workers)
        let seeds = try SeedComparisons.make(seeds, of: words, beside: base, in: graph)
        let adversaries = try lambdas.map { lambda in
            try ModelComparison(
                graph.output(of: AdversarialModelStage(words.run, lambda: lambda, settings)),
                to: base, workers: subject.workers)
        }
        return Findings(
            epoch: trained.epoch, texts: base.measured, adversaries: adversaries, seeds: seeds,
            textDivergences: byText.map(\.divergence), textDifferences: byText.map(\.difference))
    }

    package func report(_ findings: Findings, _ context: ReportContext) -> DiagnosticReport {
        let names =
            lambdas.map { "adversary, lambda \(ReportFigures.lambda($0))" }
            + seeds.map { "seed \($0)" }
        let models = findings.adversaries + findings.seeds
        let scores = findings.texts.scores
        func object(_ keys: [String], _ models: [ModelComparison]) -> JSONText {
            .object(zip(keys, models).map { (key: $0, value: .object($1.members)) })
        }
        let (jsd, tvd) = (
            NumberSummary(findings.textDivergences), NumberSummary(findings.textDifferences)
        )
        return DiagnosticReport(
            title: context.title(Self.entry.name),
            summary: context.summary(Self.entry.name, scores, epoch: findings.epoch)
                + [
                    (
                        "adversaries",
                        object(lambdas.map(ReportFigures.lambda), findings.adversaries)
                    ),
                    ("seeds", object(seeds.map { "\($0)" }, findings.seeds)),
                    (
                        "by_text",
                        [
                            "mean_jsd": JSONText(jsd.mean),
                            "mean_tvd_two_class": JSONText(tvd.mean),
                            "n": .integer(jsd.count),
                        ]
                    ),
                ],
            texts: findings.texts.indices.map { number in
                .object(
                    findings.texts[number].members(number) + [
                        (
                            "jsd",
                            .object(
                                zip(lambdas, findings.adversaries).map {
                                    (
                                        key: ReportFigures.lambda($0),
                                        value: .double($1.divergences[number])
                                    )
                                })
                        ),
                        (
                            "tvd",
                            .object(
                                zip(lambdas, findings.adversaries).map {
                                    (
                                        key: ReportFigures.lambda($0),
                                        value: .double($1.differences[number])
                                    )
                                })
                        ),
                    ])
            }, sentences: sentences(findings),
            tables: [
                ReportTable(
                    "Models beside the base: their predictions, and how far they are from it",
                    ["model"] + ModelComparison.header(context),
                    [
                        [
                            "base", ReportFigures.short(scores.positiveF1),
                            ReportFigures.short(scores.accuracy), "–", "–", "–",
                        ]
                    ] + zip(names, models).map { [$0] + $1.cells }
                        + [
                            [
                                "weights found text by text", "–", "–",
                                ReportFigures.short(jsd.mean), ReportFigures.short(jsd.median),
                                ReportFigures.short(tvd.mean),
                            ]
                        ])
            ], picture: picture(findings, context),
            headline: [
                ("mean TVD of seeds", NumberSummary(findings.seeds.flatMap(\.differences)).mean)
            ]
                + zip(lambdas, findings.adversaries).flatMap { lambda, model in
                    [
                        (
                            "JSD, lambda \(ReportFigures.lambda(lambda))",
                            NumberSummary(model.divergences).mean
                        ),
                        (
                            "TVD, lambda \(ReportFigures.lambda(lambda))",
                            NumberSummary(model.differences).mean
                        ),
                    ]
                })
    }

    private func sentences(_ findings: Findings) -> [String] {
        func means(_ model: ModelComparison) -> (jsd: Double, tvd: Double) {
            (
                NumberSummary(model.divergences).mean ?? 0,
                NumberSummary(model.differences).mean ?? 0
            )
        }
        let seed = findings.seeds.map { means($0) }
        let yardstick = seed.isEmpty ? 0 : seed.map(\.tvd).reduce(0, +) / Double(seed.count)
        let far = zip(lambdas, findings.adversaries.map { means($0) }).filter { $0.1.jsd >= 0.4 }
        guard let best = far.min(by: { $0.1.tvd < $1.1.tvd }) else {
            return [
                "No adversary has a mean JSD of .4 or more: no model was found that predicts the same "
                    + "from quite different attention."
            ]
        }
        let measured =
            "The adversary of lambda \(ReportFigures.lambda(best.0)) has quite different attention (mean "
            + "JSD \(ReportFigures.short(best.1.jsd, digits: 2))); its predictions are a mean TVD of "
            + "\(ReportFigures.short(best.1.tvd)) from the model's"
        guard !seed.isEmpty else { return [measured + "."] }
        return [
            measured + ", those of other seeds \(ReportFigures.short(yardstick)).",
            best.1.tvd < yardstick + 0.02
                ? "So it predicts as nearly the same as a model of another seed does, which speaks against "
                    + "this attention as the explanation of the predictions."
                : "So it does not predict as nearly the same as a model of another seed does.",
        ]
    }

    private func picture(_ findings: Findings, _ context: ReportContext) -> Picture {
        func point(_ model: ModelComparison, label: String = "") -> Points.Point {
            .init(
                NumberSummary(model.divergences).mean ?? .nan,
                NumberSummary(model.differences).mean ?? .nan, label: label)
        }
        return Picture(
            title: "Divergence: \(context.model), \(context.data)",
            summary:
                "Mean divergence of attention against mean distance of predictions: adversarial "
                + "models joined by lambda, models of other seeds, and weights found text by text.",
            panels: [
                Panel(
                    x: Axis("JSD of attention", unit: "nats", atLeast: 0...0.7),
                    y: Axis("TVD of predictions", atLeast: 0...0.3),
                    layers: [
                        .scatter(
                            "weights found text by text",
                            zip(findings.textDivergences, findings.textDifferences).map {
                                .init($0, $1)
                            }),
                        .scatter("other seeds", findings.seeds.map { point($0) }),
                        .line(
                            "adversarial models",
                            zip(lambdas, findings.adversaries).map {
                                point($1, label: ReportFigures.lambda($0))
                            }),
                    ])
            ])
    }
}

import AttentionModels
import JSON
import Pictures
import Training

/// Whether a model's attention helps another one that has no context (Wiegreffe & Pinter 2019, section
/// 3.4).
package struct Guide: Diagnostic {
    package static let entry = DiagnosticEntry(
        "guide",
        question: "Is the attention of use to a model that sees each word alone?",
        measure: """
            A model that projects each word by itself and adds words up by given weights is trained \
            anew with four guides: equal weights, attention of its own, the frozen attention of the \
            model, and that of an adversary, a model that was trained to have other attention (warrant \
            diagnose divergence). If the model's weights help more than equal ones they say something of \
            the words themselves.
            """,
        source: """
            Wiegreffe & Pinter, "Attention is not not Explanation", EMNLP 2019, section 3.4 and table 4. \
            They chose epochs by the test set; here the development set decides.
            """,
        needs: .training, settings: [.lambdas, .adversaryEpochs, .patience])

    private let settings: DiagnosticSettings
    private let lambdas: [Double]

    package init(_ settings: DiagnosticSettings) {
        self.settings = settings
        lambdas = settings.lambdas ?? [5e-3]
    }

    package var dependencies: StageKey.Dependencies {
        [
            ("lambdas", .array(lambdas.map { .double($0) })),
            ("adversary_epochs", .integer(settings.adversaryEpochs)),
            ("patience", .integer(settings.patience)),
        ]
    }

    /// What is found.
    package struct Findings: Codable, Sendable {
        /// By guide, in order.
        var guides: [Entry]
    }

    /// What a guided model scores.
    struct Entry: Codable, Sendable {
        var epoch: Int
        var texts: [MeasuredText]
    }

    package func isSound(_ findings: Findings, of texts: MeasuredSet) -> Bool {
        findings.guides.count == names.count
            && findings.guides.allSatisfy { isEpoch($0.epoch) && texts.matches($0.texts) }
    }

    /// What the guides are called, in order: in files, and by people.
    private var names: [(key: String, title: String)] {
        [
            ("uniform", "equal weights"), ("own", "attention of its own"),
            ("base", "the model's attention"),
        ]
            + lambdas.map {
                let lambda = ReportFigures.lambda($0)
                return ("adversary \(lambda)", "an adversary's attention, lambda \(lambda)")
            }
    }

    package func findings(
        _ subject: DiagnosticSubject, in graph: StageGraph
    ) throws -> Findings {
        let words = try subject.words(for: Self.entry.name)
        let projection = words.run.with { $0.encoder = "average" }.model
        let base = words.run.model
        let adversaries = lambdas.map { lambda in
            let adversary = AdversarialModelStage(words.run, lambda: lambda, settings)
            return projection.guided(
                by: .model(key: adversary.key) { try $0.output(of: adversary).model })
        }
        let stages =
            [projection.guided(by: .uniform), projection, projection.guided(by: base)]
            + adversaries
        return Findings(
            guides: try stages.map { stage in
                let trained = try graph.output(of: stage)
                let sets = try graph.output(of: words.run.data).sets
                let attention = words.measured(try stage.attention(sets, in: graph))
                let texts = words.measured(sets)
                return Entry(
                    epoch: trained.epoch,
                    texts: try AttendedSet(
                        trained.model, texts, attention: attention, workers: subject.workers
                    ).measured)
            })
    }

    package func report(_ findings: Findings, _ context: ReportContext) -> DiagnosticReport {
        let scores = findings.guides.map(\.texts.scores)
        let names = names
        let rows = zip(names, zip(findings.guides, scores)).map { name, found in
            let (guide, score) = found
            return [
                name.title, ReportFigures.short(score.positiveF1),
                ReportFigures.short(score.macroF1), ReportFigures.short(score.accuracy),
                ReportFigures.short(score.rocAUC), "\(guide.epoch)",
            ]
        }
        let (uniform, model) = (scores[0].positiveF1, scores[2].positiveF1)
        let adversary = scores.dropFirst(3).map(\.positiveF1).min()
        let gain = model - uniform
        let effect =
            gain > 0.01 ? "helps" : gain < -0.01 ? "harms" : "neither helps nor harms"
        var sentences = [
            "The model's attention \(effect) a model without context: F1 of \(context.positive) is "
                + "\(ReportFigures.short(model)) with it, \(ReportFigures.short(uniform)) with equal "
                + "weights and \(ReportFigures.short(scores[1].positiveF1)) with attention of its own."
        ]
        if let adversary {
            sentences.append(
                "With \(lambdas.count == 1 ? "an" : "the worst") adversary's attention it is "
                    + "\(ReportFigures.short(adversary)).")
        }
        sentences.append(
            "Each is one training: differences of about .01 may be chance, which warrant diagnose seeds "
                + "measures.")
        return DiagnosticReport(
            title: context.title(Self.entry.name),
            summary: context.summary(Self.entry.name)
                + [
                    (
                        "guides",
                        .object(
                            zip(names, zip(findings.guides, scores)).map { name, found in
                                (
                                    key: name.key,
                                    value: [
                                        "test": found.1.json, "epoch": .integer(found.0.epoch),
                                    ]
                                )
                            })
                    )
                ],
            texts: (findings.guides.first?.texts ?? []).indices.map { number in
                .object(
                    [
                        ("text", .integer(number)),
                        ("label", .integer(findings.guides[0].texts[number].label)),
                    ]
                        + zip(names, findings.guides).map { name, guide in
                            (
                                key: "probabilities \(name.key)",
                                value: .array(
                                    guide.texts[number].probabilities.map { .double($0) })
                            )
                        })
            }, sentences: sentences,
            tables: [
                ReportTable(
                    "A model without context, by the weights that it is given",
                    [
                        "weights", "F1 of \(context.positive)", "macro-F1", "accuracy", "ROC-AUC",
                        "epoch",
                    ], rows)
            ],
            picture: Picture(
                title: "Guides of a model without context: \(context.model), \(context.data)",
                summary: "F1 of \(context.positive) by guide.",
                panels: [
                    Panel(
                        x: Axis("guide"), y: Axis("F1 of \(context.positive)", atLeast: 0...1),
                        layers: [
                            .bars(
                                Bars(
                                    bins: .categories(names.map(\.title)),
                                    series: [.init("", heights: scores.map(\.positiveF1))]))
                        ])
                ]), headline: zip(names, scores).map { ($0.title, $1.positiveF1) })
    }
}

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
            model, and that of a model that was trained to have other attention. If the model's weights \
            help more than equal ones they say something of the words themselves.
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
        var name: String
        var epoch: Int
        var texts: [MeasuredText]
    }

    package func isSound(_ findings: Findings) -> Bool {
        findings.guides.count == 3 + lambdas.count
            && findings.guides.allSatisfy { $0.texts.allSatisfy { $0.isSound() } }
    }

    package func findings(
        _ subject: DiagnosticSubject, in graph: StageGraph
    ) throws -> Findings {
        let words = try subject.words(for: Self.entry.name)
        let projection = words.run.with { $0.encoder = "average" }.model
        let base = words.run.model
        var guides: [(String, AttentionModelStage)] = [
            ("equal weights", projection.guided(by: .uniform)), ("own attention", projection),
            ("the model's attention", projection.guided(by: base)),
        ]
        for lambda in lambdas {
            let adversary = AdversarialModelStage(words.run, lambda: lambda, settings)
            guides.append(
                (
                    "adversary's attention, lambda \(lambda)",
                    projection.guided(
                        by: .model(key: adversary.key) { try $0.output(of: adversary).model })
                ))
        }
        return Findings(
            guides: try guides.map { name, stage in
                let trained = try graph.output(of: stage)
                let sets = try graph.output(of: words.run.data).sets
                let attention = words.measured(try stage.attention(sets, in: graph))
                let texts = words.measured(sets)
                let probabilities = try trained.model.probabilities(
                    texts, attention: attention, workers: subject.workers)
                let weights: [[Float]] =
                    switch attention {
                    case .own: trained.model.attention(texts, workers: subject.workers)
                    case .uniform:
                        texts.documents.map {
                            Array(
                                repeating: 1 / Float(max(1, $0.words.count)),
                                count: $0.words.count)
                        }
                    case .given(let weights): weights
                    }
                return Entry(
                    name: name, epoch: trained.epoch,
                    texts: texts.documents.indices.map {
                        MeasuredText(
                            label: texts.labels[$0], probabilities: probabilities[$0],
                            attention: weights[$0])
                    })
            })
    }

    package func report(_ findings: Findings, _ context: ReportContext) -> DiagnosticReport {
        let scores = findings.guides.map(\.texts.scores)
        let rows = zip(findings.guides, scores).map { guide, score in
            [
                guide.name, ReportFigures.short(score.positiveF1),
                ReportFigures.short(score.macroF1), ReportFigures.short(score.accuracy),
                ReportFigures.short(score.rocAUC), "\(guide.epoch)",
            ]
        }
        let (uniform, model) = (scores[0].positiveF1, scores[2].positiveF1)
        let adversary = scores.dropFirst(3).map(\.positiveF1).min()
        let gain = model - uniform
        var sentences = [
            "The model's attention \(gain > 0.01 ? "helps" : gain < -0.01 ? "harms" : "hardly changes") a model "
                + "without context: F1 of class 1 is \(ReportFigures.short(model)) with it, "
                + "\(ReportFigures.short(uniform)) with equal weights and "
                + "\(ReportFigures.short(scores[1].positiveF1)) with attention of its own."
        ]
        if let adversary {
            sentences.append(
                "With an adversary's attention it is \(ReportFigures.short(adversary)).")
        }
        sentences.append("One seed each: differences of about .01 may be chance.")
        return DiagnosticReport(
            title: context.title(Self.entry.name),
            summary: context.summary(Self.entry.name)
                + [
                    (
                        "guides",
                        .object(
                            zip(findings.guides, scores).map { guide, score in
                                (
                                    key: guide.name,
                                    value: ["test": score.json, "epoch": .integer(guide.epoch)]
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
                        + findings.guides.map { guide in
                            (
                                key: guide.name,
                                value: .array(
                                    guide.texts[number].probabilities.map { .double($0) })
                            )
                        })
            }, sentences: sentences,
            tables: [
                ReportTable(
                    "",
                    ["guide", "F1 of class 1", "macro-F1", "accuracy", "ROC-AUC", "epoch"], rows)
            ],
            picture: Picture(
                title: "Guides of a model without context: \(context.model), \(context.data)",
                summary: "F1 of class 1 by guide.",
                panels: [
                    Panel(
                        x: Axis("guide"), y: Axis("F1 of class 1", atLeast: 0...1),
                        layers: [
                            .bars(
                                Bars(
                                    bins: .categories(findings.guides.map(\.name)),
                                    series: [.init("", heights: scores.map(\.positiveF1))]))
                        ])
                ]), headline: zip(findings.guides, scores).map { ($0.name, $1.positiveF1) })
    }
}

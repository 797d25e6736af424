import AttentionModels
import Diagnostics
import Encoders
import JSON
import Metrics
import Pictures
import Training

/// Whether other weights give the same prediction (Jain & Wallace 2019, section 4.2.2).
package struct Adversary: Diagnostic {
    package static let entry = DiagnosticEntry(
        "adversary",
        question: "Can quite different attention give the same prediction?",
        measure: """
            For each text weights are sought that are as far from the model's attention as possible \
            (Jensen-Shannon divergence, at most ln 2 = .69) while the prediction, from the same hidden \
            states, changes by .01 or less. Of those found, the epsilon-max JSD is the largest \
            divergence of weights whose prediction changes by at most .05.
            """,
        source: """
            Jain & Wallace, "Attention is not Explanation", NAACL 2019, section 4.2.2; constants are \
            those of the authors' code (500 steps of Adam with AMSGrad, rate .01, penalty 500).
            """,
        needs: .wordModel, settings: [.distributions, .steps])

    private let seed: UInt64 = 0
    private var options = AdversarialAttention.Options()

    package init(_ settings: DiagnosticSettings) {
        options.count = settings.distributions
        options.steps = settings.steps ?? options.steps
    }

    package var dependencies: StageKey.Dependencies {
        [("distributions", .integer(options.count)), ("steps", .integer(options.steps))]
    }

    /// What is found.
    package struct Findings: Codable, Sendable {
        var epoch: Int
        var texts: [Text]
    }

    /// What is found of a text.
    struct Text: Codable, Sendable {
        var measured: MeasuredText
        /// Of each vector that was sought, the divergence of its weights and the change of the output.
        var divergences: [Double]
        var differences: [Double]
        /// The ε-max JSD, and the change of the output there.
        var divergence: Double
        var difference: Double
    }

    package func isSound(_ findings: Findings, of texts: MeasuredSet) -> Bool {
        isEpoch(findings.epoch) && texts.matches(findings.texts.map(\.measured))
            && findings.texts.allSatisfy {
                [$0.divergences.count, $0.differences.count].allSatisfy { $0 == options.count }
                    && ($0.divergences + [$0.divergence]).allSatisfy(isDivergence)
                    && ($0.differences + [$0.difference]).allSatisfy(isShare)
            }
    }

    package func findings(
        _ subject: DiagnosticSubject, in graph: StageGraph
    ) throws -> Findings {
        let (trained, texts) = try subject.attended(for: Self.entry.name, in: graph)
        let attended = trained.model.attend(
            texts.documents, questions: texts.questions, workers: subject.workers
        ) { $1 }
        let found = try graph.map(attended.count, .search, workers: subject.workers) { number in
            let search = AdversarialAttention(
                attended[number], options: options, seed: seed, number: number)
            return Text(
                measured: MeasuredText(label: texts.labels[number], attended[number]),
                divergences: search.candidates.map(\.divergence),
                differences: search.candidates.map(\.difference),
                divergence: search.chosen.divergence, difference: search.chosen.difference)
        }
        return Findings(
            epoch: trained.epoch, texts: try found.finite(\.measured))
    }

    package func report(_ findings: Findings, _ context: ReportContext) -> DiagnosticReport {
        // The only weights of a text of one word are its own.
        let numbers = findings.texts.indices.filter { findings.texts[$0].measured.words > 1 }
        let texts = numbers.map { findings.texts[$0] }
        let groups = texts.map(\.measured).groups(context.labels)
        let figures = groups.all.map { group in
            let numbers = NumberSummary(group.texts.map { texts[$0].divergence })
            return (
                numbers, share(of: group.texts, texts, above: 0.4),
                share(of: group.texts, texts, above: 0.6)
            )
        }
        let json = zip(groups.all, figures).map { group, figure in
            (
                key: group.key,
                value: JSONText.object(
                    figure.0.members + [
                        ("share_above_0_4", JSONText(figure.1)),
                        ("share_above_0_6", JSONText(figure.2)),
                    ])
            )
        }
        let rows = zip(groups.all, figures).map { group, figure in
            [
                group.title, ReportFigures.short(figure.0.mean),
                ReportFigures.short(figure.0.median), ReportFigures.percent(figure.1),
                ReportFigures.percent(figure.2), ReportFigures.count(group.texts.count),
            ]
        }
        let left = findings.texts.count - texts.count
        return DiagnosticReport(
            title: context.title(Self.entry.name),
            summary: context.summary(
                Self.entry.name, findings.texts.map(\.measured).scores, epoch: findings.epoch)
                + [
                    ("epsilon_max_jsd", .object(json)), ("texts_of_one_word", .integer(left)),
                ],
            texts: zip(numbers, texts).map { number, text in
                .object(
                    text.measured.members(number) + [
                        ("epsilon_max_jsd", .double(text.divergence)),
                        ("output_difference", .double(text.difference)),
                        ("jsd", .array(text.divergences.map { .double($0) })),
                        ("output_differences", .array(text.differences.map { .double($0) })),
                    ])
            }, sentences: sentences(figures[0].0, figures[0].1, left: left),
            tables: [
                ReportTable(
                    "Epsilon-max JSD", ["texts", "mean", "median", "above .4", "above .6", "n"],
                    rows)
            ], picture: picture(texts, groups, context),
            headline: [
                ("F1 of class 1", findings.texts.map(\.measured).scores.positiveF1),
                ("mean epsilon-max JSD", figures[0].0.mean), ("median", figures[0].0.median),
                ("above .4", figures[0].1),
            ])
    }

    private func share(of numbers: [Int], _ texts: [Text], above limit: Double) -> Double? {
        numbers.isEmpty
            ? nil
            : Double(numbers.count { texts[$0].divergence > limit }) / Double(numbers.count)
    }

    private func sentences(_ numbers: NumberSummary, _ share: Double?, left: Int) -> [String] {
        guard let mean = numbers.mean, let share else {
            return ["No text has two words, so that there are no other weights to find."]
        }
        let extent =
            share > 0.5 ? "most" : share > 0.2 ? "many" : share > 0 ? "few" : "none of the"
        return [
            "For \(extent) texts quite different attention gives nearly the same prediction: the "
                + "epsilon-max JSD, which is at most .69, is \(ReportFigures.short(mean, digits: 2)) on "
                + "average, and above .4 in \(ReportFigures.percent(share)) of "
                + "\(ReportFigures.count(numbers.count, "text"))."
        ] + ReportFigures.ofOneWord(left)
    }

    private func picture(
        _ texts: [Text], _ groups: TextGroups, _ context: ReportContext
    ) -> Picture {
        Picture(
            title: "Adversarial attention: \(context.model), \(context.data)",
            summary:
                "Histogram of the epsilon-max JSD by predicted class, and violins of it by the "
                + "largest attention weight.",
            panels: [
                Panel(
                    x: Axis("epsilon-max JSD", unit: "nats", atLeast: 0...0.7),
                    y: Axis("share of the class's texts"),
                    layers: [
                        .bars(
                            .histogram(
                                of: groups.byClass.map { group in
                                    (group.title, group.texts.map { texts[$0].divergence })
                                }, bins: 40, range: 0...0.7))
                    ]),
                Panel(
                    x: Axis("largest attention weight"),
                    y: Axis("epsilon-max JSD", unit: "nats", atLeast: 0...0.7),
                    layers: [
                        groups.violins(texts.map(\.measured), texts.map(\.divergence))
                    ]),
            ], columns: 2)
    }
}

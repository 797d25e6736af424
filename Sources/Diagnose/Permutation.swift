import AttentionModels
import Diagnostics
import Encoders
import JSON
import Pictures
import Training

/// Whether it matters which word has which weight (Jain & Wallace 2019, section 4.2.1).
package struct Permutation: Diagnostic {
    package static let entry = DiagnosticEntry(
        "permutation",
        question: "Does the prediction change when the weights are shuffled among the words?",
        measure: """
            The weights of each text are permuted among its words, its hidden states staying as they \
            are, and the change of the prediction is measured (total variation distance; |p - p'| of \
            two classes). Each text counts with the median over its permutations, and texts are told \
            apart by their largest weight: where one word has nearly all of the weight, the change \
            should be large.
            """,
        source: """
            Jain & Wallace, "Attention is not Explanation", NAACL 2019, section 4.2.1.
            """,
        needs: .wordModel, settings: [.permutations])

    private let count: Int
    private let seed: UInt64 = 0

    package init(_ settings: DiagnosticSettings) { count = settings.permutations }

    package var dependencies: StageKey.Dependencies { [("permutations", .integer(count))] }

    /// What is found.
    package struct Findings: Codable, Sendable {
        var epoch: Int
        var texts: [Text]
    }

    /// What is found of a text.
    struct Text: Codable, Sendable {
        var measured: MeasuredText
        var median: Double
        var largest: Double
    }

    package func isSound(_ findings: Findings, of texts: MeasuredSet) -> Bool {
        isEpoch(findings.epoch) && texts.matches(findings.texts.map(\.measured))
            && findings.texts.allSatisfy { isShare($0.median) && isShare($0.largest) }
    }

    package func findings(
        _ subject: DiagnosticSubject, in graph: StageGraph
    ) throws -> Findings {
        let (trained, texts) = try subject.attended(for: Self.entry.name, in: graph)
        let found = trained.model.attend(
            texts.documents, questions: texts.questions, workers: subject.workers
        ) { number, text in
            let permutations = WeightPermutations(text, count: count, seed: seed, number: number)
            return Text(
                measured: MeasuredText(label: texts.labels[number], text),
                median: permutations.median,
                largest: permutations.differences.max() ?? 0)
        }
        return Findings(
            epoch: trained.epoch, texts: try found.finite(\.measured))
    }

    package func report(_ findings: Findings, _ context: ReportContext) -> DiagnosticReport {
        let numbers = findings.texts.indices.filter { findings.texts[$0].measured.words > 1 }
        let texts = numbers.map { findings.texts[$0] }
        let groups = texts.map(\.measured).groups(context.labels)
        let overall = NumberSummary(texts.map(\.median))
        let quarters = (0..<4).map { quarter in
            let (low, high) = (Double(quarter) / 4, Double(quarter + 1) / 4)
            return (
                key: ["0.00-0.25", "0.25-0.50", "0.50-0.75", "0.75-1.00"][quarter],
                name:
                    "\(ReportFigures.short(low, digits: 2)) to \(ReportFigures.short(high, digits: 2))",
                numbers: NumberSummary(
                    texts.filter {
                        Int(min(3, $0.measured.largestAttention * 4)) == quarter
                    }.map(\.median))
            )
        }
        let rows =
            zip(
                groups.all.map(\.title),
                groups.all.map { group in
                    NumberSummary(group.texts.map { texts[$0].median })
                }
            ).map { ($0, $1) } + quarters.map { ("largest weight from \($0.name)", $0.numbers) }
        let left = findings.texts.count - texts.count
        return DiagnosticReport(
            title: context.title(Self.entry.name),
            summary: context.summary(
                Self.entry.name, findings.texts.map(\.measured).scores, epoch: findings.epoch)
                + [
                    (
                        "permutation",
                        [
                            "mean_of_medians": JSONText(overall.mean),
                            "median_of_medians": JSONText(overall.median),
                            "by_max_attention": .object(
                                quarters.map { (key: $0.key, value: .object($0.numbers.members)) }),
                        ]
                    ),
                    (
                        "by_class",
                        .object(
                            groups.all.map { group in
                                (
                                    key: group.key,
                                    value: .object(
                                        NumberSummary(group.texts.map { texts[$0].median })
                                            .members)
                                )
                            })
                    ), ("texts_of_one_word", .integer(left)),
                ],
            texts: zip(numbers, texts).map { number, text in
                .object(
                    text.measured.members(number) + [
                        ("median_difference", .double(text.median)),
                        ("largest_difference", .double(text.largest)),
                    ])
            }, sentences: sentences(overall, quarters[3].numbers, left: left),
            tables: [
                ReportTable(
                    "Change of the prediction, of each text the median over its permutations",
                    ["texts", "mean", "median", "n"],
                    rows.map { name, numbers in
                        [
                            name, ReportFigures.short(numbers.mean),
                            ReportFigures.short(numbers.median),
                            ReportFigures.count(numbers.count),
                        ]
                    })
            ],
            picture: Picture(
                title: "Permuted attention: \(context.model), \(context.data)",
                summary:
                    "Violins of the median change of the prediction by the largest weight and the "
                    + "predicted class.",
                panels: [
                    Panel(
                        x: Axis("largest attention weight"),
                        y: Axis("median change of the prediction", atLeast: 0...0.5),
                        layers: [
                            groups.violins(texts.map(\.measured), texts.map(\.median))
                        ])
                ]),
            headline: [
                ("F1 of class 1", findings.texts.map(\.measured).scores.positiveF1),
                ("mean of medians", overall.mean), ("median of medians", overall.median),
                ("median, largest weight above .75", quarters[3].numbers.median),
            ])
    }

    private func sentences(
        _ overall: NumberSummary, _ peaked: NumberSummary, left: Int
    ) -> [String] {
        guard let mean = overall.mean else {
            return ["No text has two words, so that there is nothing to permute."]
        }
        let degree =
            mean < 0.05
            ? "hardly changes" : mean < 0.15 ? "changes a little" : "changes considerably"
        var sentences = [
            "When the weights are shuffled the prediction \(degree): by "
                + "\(ReportFigures.short(mean)) on average over "
                + "\(ReportFigures.count(overall.count, "text")), where each counts with the median of "
                + "\(ReportFigures.count(count, "permutation"))."
        ]
        if let mean = peaked.mean {
            sentences.append(
                "In \(ReportFigures.count(peaked.count, "text")) one word has at least three quarters "
                    + "of the weight: there it changes by \(ReportFigures.short(mean)).")
        }
        return sentences + ReportFigures.ofOneWord(left)
    }
}

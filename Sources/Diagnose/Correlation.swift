import AttentionModels
import Diagnostics
import Encoders
import JSON
import Metrics
import Pictures
import Tensors
import Training

/// Whether attention ranks words as gradients and leave-one-out do (Jain & Wallace 2019, section 4.1).
package struct Correlation: Diagnostic {
    package static let entry = DiagnosticEntry(
        "correlation",
        question: "Does attention rank words as gradients and leave-one-out do?",
        measure: """
            For each text the words' attention is compared with two measures of importance: gradient x \
            input of the predicted probability, the attention held constant, and how much the \
            prediction changes when the word is left out. The agreement is Kendall's tau-b over the \
            text's words (1: the same order, 0: unrelated, -1: the reverse), with its p-value; the two \
            measures are compared with each other too.
            """,
        source: """
            Jain & Wallace, "Attention is not Explanation", NAACL 2019, section 4.1; the definitions \
            are those of the authors' code.
            """,
        needs: .anyModel, settings: [.throughAttention])

    private let throughAttention: Bool

    package init(_ settings: DiagnosticSettings) { throughAttention = settings.throughAttention }

    package var dependencies: StageKey.Dependencies {
        [("through_attention", .bool(throughAttention))]
    }

    /// What is found.
    package struct Findings: Codable, Sendable {
        var test: AttentionScores
        var epoch: Int
        var texts: [Text]
    }

    /// What is found of a text.
    struct Text: Codable, Sendable {
        var label: Int
        var probabilities: [Double]
        var attention: [Float]
        var gradient: [Double]
        var leaveOneOut: [Double]

        enum CodingKeys: String, CodingKey {
            case label, probabilities, attention, gradient
            case leaveOneOut = "leave_one_out"
        }

        /// The three pairs of rankings, in the order of `pairs`.
        var correlations: [KendallCorrelation?] {
            let weights = attention.map { Double($0) }
            return [(weights, gradient), (weights, leaveOneOut), (gradient, leaveOneOut)].map {
                KendallCorrelation($0, $1)
            }
        }
    }

    /// The pairs of rankings: the key in files, and in words.
    private static let pairs = [
        ("attention_gradient", "attention, gradient"),
        ("attention_leave_one_out", "attention, leave-one-out"),
        ("gradient_leave_one_out", "gradient, leave-one-out"),
    ]

    package func isSound(_ findings: Findings, of texts: MeasuredSet) -> Bool {
        isEpoch(findings.epoch) && findings.test.isSound(texts: texts.count)
            && findings.texts.count == texts.count
            && findings.texts.indices.allSatisfy { number in
                let text = findings.texts[number]
                return text.label == texts.labels[number]
                    && texts.areProbabilities(text.probabilities)
                    && [text.attention.count, text.gradient.count, text.leaveOneOut.count]
                        .allSatisfy { $0 == texts.words[number] }
                    && text.attention.allSatisfy { (0...(1 + 1e-5)).contains($0) }
                    // They are written as single-precision numbers.
                    && text.gradient.allSatisfy { $0 >= 0 && Float($0).isFinite }
                    && text.leaveOneOut.allSatisfy(isShare)
            }
    }
}

extension Correlation {
    package func findings(
        _ subject: DiagnosticSubject, in graph: StageGraph
    ) throws -> Findings {
        if case .loaded(let loaded) = subject,
            case .transformer(let model, let texts) = loaded.model
        {
            return try findings(of: model, texts, epoch: loaded.epoch, loaded.workers, in: graph)
        }
        let (trained, texts) = try subject.attended(for: Self.entry.name, in: graph)
        let workers = subject.workers
        let measured = GradientImportance.measure(
            trained.model, texts.documents, questions: texts.questions,
            flow: throughAttention ? .throughAttention : .detached, workers: workers)
        guard measured.allSatisfy({ $0.logits.allSatisfy(\.isFinite) }) else { throw notFinite() }
        let probabilities = measured.map { AttentionClassifier.probabilities($0.logits) }
        let differences = LeaveOneOutImportance.scores(
            trained.model, texts.documents, questions: texts.questions, workers: workers)
        return Findings(
            test: AttentionScores(labels: texts.labels, probabilities: probabilities),
            epoch: trained.epoch,
            texts: texts.documents.indices.map { number in
                Text(
                    label: texts.labels[number], probabilities: probabilities[number],
                    attention: measured[number].attention,
                    gradient: measured[number].importance,
                    leaveOneOut: differences[number] ?? [0])
            })
    }

    /// The measures of a transformer, whose gradients flow through all attention.
    private func findings(
        of model: SequenceClassifier, _ texts: EncoderTexts, epoch: Int, _ workers: Workers,
        in graph: StageGraph
    ) throws -> Findings {
        let begin = ContinuousClock.now
        var found: [EncoderImportance] = []
        let count = texts.documents.count
        for first in stride(from: 0, to: count, by: 32) {
            found += EncoderImportance.measure(
                model, Array(texts.documents[first..<min(first + 32, count)]), workers: workers)
            try graph.report(
                TrainingProgress(.measuring, documents: found.count, of: count, since: begin))
        }
        return Findings(
            test: AttentionScores(
                labels: texts.labels, probabilities: found.map(\.probabilities)), epoch: epoch,
            texts: zip(texts.labels, found).map { label, found in
                Text(
                    label: label, probabilities: found.probabilities,
                    attention: found.attention.map { Float($0) }, gradient: found.gradient,
                    leaveOneOut: found.leaveOneOut)
            })
    }

    package func report(_ findings: Findings, _ context: ReportContext) -> DiagnosticReport {
        // A text of one word ranks nothing.
        let numbers = findings.texts.indices.filter { findings.texts[$0].attention.count > 1 }
        let texts = numbers.map { findings.texts[$0] }
        let correlations = texts.map(\.correlations)
        let groups = TextGroups(
            predicted: texts.map(\.probabilities.indexOfLargest), labels: context.labels)
        let tables = Self.pairs.indices.map { pair in
            groups.all.map { group in
                CorrelationSummary(group.texts.map { correlations[$0][pair] })
            }
        }
        let left = findings.texts.count - texts.count
        var summary = context.summary(Self.entry.name, findings.test, epoch: findings.epoch)
        for (pair, summaries) in zip(Self.pairs, tables) {
            summary.append(
                (
                    pair.0,
                    .object(zip(groups.all, summaries).map { ($0.key, $1.json) })
                ))
        }
        let better = Self.better(correlations)
        summary.append(("measures_agree_better", .object(better)))
        summary.append(("texts_of_one_word", .integer(left)))
        let rows = zip(Self.pairs, tables).flatMap { pair, summaries in
            zip(groups.all, summaries).map { group, summary in
                [pair.1, group.title] + summary.cells
            }
        }
        return DiagnosticReport(
            title: context.title(Self.entry.name), summary: summary,
            texts: zip(numbers, zip(texts, correlations)).map { number, found in
                Self.line(number, found.0, found.1)
            },
            sentences: Self.sentences(tables.map { $0[0] }, left: left),
            tables: [
                ReportTable(
                    "Kendall's tau-b of two rankings of a text's words",
                    [
                        "rankings", "texts", "mean tau", "std", "p at most .05", "n",
                        "undefined",
                    ], rows)
            ],
            picture: Self.picture(correlations, groups, context),
            headline: [("F1 of class 1", findings.test.positiveF1)]
                + zip(Self.pairs, tables).flatMap { pair, summaries in
                    [
                        ("tau(\(pair.1))", summaries[0].numbers.mean),
                        ("p at most .05", summaries[0].significant),
                    ]
                })
    }

    /// How much better gradients and leave-one-out agree with each other than attention with either
    /// (Jain & Wallace 2019, figure 4).
    private static func better(
        _ correlations: [[KendallCorrelation?]]
    ) -> [(key: String, value: JSONText)] {
        [("than_attention_leave_one_out", 1), ("than_attention_gradient", 0)].map { key, other in
            let differences = correlations.compactMap { found in
                found[2].flatMap { both in found[other].map { both.tau - $0.tau } }
            }
            return (key, .object(NumberSummary(differences).members))
        }
    }

    private static func line(
        _ number: Int, _ text: Text, _ correlations: [KendallCorrelation?]
    ) -> JSONText {
        var members: [(key: String, value: JSONText)] = [
            ("text", .integer(number)), ("words", .integer(text.attention.count)),
            ("label", .integer(text.label)),
            ("probabilities", .array(text.probabilities.map { .double($0) })),
            ("attention", .array(text.attention.map { .float($0) })),
            ("gradient", .array(text.gradient.map { .float(Float($0)) })),
            ("leave_one_out", .array(text.leaveOneOut.map { .float(Float($0)) })),
        ]
        for (pair, found) in zip(pairs, correlations) {
            members.append(
                (
                    "tau_\(pair.0)",
                    found.map { ["tau": .double($0.tau), "p": .double($0.pValue)] } ?? .null
                ))
        }
        return .object(members)
    }

    private static func sentences(_ overall: [CorrelationSummary], left: Int) -> [String] {
        func degree(_ tau: Double) -> String {
            switch tau {
            case ..<(-0.1): "runs against"
            case ..<0.1: "has little to do with"
            case ..<0.3: "agrees a little with"
            case ..<0.5: "agrees in part with"
            case ..<0.7: "agrees largely with"
            default: "agrees closely with"
            }
        }
        guard overall[0].texts > 0 else {
            return ["No text has two words, so that there are no rankings to compare."]
        }
        var sentences = zip(overall, ["gradients", "leave-one-out"]).map { summary, name in
            guard let mean = summary.numbers.mean else {
                return "Attention's ranking of words cannot be compared with that by \(name): in "
                    + "every text one of the two is constant."
            }
            return "Attention's ranking of words \(degree(mean)) that by \(name): mean tau "
                + "\(ReportFigures.short(mean, digits: 2)), significant in "
                + "\(ReportFigures.percent(summary.significant)) of "
                + "\(ReportFigures.count(summary.texts, "text"))."
        }
        if let mean = overall[2].numbers.mean {
            sentences.append(
                "Between gradients and leave-one-out the mean tau is "
                    + "\(ReportFigures.short(mean, digits: 2)).")
        }
        let undefined = overall.map(\.undefined)
        if undefined.contains(where: { $0 > 0 }) {
            let counts = zip(pairs, undefined).filter { $0.1 > 0 }.map { pair, count in
                "\(ReportFigures.count(count, "text")) (\(pair.1))"
            }
            sentences.append(
                "Tau is undefined where a ranking is constant, and the text is left out of the mean: "
                    + "\(counts.joined(separator: ", ")).")
        }
        return sentences + ReportFigures.ofOneWord(left)
    }

    private static func picture(
        _ correlations: [[KendallCorrelation?]], _ groups: TextGroups, _ context: ReportContext
    ) -> Picture {
        Picture(
            title: "Kendall's tau: \(context.model), \(context.data)",
            summary: "Histograms of tau-b by predicted class, a panel for each pair of rankings.",
            panels: pairs.indices.map { pair in
                Panel(
                    title: pairs[pair].1, x: Axis("Kendall's tau-b", atLeast: -1...1),
                    y: Axis("share of the class's texts"),
                    layers: [
                        .bars(
                            .histogram(
                                of: groups.byClass.map { group in
                                    (
                                        group.title,
                                        group.texts.compactMap { correlations[$0][pair]?.tau }
                                    )
                                }, bins: 30, range: -1...1))
                    ])
            }, columns: 3, sharesScales: true)
    }
}

/// Mean, deviation and significance of a group of texts' correlations.
struct CorrelationSummary {
    /// Of the correlations that are defined.
    let numbers: NumberSummary
    /// How many texts there are.
    let texts: Int
    /// How many of them have an undefined correlation.
    let undefined: Int
    /// The share of texts with p at most .05; nil of none.
    let significant: Double?

    /// - Parameter correlations: of each text; nil where it is undefined.
    init(_ correlations: [KendallCorrelation?]) {
        let defined = correlations.compactMap { $0 }
        numbers = NumberSummary(defined.map(\.tau))
        texts = correlations.count
        undefined = correlations.count - defined.count
        significant =
            correlations.isEmpty
            ? nil : Double(defined.count { $0.pValue <= 0.05 }) / Double(correlations.count)
    }

    /// As in `reference/baselines`.
    var json: JSONText {
        [
            "mean": JSONText(numbers.mean), "std": JSONText(numbers.deviation),
            "significant": JSONText(significant), "n": .integer(texts),
            "undefined": .integer(undefined),
        ]
    }

    /// The cells of a table.
    var cells: [String] {
        [
            ReportFigures.short(numbers.mean), ReportFigures.short(numbers.deviation),
            ReportFigures.percent(significant), ReportFigures.count(texts),
            ReportFigures.count(undefined),
        ]
    }
}

import AttentionModels
import Diagnostics
import Encoders
import Errors
import JSON
import Pictures
import Training

/// Whether attention follows what single words say of the class, before it is learned (Snell et al. 2021,
/// section 3).
package struct RelevanceDiagnostic: Diagnostic {
    package static let entry = DiagnosticEntry(
        "relevance",
        question:
            "Does attention come to look like an explanation because words' relevance is learned first?",
        measure: """
            Bidirectional LSTMs whose logit is the sum of each position's attention times its output \
            relevance are trained: several seeds, and one under equal weights. Two rankings of a text's \
            positions agree if the first of the one is among the top 5 % of the other; what counts is \
            the share of texts in which they do, beside the share with a shuffled order. Run A's \
            attention is compared with the output relevance under equal weights, and so are run A's \
            influence and relevance by a bag of embeddings and by a logistic regression. xi is how \
            accurate another run is when its attention agrees as often with run A's: where it is low, \
            attention follows relevance long before the model is trained. Of the options of the model \
            only those count that say which words and texts are read.
            """,
        source: """
            Snell, Zhong, Klein & Steinhardt, "Approximating How Single Head Attention Learns", 2021, \
            section 3. Embeddings are random, as their code has them in the end. The best checkpoint of \
            run A is chosen by the texts that are measured.
            """,
        needs: .rows, settings: [.seeds, .steps])

    private let seeds: [UInt64]?
    private let steps: Int?

    package init(_ settings: DiagnosticSettings) {
        (seeds, steps) = (settings.seeds, settings.steps)
    }

    package var dependencies: StageKey.Dependencies {
        [
            ("seeds", seeds.map { .array($0.map { .string("\($0)") }) } ?? .null),
            ("steps", steps.map { .integer($0) } ?? .null),
        ]
    }

    /// What is found.
    package struct Findings: Codable, Sendable {
        var summary: RelevanceSummary
    }

    package func isSound(_ findings: Findings, of texts: MeasuredSet) -> Bool {
        let options = options(vocabularySize: 1)
        func isStep(_ step: Int) -> Bool { (0...options.steps).contains(step) }
        let found = findings.summary
        return isShare(found.bestAccuracy) && isStep(found.bestStep)
            && found.agreements.map(\.comparison) == RelevanceComparison.allCases
            && found.agreements.allSatisfy { result in
                isStep(result.step) && isShare(result.agreement) && isShare(result.baseline)
                    && (result.kendall.map { isShare(abs($0)) } ?? true)
                    && (result.trainedAccuracy.map {
                        isShare($0.accuracy) && (0...Double(options.steps)).contains($0.step)
                            && (1..<options.seeds.count).contains($0.runs)
                    } ?? true)
            }
            && found.curves.map(\.seed) == Array(options.seeds.dropFirst())
            && found.curves.allSatisfy { curve in
                curve.points.allSatisfy {
                    isStep($0.step) && isShare($0.agreement) && isShare($0.accuracy)
                }
            }
    }

    private func options(vocabularySize: Int) -> RelevanceOptions {
        var options = RelevanceOptions(vocabularySize: vocabularySize)
        options.steps = steps ?? options.steps
        options.seeds = seeds ?? options.seeds
        return options
    }

    package func findings(
        _ subject: DiagnosticSubject, in graph: StageGraph
    ) throws -> Findings {
        let words = try subject.words(for: Self.entry.name)
        guard words.labels.count == 2, !words.run.usesQuery else {
            throw WarrantError(
                .wrongUsage,
                "relevance is defined for two classes of texts without a query; these rows have "
                    + (words.run.usesQuery ? "queries" : "\(words.labels.count) classes"))
        }
        let data = try graph.output(of: words.run.data)
        let options = options(vocabularySize: data.vocabulary.words.count)
        func texts(_ set: WordTexts) -> RelevanceTexts {
            RelevanceTexts(documents: set.documents, labels: set.labels)
        }
        func run(_ seed: UInt64, isUniform: Bool = false) throws -> RelevanceRun {
            try graph.output(
                of: RelevanceRunStage(
                    subject: words, options: options, seed: seed, isUniform: isUniform,
                    measuresInfluence: seed == options.seeds[0] && !isUniform))
        }
        let main = try run(options.seeds[0])
        let others = try options.seeds.dropFirst().map { try run($0) }
        let uniform = try run(options.uniformSeed, isUniform: true)
        let bag = WordRelevance.bagOfEmbeddings(
            options.words, vocabularySize: options.vocabularySize,
            training: texts(data.sets.train), development: texts(data.sets.dev),
            workers: subject.workers)
        let regression = WordRelevance.logisticRegression(
            options.words, vocabularySize: options.vocabularySize,
            training: texts(data.sets.train))
        guard
            let summary = RelevanceSummary(
                main: main, others: others, uniform: uniform, words: (bag, regression),
                test: texts(words.measured(data.sets)))
        else {
            throw WarrantError(
                .badData, "no text that is measured has positions that can be ranked")
        }
        return Findings(summary: summary)
    }

    /// The comparisons as people read them.
    private static func title(_ comparison: RelevanceComparison) -> String {
        switch comparison {
        case .attention: "attention, relevance under equal weights"
        case .bagOfEmbeddings: "bag of embeddings, relevance under equal weights"
        case .logisticRegression: "logistic regression, relevance under equal weights"
        case .influence: "influence, relevance under equal weights"
        case .ownRelevance: "attention, relevance of the same run"
        }
    }

    package func report(_ findings: Findings, _ context: ReportContext) -> DiagnosticReport {
        let found = findings.summary
        let json = found.agreements.map { result in
            (
                key: result.comparison.rawValue.replacing("-", with: "_"),
                value: [
                    "agreement": .double(result.agreement), "step": .integer(result.step),
                    "shuffled": .double(result.baseline), "tau": JSONText(result.kendall),
                    "xi": result.trainedAccuracy.map {
                        [
                            "accuracy": .double($0.accuracy), "step": .double($0.step),
                            "runs": .integer($0.runs),
                        ]
                    } ?? .null,
                ] as JSONText
            )
        }
        var context = context
        context.model = "bidirectional LSTM with output relevance"
        context.modelFacts = []
        return DiagnosticReport(
            title: context.title(Self.entry.name),
            summary: context.summary(Self.entry.name)
                + [
                    ("data", .string(context.data)), ("agreements", .object(json)),
                    ("xi_star", .double(found.bestAccuracy)),
                    ("best_step", .integer(found.bestStep)),
                    (
                        "attention_agreement",
                        .object(
                            found.curves.map { curve in
                                (
                                    key: "\(curve.seed)",
                                    value: .array(
                                        curve.points.map {
                                            [
                                                "step": .integer($0.step),
                                                "agreement": .double($0.agreement),
                                                "accuracy": .double($0.accuracy),
                                            ]
                                        })
                                )
                            })
                    ),
                ], texts: [], sentences: sentences(found),
            tables: [
                ReportTable(
                    "Share of texts in which two rankings of positions agree",
                    [
                        "rankings", "agree", "shuffled", "mean tau", "at step", "xi", "xi at step",
                        "runs",
                    ],
                    found.agreements.map { result in
                        [
                            Self.title(result.comparison), ReportFigures.short(result.agreement),
                            ReportFigures.short(result.baseline),
                            ReportFigures.short(result.kendall), "\(result.step)",
                            ReportFigures.short(result.trainedAccuracy?.accuracy),
                            result.trainedAccuracy.map {
                                ReportFigures.count(Int($0.step.rounded()))
                            } ?? "–", "\(result.trainedAccuracy?.runs ?? 0)",
                        ]
                    })
            ],
            picture: Picture(
                title: "Agreement of attention over training: \(context.data)",
                summary:
                    "How often the attention of each other run agrees with that of run A, by step, "
                    + "with the agreement of relevance under equal weights as a level.",
                panels: [
                    Panel(
                        x: Axis("step"), y: Axis("agreement", atLeast: 0...1),
                        layers: found.curves.map { curve in
                            .line(
                                "run \(curve.seed)",
                                curve.points.map { .init(Double($0.step), $0.agreement) })
                        }
                            + (found.agreements.first.map { result in
                                let last = found.curves.flatMap(\.points).map(\.step).max() ?? 1
                                return [
                                    Layer.line(
                                        "relevance under equal weights",
                                        [
                                            .init(0, result.agreement),
                                            .init(Double(last), result.agreement),
                                        ])
                                ]
                            } ?? []))
                ]),
            headline: found.agreements.flatMap { result in
                [
                    (Self.title(result.comparison), result.agreement as Double?),
                    ("shuffled", result.baseline),
                ]
            } + [
                ("xi of the first", found.agreements.first?.trainedAccuracy?.accuracy),
                ("xi*", found.bestAccuracy),
            ])
    }

    private func sentences(_ found: RelevanceSummary) -> [String] {
        guard let attention = found.agreements.first(where: { $0.comparison == .attention }) else {
            return ["Attention could not be compared."]
        }
        let ratio = attention.agreement / max(attention.baseline, 1e-9)
        var sentences = [
            "Attention agrees with the relevance of words that is learned under equal weights "
                + "\(ratio > 1.5 ? "far more often than" : ratio > 1.1 ? "more often than" : "no more often than") "
                + "by chance: in \(ReportFigures.percent(attention.agreement)) of the texts, with a "
                + "shuffled order in \(ReportFigures.percent(attention.baseline))."
        ]
        if let xi = attention.trainedAccuracy {
            sentences.append(
                "Another run's attention agrees as often with run A's after "
                    + "\(ReportFigures.count(Int(xi.step.rounded()), "step")), when its accuracy is "
                    + "\(ReportFigures.short(xi.accuracy)); run A's is at best "
                    + "\(ReportFigures.short(found.bestAccuracy)).")
        }
        return sentences
    }
}

/// One of the classifiers that are compared.
struct RelevanceRunStage: Stage {
    static let kind = StageKind("relevance-run", version: 1)
    static var inputs: [any Stage.Type] { [WordDataStage.self] }

    let subject: WordSubject
    let options: RelevanceOptions
    let seed: UInt64
    let isUniform: Bool
    let measuresInfluence: Bool

    var key: StageKey {
        StageKey(
            Self.kind,
            [
                ("data", .string(subject.run.data.key.name)), ("dev", .bool(subject.measuresDev)),
                ("steps", .integer(options.steps)), ("seed", .string("\(seed)")),
                ("uniform", .bool(isUniform)), ("influence", .bool(measuresInfluence)),
            ])
    }

    func make(in graph: StageGraph) throws -> RelevanceRun {
        let sets = try graph.output(of: subject.run.data).sets
        let measured = subject.measured(sets)
        let begin = ContinuousClock.now
        return try RelevanceTraining.run(
            options, seed: seed, isUniform: isUniform, measuresInfluence: measuresInfluence,
            training: RelevanceTexts(documents: sets.train.documents, labels: sets.train.labels),
            test: RelevanceTexts(documents: measured.documents, labels: measured.labels),
            workers: subject.workers
        ) { progress in
            try graph.report(
                TrainingProgress(
                    TrainingProgress.Stage(isUniform ? "equal weights" : "run \(seed)"),
                    documents: progress.step, of: options.steps, since: begin))
        }
    }

    func kept(in graph: StageGraph) throws -> RelevanceRun? {
        let positions = try DiagnosticSubject.words(subject).measuredSet(in: graph).positions
        func fits(_ rows: [[Float]]) -> Bool { rows.map(\.count) == positions }
        return try graph.store.value(key) { (run: RelevanceRun) in
            run.seed == seed && run.isUniform == isUniform
                && run.checkpoints.map(\.step) == options.checkpoints
                && run.checkpoints.allSatisfy {
                    isShare($0.accuracy) && fits($0.attention) && fits($0.relevance)
                        && $0.attention.joined().allSatisfy((0...(1 + 1e-5)).contains)
                }
                && (run.influence.map(fits) ?? false) == measuresInfluence
        }
    }

    func keep(_ output: RelevanceRun, in graph: StageGraph) throws {
        try graph.store.keep(output, as: key)
    }
}

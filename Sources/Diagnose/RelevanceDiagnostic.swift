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
            A classifier whose logit is the sum of each position's attention times its output \
            relevance is trained with several seeds, and once under equal weights. A(u, v) is the \
            share of texts in which the position of the largest u is among the top 5 % by v. Run A's \
            attention is compared with the output relevance under equal weights, and so are relevance \
            by a bag of embeddings and by a logistic regression, and A's influence; beside each stands \
            the agreement with a shuffled order. xi is how accurate another run is when its attention \
            agrees with A's to the same degree: low means that attention follows relevance long before \
            the model is trained.
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

    package func isSound(_ findings: Findings) -> Bool {
        !findings.summary.agreements.isEmpty && findings.summary.bestAccuracy.isFinite
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
        var options = RelevanceOptions(vocabularySize: data.vocabulary.words.count)
        options.steps = steps ?? options.steps
        options.seeds = seeds ?? options.seeds
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
        case .attention: "A(attention, relevance under equal weights)"
        case .bagOfEmbeddings: "A(bag of embeddings, relevance under equal weights)"
        case .logisticRegression: "A(logistic regression, relevance under equal weights)"
        case .influence: "A(influence, relevance under equal weights)"
        case .ownRelevance: "A(attention, relevance of the same run)"
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
                    "",
                    ["agreement", "A", "shuffled", "mean tau", "step", "xi", "xi at step", "runs"],
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
                summary: "A(attention of run A, attention of each other run) by step, with the "
                    + "agreement of relevance under equal weights as a level.",
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
                + "\(ratio > 1.5 ? "far above" : ratio > 1.1 ? "above" : "no better than") chance: "
                + "\(ReportFigures.short(attention.agreement)) against "
                + "\(ReportFigures.short(attention.baseline)) of a shuffled order."
        ]
        if let xi = attention.trainedAccuracy {
            sentences.append(
                "Another run's attention agrees with this one's to that degree after "
                    + "\(ReportFigures.count(Int(xi.step.rounded()))) steps, when its accuracy is "
                    + "\(ReportFigures.short(xi.accuracy)) of \(ReportFigures.short(found.bestAccuracy)) at best."
            )
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
        try graph.store.value(key) { (run: RelevanceRun) in
            run.seed == seed && !run.checkpoints.isEmpty
                && run.checkpoints.allSatisfy { $0.attention.count == $0.relevance.count }
        }
    }

    func keep(_ output: RelevanceRun, in graph: StageGraph) throws {
        try graph.store.keep(output, as: key)
    }
}

import Models
import Training

/// One run of several that differ in their seeds.
package struct SeedRunStage: Stage {
    /// What came of it.
    package struct Output {
        /// What it scored.
        package let run: SeedRun
        /// What it made; nil: the scores were kept, and its stages are where they were kept.
        package let outcome: RationaleTraining.Outcome?
    }

    package static let kind = StageKind("run", version: 1)

    package let key: StageKey
    private let training: RationaleTraining
    private let isKept: Bool

    /// A seed's run.
    ///
    /// - Parameters:
    ///   - identity: of all runs together.
    ///   - isKept: whether what it scores is to be kept.
    package init(_ training: RationaleTraining, of identity: RunIdentity, isKept: Bool) {
        self.training = training
        self.isKept = isKept
        key = StageKey(
            Self.kind,
            [("run", .string(identity.digest)), ("seed", .string("\(training.options.seed)"))])
    }

    package func make(in graph: StageGraph) throws -> Output {
        let outcome = try training.run(in: graph)
        return Output(run: SeedRun(outcome), outcome: outcome)
    }

    package func kept(in graph: StageGraph) throws -> Output? {
        let (classes, seed) = (training.data.labels.count, training.options.seed)
        func run(_ kept: KeptScores) -> SeedRun? {
            SeedRun(kept, classes: classes).flatMap { $0.record.seed == seed ? $0 : nil }
        }
        let kept: KeptScores? = try graph.store.value(key) { run($0) != nil }
        return kept.flatMap(run).map { Output(run: $0, outcome: nil) }
    }

    package func keep(_ output: Output, in graph: StageGraph) throws {
        if isKept { try graph.store.keep(KeptScores(output.run), as: key) }
    }
}

/// A `SeedRun` as a file holds it.
private struct KeptScores: Codable {
    var record: TrainingRecord
    var testLabels: [Int]
    /// The variants' names, in order.
    var variants: [String]
    /// What each predicts.
    var testPredictions: [[Int]]

    enum CodingKeys: String, CodingKey {
        case record, variants
        case testLabels = "test_labels"
        case testPredictions = "test_predictions"
    }

    init(_ run: SeedRun) {
        record = run.record
        testLabels = run.testLabels
        variants = run.variants.map(\.name)
        testPredictions = run.variants.map { run.testPredictions[$0] ?? [] }
    }
}

extension SeedRun {
    /// - Returns: nil for what cannot be a run's scores.
    fileprivate init?(_ kept: KeptScores, classes: Int) {
        let known = [Variant.support, .classifier] + Control.allCases.map { .control($0) }
        let variants = kept.variants.compactMap { name in known.first { $0.name == name } }
        guard variants.count == kept.variants.count, Set(variants).count == variants.count,
            kept.testPredictions.count == variants.count,
            kept.testPredictions.allSatisfy({ $0.count == kept.testLabels.count }),
            (kept.testLabels + kept.testPredictions.joined()).allSatisfy((0..<classes).contains)
        else { return nil }
        record = kept.record
        testLabels = kept.testLabels
        self.variants = variants
        testPredictions = Dictionary(uniqueKeysWithValues: zip(variants, kept.testPredictions))
        classCount = classes
    }
}

import Metrics
import Models
import Training

/// What one run of several, each with a seed of its own, scored.
public struct SeedRun: Sendable {
    /// The run's record.
    public let record: TrainingRecord
    /// The test documents' classes by index; none where there is no test set.
    let testLabels: [Int]
    /// What each variant predicts of them.
    let testPredictions: [Variant: [Int]]
    /// The variants in order.
    let variants: [Variant]
    /// How many classes there are.
    let classCount: Int

    /// What is kept of a run.
    public init(_ outcome: RationaleTraining.Outcome) {
        record = outcome.model.manifest.training
        testLabels = outcome.testLabels
        variants = outcome.testPredictions.map(\.variant)
        testPredictions = Dictionary(
            uniqueKeysWithValues: outcome.testPredictions.map { ($0.variant, $0.classes) })
        classCount = outcome.model.manifest.labels.count
    }

    /// The classifier's macro-F1 on the development set.
    public var devMacroF1: Double { record.classifier.dev.macroF1 }

    /// A variant's scores.
    func scores(_ variant: Variant) -> TrainingRecord.Scores? {
        switch variant {
        case .support: record.support
        case .classifier: record.classifier
        default: record.controls?[variant.name]
        }
    }
}

/// Runs that differ in their seeds alone: each variant's scores over the runs, and whether any two
/// variants differ by more than the choice of test documents.
public struct SeedComparison: Sendable {
    /// A variant's macro-F1 in each run.
    public struct Row: Sendable {
        /// The variant.
        public let variant: Variant
        /// On the development set, a figure for each run.
        public let dev: [Double]
        /// On the test set; empty where there is none.
        public let test: [Double]
    }

    /// Two variants on the same test documents.
    public struct Pair: Sendable {
        /// The variants that are compared.
        public let first, second: Variant
        /// Their difference in macro-F1.
        public let bootstrap: PairedBootstrap
    }

    /// The variants, in order.
    public let rows: [Row]
    /// All pairs of them; none where there is no test set.
    public let pairs: [Pair]

    /// Compares runs on the same rows.
    ///
    /// - Complexity: that of `PairedBootstrap` for the runs of all variants.
    public init(_ runs: [SeedRun]) {
        let variants = runs.first?.variants ?? []
        rows = variants.map { variant in
            let scores = runs.compactMap { $0.scores(variant) }
            return Row(
                variant: variant, dev: scores.map(\.dev.macroF1),
                test: scores.compactMap { $0.test?.macroF1 })
        }
        guard let gold = runs.first?.testLabels, !gold.isEmpty else {
            pairs = []
            return
        }
        let both = variants.indices.flatMap { first in
            variants.indices.dropFirst(first + 1).map { (variants[first], variants[$0]) }
        }
        let bootstraps = PairedBootstrap.pairs(
            gold: gold,
            systems: variants.map { variant in runs.compactMap { $0.testPredictions[variant] } },
            classCount: runs[0].classCount)
        pairs = zip(both, bootstraps).map { Pair(first: $0.0, second: $0.1, bootstrap: $1) }
    }
}

import Metrics
import Rationales
import Training

/// An experiment's results with a row for each combination but the seeds, over which a row's figures
/// are averaged.
public struct ExperimentTable: Sendable {
    /// A figure of several runs.
    public struct Summary: Sendable, Equatable {
        /// The runs' mean.
        public let mean: Double
        /// From the lowest run to the highest.
        public let range: ClosedRange<Double>

        /// A summary of at least one figure.
        init(_ values: [Double]) {
            precondition(!values.isEmpty, "a run to summarize")
            mean = values.reduce(0, +) / Double(values.count)
            range = (values.min() ?? mean)...(values.max() ?? mean)
        }
    }

    /// How macro-F1 differs from that of random scores under the same thresholder.
    public struct Difference: Sendable, Equatable {
        /// The mean over the seeds that both were trained with.
        public let mean: Double
        /// Holds 95 % of the paired bootstrap's resamples of test documents; nil: not computed.
        public let interval: ClosedRange<Double>?
    }

    /// One combination of data, scorer, thresholder and variant.
    public struct Row: Sendable, Equatable {
        /// The data set.
        public let data: String
        /// The scorer's name; nil: whole documents are read.
        public let scorer: String?
        /// What selects words.
        public let thresholder: ThresholderSettings?
        /// What the classifier reads.
        public let variant: Variant
        /// The set that was measured: `test`; `dev` where there is none, or where it stands in.
        public let set: String
        /// How many documents each run's figures are of.
        public let documents: Int
        /// How many of how many classes have documents, such as `1 of 2 classes`; nil: all.
        public let coverage: String?
        /// How many runs there are.
        public let seeds: Int
        /// Macro-averaged F1.
        public let macroF1: Summary
        /// The share of right predictions.
        public let accuracy: Summary
        /// The mean share of words that are read.
        public let rationaleShare: Double
        /// Against random scores; nil for what is not to be compared with them.
        public let difference: Difference?
        /// Agreement with humans, averaged over the runs; nil where no human marked words.
        public let plausibility: [Double?]?
    }

    /// Rows in the order of the results.
    public let rows: [Row]
    /// The names of `Row.plausibility`; empty where no row has any.
    let plausibilityNames: [String]

    /// Groups results by all but the seed.
    ///
    /// - Parameter withIntervals: whether differences get an interval, which takes time.
    public init(_ results: [ExperimentResult], withIntervals: Bool = true) {
        var order: [Group] = []
        var groups: [Group: [ExperimentResult]] = [:]
        for result in results {
            let group = Group(result.cell)
            if groups[group] == nil { order.append(group) }
            groups[group, default: []].append(result)
        }
        rows = order.map { group in
            let runs = groups[group] ?? []
            let random = group.againstRandom.flatMap { groups[$0] }
            return Row(
                group, runs, random: random, withIntervals: withIntervals)
        }
        plausibilityNames =
            results.lazy.compactMap(\.plausibility).first?.figures.map(\.name) ?? []
    }
}

/// What the runs of a row have in common.
private struct Group: Hashable {
    let dataIndex: Int
    let data: String
    var scorer: String?
    let thresholder: ThresholderSettings?
    let variant: Variant

    init(_ cell: ExperimentCell) {
        dataIndex = cell.dataIndex
        data = cell.data
        scorer = cell.scorer
        thresholder = cell.thresholder
        variant = cell.variant
    }

    /// The row of random scores that it is compared with.
    var againstRandom: Group? {
        guard variant == .classifier, scorer != "random" else { return nil }
        var group = self
        group.scorer = "random"
        return group
    }
}

extension ExperimentTable.Row {
    fileprivate init(
        _ group: Group, _ runs: [ExperimentResult], random: [ExperimentResult]?,
        withIntervals: Bool
    ) {
        let scores = runs.map { $0.test ?? $0.dev }
        data = group.data
        scorer = group.scorer
        thresholder = group.thresholder
        variant = group.variant
        set = runs.first?.measuredSet ?? "dev"
        documents = scores.first?.documents ?? 0
        coverage = runs.first.flatMap { run in
            scores.first?.classesWithRows.map { "\($0) of \(run.cell.classes) classes" }
        }
        seeds = runs.count
        macroF1 = .init(scores.map(\.macroF1))
        accuracy = .init(scores.map(\.accuracy))
        rationaleShare = ExperimentTable.Summary(runs.map(\.rationaleShare)).mean
        difference = random.flatMap {
            ExperimentTable.Difference(runs, $0, withInterval: withIntervals)
        }
        let figures = runs.compactMap { $0.plausibility?.figures.map(\.value) }
        plausibility = figures.first.map { first in
            first.indices.map { index in meanOrNil(figures.compactMap { $0[index] }) }
        }
    }
}

extension ExperimentTable.Difference {
    /// nil where the two have no seed in common, or were not measured on the same documents.
    fileprivate init?(
        _ runs: [ExperimentResult], _ random: [ExperimentResult], withInterval: Bool
    ) {
        let pairs = runs.compactMap { run in
            random.first { $0.cell.seed == run.cell.seed }.map { (run, $0) }
        }
        guard !pairs.isEmpty, pairs.allSatisfy({ Self.measuresTheSame($0, $1) }) else { return nil }
        mean =
            pairs.reduce(0) { sum, pair in
                sum + (pair.0.test ?? pair.0.dev).macroF1 - (pair.1.test ?? pair.1.dev).macroF1
            } / Double(pairs.count)
        interval = withInterval ? Self.interval(pairs) : nil
    }

    private static func measuresTheSame(
        _ first: ExperimentResult, _ second: ExperimentResult
    ) -> Bool {
        (first.test == nil) == (second.test == nil) && first.testLabels == second.testLabels
            && (first.test ?? first.dev).documents == (second.test ?? second.dev).documents
    }

    /// nil where there is no test set, or where runs were not measured on the same one.
    private static func interval(
        _ pairs: [(ExperimentResult, ExperimentResult)]
    ) -> ClosedRange<Double>? {
        guard let gold = pairs.first?.0.testLabels, let last = gold.max(),
            pairs.allSatisfy({ $0.testLabels == gold && $1.testLabels == gold })
        else { return nil }
        let runs = pairs.flatMap { [$0.testPredictions, $1.testPredictions] }
        guard (runs + [gold]).allSatisfy({ $0.count == gold.count && $0.allSatisfy { $0 >= 0 } })
        else { return nil }
        let classes = max(last, runs.lazy.compactMap { $0.max() }.max() ?? 0) + 1
        return PairedBootstrap(
            gold: gold, first: pairs.map(\.0.testPredictions),
            second: pairs.map(\.1.testPredictions), classCount: classes, resamples: 2_000
        ).interval
    }
}

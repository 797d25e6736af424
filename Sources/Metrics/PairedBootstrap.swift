import Randomness

/// Whether one system's metric differs from another's by more than the choice of test documents.
///
/// Documents are drawn with replacement, the same ones for both systems, as many as there are, and
/// the metrics' difference is taken anew each time. Where a system was trained with several seeds,
/// each run is measured on the drawn documents and the runs' metrics are averaged; the spread is
/// that of documents, not of seeds.
///
/// Sources: Efron & Tibshirani, *An Introduction to the Bootstrap*, 1993, chapters 13 (percentile
/// interval) and 16; Berg-Kirkpatrick, Burkett, Klein, *An Empirical Investigation of Statistical
/// Significance in NLP*, EMNLP 2012 (the differences are centred on the one observed).
public struct PairedBootstrap: Sendable, Hashable {
    /// What is compared.
    public enum Metric: Sendable, Hashable, CaseIterable {
        /// ``ClassificationMetrics/macroF1``.
        case macroF1

        /// ``ClassificationMetrics/accuracy``.
        case accuracy

        func value(of counts: ClassCounts) -> Double {
            switch self {
            case .macroF1: counts.macroF1
            case .accuracy: counts.accuracy
            }
        }
    }

    /// The first system's metric on the documents as they are, averaged over its runs.
    public let first: Double

    /// The second system's.
    public let second: Double

    /// The percentile interval of the difference that holds 95 % of the resamples.
    public let interval: ClosedRange<Double>

    /// Two-sided: the share of resamples whose difference is at least as far from the observed one
    /// as that is from 0, (1 + how many) / (1 + resamples), so that it is never 0.
    public let pValue: Double

    /// How many resamples were drawn.
    public let resamples: Int

    /// `first` - `second`.
    public var difference: Double { first - second }

    /// Compares two systems.
    ///
    /// - Parameters:
    ///   - gold: the true class of each document, in `0..<classCount`; at least one document.
    ///   - first: the first system's runs, each with the predicted class of every document.
    ///   - second: the second system's runs; there may be more or fewer of them.
    ///   - classCount: the number of classes.
    ///   - metric: what is compared.
    ///   - resamples: how many times documents are drawn, at least 1.
    ///   - seed: what is drawn is a function of it and of the number of documents.
    /// - Complexity: O(resamples · runs · (documents + classes)).
    public init(
        gold: [Int], first: [[Int]], second: [[Int]], classCount: Int, metric: Metric = .macroF1,
        resamples: Int = 10_000, seed: UInt64 = 0
    ) {
        self =
            Self.pairs(
                gold: gold, systems: [first, second], classCount: classCount, metric: metric,
                resamples: resamples, seed: seed)[0]
    }

    /// Compares each of several systems with each that follows, on the same drawn documents: the
    /// first with the second, the first with the third, and so on.
    ///
    /// - Complexity: O(resamples · runs · (documents + classes)) for the runs of all systems.
    package static func pairs(
        gold: [Int], systems: [[[Int]]], classCount: Int, metric: Metric = .macroF1,
        resamples: Int = 10_000, seed: UInt64 = 0
    ) -> [PairedBootstrap] {
        precondition(!gold.isEmpty && resamples > 0, "documents and resamples to draw")
        let systems = systems.map {
            System(gold: gold, runs: $0, classCount: classCount, metric: metric)
        }
        var drawn = Array(gold.indices)
        let observed = systems.map { $0.value(on: drawn) }
        var generator = SeededGenerator(seed: seed)
        var values = systems.map { _ in [Double]() }
        for _ in 0..<resamples {
            for position in drawn.indices {
                drawn[position] = generator.below(gold.count)
            }
            for (index, system) in systems.enumerated() {
                values[index].append(system.value(on: drawn))
            }
        }
        return systems.indices.flatMap { first in
            systems.indices.dropFirst(first + 1).map { second in
                PairedBootstrap(
                    observed[first], observed[second],
                    differences: zip(values[first], values[second]).map { $0 - $1 })
            }
        }
    }

    /// - Parameter differences: of each resample.
    private init(_ first: Double, _ second: Double, differences: [Double]) {
        self.first = first
        self.second = second
        resamples = differences.count
        let observed = first - second
        // Metrics are ratios of counts; what is equal on paper differs by rounding alone.
        let extreme = differences.count {
            ($0 - observed).magnitude >= observed.magnitude - 1e-12
        }
        pValue = Double(extreme + 1) / Double(resamples + 1)
        let sorted = differences.sorted()
        interval = Self.quantile(sorted, 0.025)...Self.quantile(sorted, 0.975)
    }

    /// A quantile of ascending values, linear between them.
    static func quantile(_ sorted: [Double], _ share: Double) -> Double {
        let position = share * Double(sorted.count - 1)
        let lower = Int(position)
        let upper = min(lower + 1, sorted.count - 1)
        return sorted[lower] + (position - Double(lower)) * (sorted[upper] - sorted[lower])
    }
}

/// One system's runs, ready to be counted.
private struct System {
    let gold: [Int]
    /// `[runs][documents]`: predicted classes.
    let runs: [[Int]]
    let classCount: Int
    let metric: PairedBootstrap.Metric

    init(gold: [Int], runs: [[Int]], classCount: Int, metric: PairedBootstrap.Metric) {
        precondition(!runs.isEmpty, "at least one run of each system")
        for run in runs {
            precondition(run.count == gold.count, "a prediction for each document")
            precondition(
                (gold + run).allSatisfy((0..<classCount).contains),
                "class indices lie in 0..<classCount")
        }
        self.gold = gold
        self.runs = runs
        self.classCount = classCount
        self.metric = metric
    }

    /// The runs' mean metric on some documents.
    func value(on documents: [Int]) -> Double {
        let sum = runs.reduce(0.0) { sum, run in
            var counts = ClassCounts(classCount: classCount)
            for document in documents {
                counts.add(truth: gold[document], prediction: run[document])
            }
            return sum + metric.value(of: counts)
        }
        return sum / Double(runs.count)
    }
}

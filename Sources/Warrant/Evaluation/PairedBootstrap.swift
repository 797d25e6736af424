import Encoders

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

        func value(of metrics: ClassificationMetrics) -> Double {
            switch self {
            case .macroF1: metrics.macroF1
            case .accuracy: metrics.accuracy
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
    /// - Complexity: O(resamples · (runs · documents + classes²)).
    public init(
        gold: [Int], first: [[Int]], second: [[Int]], classCount: Int, metric: Metric = .macroF1,
        resamples: Int = 10_000, seed: UInt64 = 0
    ) {
        precondition(!gold.isEmpty && resamples > 0, "documents and resamples to draw")
        let systems = [first, second].map {
            System(gold: gold, runs: $0, classCount: classCount, metric: metric)
        }
        let everything = Array(gold.indices)
        self.first = systems[0].value(on: everything)
        self.second = systems[1].value(on: everything)
        self.resamples = resamples
        let observed = self.first - self.second

        var generator = SeededGenerator(seed: seed)
        var drawn = everything
        var differences: [Double] = []
        differences.reserveCapacity(resamples)
        for _ in 0..<resamples {
            for position in drawn.indices {
                // The high half of the product lies in 0..<count, and is the same everywhere.
                drawn[position] = Int(
                    generator.next().multipliedFullWidth(by: UInt64(gold.count)).high)
            }
            differences.append(systems[0].value(on: drawn) - systems[1].value(on: drawn))
        }
        // Metrics are ratios of counts; what is equal on paper differs by rounding alone.
        let extreme = differences.count {
            ($0 - observed).magnitude >= observed.magnitude - 1e-12
        }
        pValue = Double(extreme + 1) / Double(resamples + 1)
        differences.sort()
        interval = Self.quantile(differences, 0.025)...Self.quantile(differences, 0.975)
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
    /// `[runs][documents]`: the place in a confusion matrix, row by row.
    let cells: [[Int]]
    let classCount: Int
    let metric: PairedBootstrap.Metric

    init(gold: [Int], runs: [[Int]], classCount: Int, metric: PairedBootstrap.Metric) {
        precondition(!runs.isEmpty, "at least one run of each system")
        cells = runs.map { run in
            precondition(run.count == gold.count, "a prediction for each document")
            return zip(gold, run).map { gold, predicted in
                precondition(
                    (0..<classCount).contains(gold) && (0..<classCount).contains(predicted),
                    "class indices lie in 0..<classCount")
                return gold * classCount + predicted
            }
        }
        self.classCount = classCount
        self.metric = metric
    }

    /// The runs' mean metric on some documents.
    func value(on documents: [Int]) -> Double {
        let sum = cells.reduce(0.0) { sum, run in
            var counts = [Int](repeating: 0, count: classCount * classCount)
            for document in documents { counts[run[document]] += 1 }
            let confusion = (0..<classCount).map {
                Array(counts[$0 * classCount..<($0 + 1) * classCount])
            }
            return sum + metric.value(of: ClassificationMetrics(confusion: confusion))
        }
        return sum / Double(cells.count)
    }
}

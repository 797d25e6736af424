import JSON
import Metrics
import Pictures

/// Texts by the class that is predicted for them, as the debate's figures tell them apart: all of them,
/// and those of each class where there are fewer than four (Jain & Wallace 2019; `PlottingBC.py`,
/// `PlottingQA.py` of `successar/AttentionExplanation`).
struct TextGroups {
    /// A group.
    struct Group {
        /// The key in files: `overall`, `predicted 0`.
        let key: String
        /// The name in tables: `all texts`, `predicted negative`.
        let title: String
        /// The texts' numbers.
        let texts: [Int]
    }

    /// All texts, and those of each class.
    let all: [Group]
    /// Those of each class alone; all texts in one where classes are not told apart.
    var byClass: [Group] { all.count > 1 ? Array(all.dropFirst()) : all }

    /// - Parameters:
    ///   - predicted: each text's class.
    ///   - labels: the classes' names.
    init(predicted: [Int], labels: [String]) {
        let whole = Group(key: "overall", title: "all texts", texts: Array(predicted.indices))
        guard labels.count < 4 else {
            all = [whole]
            return
        }
        all =
            [whole]
            + labels.enumerated().map { label, name in
                Group(
                    key: "predicted \(label)", title: "predicted \(name)",
                    texts: predicted.indices.filter { predicted[$0] == label })
            }
    }
}

extension TextGroups {
    /// Violins of a measure by quarters of the largest weight, side by side for each class.
    ///
    /// - Parameters:
    ///   - texts: those that the groups are of.
    ///   - values: the measure of each.
    func violins(_ texts: [MeasuredText], _ values: [Double]) -> Layer {
        .distributions(
            .byQuarter(
                .violins,
                byClass.map { group in
                    (group.title, group.texts.map { (texts[$0].largestAttention, values[$0]) })
                }))
    }
}

/// Mean, deviation and quantiles of numbers.
struct NumberSummary {
    /// How many there are.
    let count: Int
    /// The mean; nil of none.
    let mean: Double?
    /// The population's standard deviation; nil of none.
    let deviation: Double?
    /// nil of none.
    private let distribution: DistributionSummary?

    /// - Parameter values: finite numbers.
    init(_ values: [Double]) {
        distribution = DistributionSummary(values)
        count = values.count
        guard !values.isEmpty else {
            (mean, deviation) = (nil, nil)
            return
        }
        let mean = values.reduce(0, +) / Double(values.count)
        self.mean = mean
        deviation =
            (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(values.count))
            .squareRoot()
    }

    /// The median; nil of none.
    var median: Double? { quantile(0.5) }

    /// A quantile, between two numbers by linear interpolation (NumPy's default); nil of none.
    func quantile(_ share: Double) -> Double? { distribution?.quantile(share) }

    /// The members that summaries of numbers have.
    var members: [(key: String, value: JSONText)] {
        [
            ("mean", JSONText(mean)), ("median", JSONText(median)), ("std", JSONText(deviation)),
            ("n", .integer(count)),
        ]
    }
}

extension JSONText {
    /// A number, or null.
    init(_ number: Double?) {
        self = number.flatMap { $0.isFinite ? .double($0) : nil } ?? .null
    }
}

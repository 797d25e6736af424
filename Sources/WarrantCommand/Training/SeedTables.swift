import Warrant

/// What one run or several with other seeds scored: means and ranges, and differences between variants.
struct SeedTables {
    private let comparison: SeedComparison
    private let coverage: (dev: String?, test: String?)

    /// - Parameter data: the rows of all runs.
    init(_ comparison: SeedComparison, _ data: TrainingData) {
        self.comparison = comparison
        coverage = (data.devCoverage, data.testCoverage)
    }

    /// Lines, each ended by a line break.
    var text: String {
        let hasTest = comparison.rows.contains { !$0.test.isEmpty }
        var table = TextTable(
            ["macro-F1, mean of seeds", Self.head("dev", coverage.dev), "range"]
                + (hasTest ? [Self.head("test", coverage.test), "range"] : []))
        for row in comparison.rows {
            table.add(
                [Self.name(row.variant)] + figures(row.dev) + (hasTest ? figures(row.test) : []))
        }
        return table.text + (pairs.map { "\n" + $0 } ?? "")
    }

    /// Each pair of variants on the test set; nil where there is none.
    var pairs: String? {
        guard !comparison.pairs.isEmpty else { return nil }
        var pairs = TextTable(["on test", "difference", "95 % interval", "p"])
        for pair in comparison.pairs {
            let bootstrap = pair.bootstrap
            pairs.add([
                "\(pair.first.name) - \(pair.second.name)", Figures.score(bootstrap.difference),
                "\(Figures.score(bootstrap.interval.lowerBound)) to "
                    + Figures.score(bootstrap.interval.upperBound),
                decimalText(bootstrap.pValue, places: 4),
            ])
        }
        return pairs.text
    }

    /// A set's name, with how many of the classes it has, where it lacks some.
    private static func head(_ set: String, _ coverage: String?) -> String {
        set + (coverage.map { " (\($0))" } ?? "")
    }

    private func figures(_ values: [Double]) -> [String] {
        guard let low = values.min(), let high = values.max() else { return ["–", "–"] }
        let mean = values.reduce(0, +) / Double(values.count)
        return [Figures.score(mean), "\(Figures.score(low))–\(Figures.score(high))"]
    }

    /// A variant with what it reads.
    static func name(_ variant: Variant) -> String {
        switch variant {
        case .support: "support (whole texts)"
        case .classifier: "classifier (rationales)"
        default: variant.control.map { "control (\($0.reads))" } ?? variant.title
        }
    }
}

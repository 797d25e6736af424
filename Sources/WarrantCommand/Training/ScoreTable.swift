import Warrant

/// What a run scored: a row for each model, two columns for each set.
struct ScoreTable {
    private let record: TrainingRecord

    init(_ record: TrainingRecord) { self.record = record }

    /// Lines, each ended by a line break.
    var text: String {
        let hasTest = record.support.test != nil
        var table = TextTable(
            ["", "dev macro-F1", "accuracy"] + (hasTest ? ["test macro-F1", "accuracy"] : []))
        let controls = Control.allCases.compactMap { control in
            record.controls?[control.rawValue].map { (Variant.control(control), $0) }
        }
        for (variant, scores) in [
            (.support, record.support), (.classifier, record.classifier),
        ] + controls {
            let sets = [scores.dev] + (hasTest ? [scores.test].compactMap { $0 } : [])
            table.add(
                [SeedTables.name(variant)]
                    + sets.flatMap { [Figures.score($0.macroF1), Figures.score($0.accuracy)] })
        }
        return table.text
    }
}

import Warrant

/// What a run scored: a row for each model, two columns for each set.
struct ScoreTable {
    private let record: TrainingRecord
    private let classes: Int

    /// - Parameter classes: how many classes there are.
    init(_ record: TrainingRecord, classes: Int) {
        self.record = record
        self.classes = classes
    }

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
                    + sets.flatMap {
                        [$0.macroF1Text(classes: classes), Figures.score($0.accuracy)]
                    })
        }
        return table.text
    }
}

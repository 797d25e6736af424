import Warrant

/// The rates of a stability measurement as a table for people.
struct StabilityReport {
    let stability: Stability

    init(_ stability: Stability) { self.stability = stability }

    /// A row for each kind of edit and each model.
    var text: String {
        var documents = Figures.count(stability.documents, "document")
        if stability.leftOut > 0 {
            documents +=
                ", \(Figures.count(stability.leftOut)) without an unselected word left out"
        }
        var table = TextTable(
            [
                "one unselected word edited (\(documents))", "edits that change the selection",
                "the label",
            ] + Stability.editCounts.map { "texts flipped by \(Figures.count($0, "edit"))" })
        for (edit, name) in [
            (Stability.Edit.replace, "replaced"), (Stability.Edit.delete, "deleted"),
        ] {
            if let rates = stability.rationale[edit] {
                table.add(["\(name): classifier (rationales)"] + figures(rates, selects: true))
            }
            if let rates = stability.fullText[edit] {
                table.add(["\(name): support (whole texts)"] + figures(rates, selects: false))
            }
        }
        return table.text
    }

    private func figures(_ rates: Stability.Rates, selects: Bool) -> [String] {
        [selects ? Figures.percent(rates.selectionChanges) : "–"]
            + ([rates.labelChanges] + rates.documentsWithAFlip).map(Figures.percent)
    }
}

import Warrant

/// What an experiment says while it runs, on standard error.
///
/// A class, for the display of one cell follows that of another.
final class ExperimentReport {
    private let experiment: ExperimentFile
    private var display = TrainingDisplay(isTerminal: Messages.isTerminal, stages: [])
    /// The data sets whose notices were printed.
    private var noted: Set<String> = []

    init(_ experiment: ExperimentFile) { self.experiment = experiment }

    /// The cells, a line each, with those marked that are done.
    func list(_ cells: [ExperimentCell], isDone: (ExperimentCell) -> Bool) -> String {
        var done = 0
        let lines = cells.map { cell in
            let isDone = isDone(cell)
            done += isDone ? 1 : 0
            return "\(isDone ? "done" : "open")  \(cell.title.visible)\n"
        }
        return lines.joined() + "\(Figures.count(cells.count, "cell")), "
            + "\(Figures.count(done)) done\n"
    }

    /// Says what there is to do.
    func begin(_ cells: [ExperimentCell], done: Int) {
        for recipe in experiment.data.map(\.recipe) {
            guard let notice = recipe.precision.notice else { continue }
            Messages.say(notice)
            break
        }
        Messages.write(
            "\(Figures.count(cells.count, "cell")), \(Figures.count(done)) done already\n")
    }

    /// Shows an event.
    func show(_ event: ExperimentEvent) {
        switch event {
        case .began(let cell, let number, let total):
            Messages.write("[\(number)/\(total)] \(cell.title.visible)\n")
            display = TrainingDisplay(isTerminal: Messages.isTerminal, stages: stages(cell))
        case .progress(let progress): display.show(progress)
        case .opened(let set, let rows, let leftOut): say(set, rows, leftOut)
        case .notice(let line): Messages.say(line)
        case .finished(let result):
            display.close()
            let score = result.test ?? result.dev
            Messages.write(
                "\(result.measuredSet) macro-F1 "
                    + score.macroF1Text(classes: result.cell.classes) + "  "
                    + "accuracy \(Figures.score(score.accuracy))  "
                    + "words read \(Figures.percent(result.rationaleShare))\n")
        }
    }

    /// Shows the table.
    func end(_ table: ExperimentTable, output: String) {
        Messages.write("\n\(table.markdown)\nThe results are in \(output).\n")
    }

    private func stages(_ cell: ExperimentCell) -> [TrainingProgress.Stage] {
        guard cell.variant != .support else { return [.support] }
        return TrainingProgress.Stage.selection(experiment.tagging) + [cell.variant.stage]
    }

    private func say(
        _ set: ExperimentFile.DataSet, _ rows: TrainingData, _ leftOut: [SourceLocation]
    ) {
        let counts = [("train", rows.train), ("dev", rows.dev), ("test", rows.test)].map {
            "\($0) \(Figures.count($1.count))"
        }
        let marked = [rows.train, rows.dev, rows.test].map { $0.count { $0.rationale != nil } }
        let heldOut = rows.heldOut > 0 ? " (dev held out of train)" : ""
        Messages.write(
            "\(set.name.visible): \(counts.joined(separator: ", ")) documents\(heldOut), "
                + "\(Figures.count(rows.labels.count)) classes"
                + (marked.contains { $0 > 0 }
                    ? "; with a human rationale: \(marked.map { Figures.count($0) }.joined(separator: ", "))"
                    : "") + "\n")
        if noted.insert(set.name).inserted {
            for notice in DataNotices(rows).all {
                Messages.say("\(set.name.visible): \(notice.message)")
            }
        }
        if let wanted = experiment.tagging?.humanDocuments(of: rows.train.count),
            marked[0] < wanted
        {
            Messages.say(
                "\(set.name.visible): \(Figures.count(marked[0])) training documents have a human "
                    + "rationale; \"human_share\" asked for \(Figures.count(wanted))")
        }
        let missing = leftOut + rows.emptyRows
        guard let first = missing.first else { return }
        Messages.say(
            "\(first): the row is left out, for want of words or of a human rationale"
                + (missing.count > 1 ? "; and so are \(Figures.count(missing.count - 1)) more" : "")
        )
    }
}

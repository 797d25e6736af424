import Diagnose
import JSON
import Warrant

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A part of an experiment, whose cells are known and not done yet.
protocol ExperimentPart {
    /// The cells as JSON, with whether each is done.
    var listed: [JSONText] { get }
    /// The cells for people.
    var list: String { get }
    /// Does what is not done.
    ///
    /// - Returns: the results, a line each.
    func run() throws -> [JSONText]
}

/// Rationale models over a grid of scorers and thresholders.
struct RationalePart: ExperimentPart {
    private let experiment: ExperimentRun
    private let cells: [ExperimentCell]
    private let report: ExperimentReport
    private let output: String

    /// Reads the rows.
    init(
        _ file: ExperimentFile, encoder: String?, output: String, stages: String?, threads: Int
    ) throws {
        experiment = try ExperimentRun(
            file, encoder: encoder, output: URL(filePath: output),
            stages: stages.map { URL(filePath: $0) }, threads: threads,
            writing: Interruption.whole)
        experiment.notices.forEach(Messages.say)
        cells = try experiment.cells(notice: Messages.say)
        report = ExperimentReport(file)
        self.output = output
    }

    var listed: [JSONText] {
        cells.map { .object($0.members + [("done", .bool(experiment.isDone($0)))]) }
    }
    var list: String { report.list(cells, isDone: experiment.isDone) }

    func run() throws -> [JSONText] {
        report.begin(cells, done: cells.count(where: experiment.isDone))
        let (results, table) = try experiment.results(of: cells, report: report.show)
        report.end(table, output: output)
        return results.map(\.json)
    }
}

/// Diagnostics of attention over a grid of models.
struct DiagnosticPart: ExperimentPart {
    private let experiment: DiagnosticExperiment
    private let cells: [DiagnosticCell]
    private let output: String

    /// Reads the rows.
    init(_ file: ExperimentFile, output: String, stages: String?, threads: Int) throws {
        experiment = DiagnosticExperiment(
            file, output: URL(filePath: output), stages: stages.map { URL(filePath: $0) },
            threads: threads, say: Messages.say, writing: Interruption.whole)
        cells = try experiment.cells(notice: Messages.say)
        self.output = output
    }

    var listed: [JSONText] {
        cells.map { .object($0.members + [("done", .bool(experiment.isDone($0)))]) }
    }

    var list: String {
        let done = cells.count(where: experiment.isDone)
        return cells.map { "\(experiment.isDone($0) ? "done" : "open")  \($0.title.visible)\n" }
            .joined()
            + "\(Figures.count(cells.count, "diagnostic")), \(Figures.count(done)) done\n"
    }

    func run() throws -> [JSONText] {
        let done = cells.count(where: experiment.isDone)
        Messages.write(
            "\(Figures.count(cells.count, "diagnostic")), \(Figures.count(done)) done already\n")
        let display = TrainingDisplay(isTerminal: Messages.isTerminal, stages: [])
        defer { display.close() }
        let results = try experiment.results(
            of: cells,
            began: { cell, number in
                display.close()
                guard !experiment.isDone(cell) else { return }
                Messages.write("[\(number)/\(cells.count)] \(cell.title.visible)\n")
            }, progress: display.show)
        display.close()
        Messages.write(
            "\n" + DiagnosticTables(results).markdown
                + "\nThe results are in \(output): diagnostics.md, diagnostics.csv, diagnostics.jsonl, "
                + "and diagnostics with a folder for each.\n")
        return results.map { .object($0.cell.members + [("summary", $0.report.json)]) }
    }
}

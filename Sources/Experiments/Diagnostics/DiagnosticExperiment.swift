import AttentionModels
import Datasets
import Diagnose
import Errors
import Files
import JSON
import Tensors
import Training

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// One diagnostic of one model on one data set, with one seed.
package struct DiagnosticCell {
    /// The data set's name; nil of a diagnostic that has none.
    package let data: String?
    /// The model in a few words; nil of a diagnostic that makes its own.
    package let model: String?
    /// The diagnostic's name.
    package let diagnostic: String
    /// The model's seed; nil of a diagnostic that makes its own.
    package let seed: UInt64?

    let request: AnyDiagnostic
    let subject: DiagnosticSubject
    let context: ReportContext

    /// The cell for people: `sst, lstm with tanh attention (random), seed 0: correlation`.
    package var title: String {
        let parts = [data, model, seed.map { "seed \($0)" }].compactMap { $0 }
        return (parts.isEmpty ? "" : parts.joined(separator: ", ") + ": ") + diagnostic
    }

    /// The names of its parts in a line of results.
    package var members: [(key: String, value: JSONText)] {
        [
            ("data", data.map { .string($0) } ?? .null),
            ("model", model.map { .string($0) } ?? .null),
            ("diagnostic", .string(diagnostic)),
            ("seed", seed.map { .string("\($0)") } ?? .null),
        ]
    }

    /// The folder of its own results.
    fileprivate var folder: String {
        [data, model, seed.map { "seed \($0)" }, diagnostic].compactMap { $0 }.map { part in
            String(
                part.unicodeScalars.map { scalar in
                    scalar.isASCII
                        && (scalar.properties.isAlphabetic || ("0"..."9").contains(scalar))
                        ? Character(scalar) : "-"
                })
        }.joined(separator: "_")
    }
}

/// Runs the diagnostics of an experiment file. Models and findings are kept as stages: what cells have in
/// common is made once, and a run that was stopped goes on.
package struct DiagnosticExperiment {
    private let file: ExperimentFile
    private let output: URL
    private let store: StageFolder
    private let workers: Workers
    private let writing: ExperimentRun.Writing

    /// A run that has not begun.
    ///
    /// - Parameters:
    ///   - output: the folder of the results.
    ///   - stages: the folder of what is kept between runs.
    ///   - say: what people are told of stages that go on.
    package init(
        _ file: ExperimentFile, output: URL, stages: URL? = nil, threads: Int,
        say: @escaping (String) -> Void = { _ in },
        writing: @escaping ExperimentRun.Writing = { try $0() }
    ) {
        self.file = file
        self.output = output
        store = StageFolder(
            folder: stages ?? output.appending(path: "stages"), say: say, writing: writing)
        workers = Workers(threads: threads)
        self.writing = writing
    }

    /// The grid, in the order in which it is made. Rows are read, to know what cells depend on.
    ///
    /// - Throws: `WarrantError`, `EncoderError`, `DatasetError`: all that can be known to be wrong
    ///   before the work.
    package func cells(notice: @escaping (String) -> Void = { _ in }) throws -> [DiagnosticCell] {
        var cells: [DiagnosticCell] = []
        for (index, set) in file.data.enumerated() where !set.diagnostics.requests.isEmpty {
            let requests = try set.diagnostics.requests.map { try $0.diagnostic() }
            cells += requests.filter { $0.entry.needs == .nothing }.filter { request in
                !cells.contains { $0.diagnostic == request.entry.name && $0.data == nil }
            }.map(whole)
            let others = requests.filter { $0.entry.needs != .nothing }
            guard !others.isEmpty else { continue }
            let rows = try set.rows(notice: notice)
            for model in set.diagnostics.models {
                if let folder = model.trained {
                    cells += try measured(folder, rows, set, others)
                    continue
                }
                for seed in set.seeds {
                    var options = try model.resolved()
                    (options.seed, options.lengths) = (seed, set.lengths)
                    let run: AttentionRun
                    do {
                        run = try AttentionRun(options, workers: workers, first: rows) {
                            try set.rows()
                        }
                    } catch let error as WarrantError {
                        throw WarrantError(
                            error.kind, "\(file.path): \"data[\(index)]\": \(error)")
                    }
                    let subject = WordSubject(run, data: set.name)
                    for request in others {
                        let isOwn = request.entry.needs == .rows
                        let cell = DiagnosticCell(
                            data: set.name, model: isOwn ? nil : options.title,
                            diagnostic: request.entry.name, seed: isOwn ? nil : seed,
                            request: request, subject: .words(subject), context: subject.context)
                        // Models of its own are the same whichever model they stand beside.
                        if isOwn, cells.contains(where: { $0.title == cell.title }) { continue }
                        cells.append(cell)
                    }
                }
            }
        }
        return cells
    }

    /// Cells of a model that was trained before.
    private func measured(
        _ folder: String, _ rows: TrainingData, _ set: ExperimentFile.DataSet,
        _ requests: [AnyDiagnostic]
    ) throws -> [DiagnosticCell] {
        let loaded = try LoadedSubject(
            folder: URL(filePath: folder), measuring: rows.test.isEmpty ? rows.dev : rows.test,
            data: set.name, workers: workers)
        return requests.map { request in
            DiagnosticCell(
                data: set.name, model: loaded.context.model, diagnostic: request.entry.name,
                seed: nil, request: request, subject: .loaded(loaded), context: loaded.context)
        }
    }

    /// A cell without a model or data.
    private func whole(_ request: AnyDiagnostic) -> DiagnosticCell {
        DiagnosticCell(
            data: nil, model: nil, diagnostic: request.entry.name, seed: nil, request: request,
            subject: .none(workers),
            context: ReportContext(model: "", modelFacts: [], data: "", labels: []))
    }

    /// Whether a cell's findings are kept already.
    package func isDone(_ cell: DiagnosticCell) -> Bool {
        store.has(cell.request.key(cell.subject))
    }

    /// The results of the cells, in order, and their tables; `diagnostics.jsonl`, `diagnostics.md` and
    /// `diagnostics.csv` in the output folder are rewritten after each cell, and each has a folder of its
    /// own under `diagnostics`.
    ///
    /// - Parameters:
    ///   - began: told which cell begins, with its number from 1.
    ///   - progress: told how far it is; what it throws ends the run.
    package func results(
        of cells: [DiagnosticCell],
        began: (DiagnosticCell, _ number: Int) throws -> Void = { _, _ in },
        progress: @escaping (TrainingProgress) throws -> Void = { _ in }
    ) throws -> [(cell: DiagnosticCell, report: DiagnosticReport)] {
        _ = try DiagnosticFolder(output).prepare()
        _ = try store.prepare()
        let graph = StageGraph(
            store: store, remembering: DiagnosticMemory.stages, report: progress)
        var results: [(cell: DiagnosticCell, report: DiagnosticReport)] = []
        for (index, cell) in cells.enumerated() {
            try began(cell, index + 1)
            let report = try cell.request.report(cell.subject, in: graph, cell.context)
            let folder = DiagnosticFolder(
                output.appending(path: "diagnostics").appending(path: cell.folder),
                writing: { try writing($0) })
            _ = try folder.prepare()
            try folder.write(report)
            results.append((cell, report))
            try write(results)
        }
        return results
    }

    private func write(_ results: [(cell: DiagnosticCell, report: DiagnosticReport)]) throws {
        var lines: [UInt8] = []
        for (cell, report) in results {
            JSONText.object(cell.members + [("summary", report.json)]).append(to: &lines)
            lines.append(UInt8(ascii: "\n"))
        }
        let tables = DiagnosticTables(results)
        for (name, bytes) in [
            ("diagnostics.jsonl", lines), ("diagnostics.md", Array(tables.markdown.utf8)),
            ("diagnostics.csv", Array(tables.csv.utf8)),
        ] {
            try writing { try replaceFile(at: output.appending(path: name), with: bytes) }
        }
    }
}

/// A table for each diagnostic: a row for each data set and model, its figures averaged over the seeds.
package struct DiagnosticTables {
    private let tables: [ReportTable]

    /// Tables of results.
    package init(_ results: [(cell: DiagnosticCell, report: DiagnosticReport)]) {
        var names: [String] = []
        for result in results where !names.contains(result.cell.diagnostic) {
            names.append(result.cell.diagnostic)
        }
        tables = names.map { name in
            let own = results.filter { $0.cell.diagnostic == name }
            let heads = own.first?.report.headline.map(\.name) ?? []
            var groups: [[String]] = []
            for result in own {
                let group = [result.cell.data ?? "–", result.cell.model ?? "–"]
                if !groups.contains(group) { groups.append(group) }
            }
            let rows = groups.map { group in
                let runs = own.filter { [$0.cell.data ?? "–", $0.cell.model ?? "–"] == group }
                return group + ["\(runs.count)"]
                    + heads.indices.map { index in
                        Self.figure(
                            runs.compactMap {
                                index < $0.report.headline.count
                                    ? $0.report.headline[index].value : nil
                            })
                    }
            }
            return ReportTable(name, ["data", "model", "seeds"] + heads, rows)
        }
    }

    /// The mean, with the range where there are several.
    private static func figure(_ values: [Double]) -> String {
        guard let low = values.min(), let high = values.max() else { return "–" }
        let mean = ReportFigures.short(values.reduce(0, +) / Double(values.count))
        return values.count > 1
            ? "\(mean) (\(ReportFigures.short(low))–\(ReportFigures.short(high)))" : mean
    }

    /// The tables in Markdown.
    package var markdown: String {
        tables.map { "\($0.title)\n\n\($0.markdown)\n" }.joined(separator: "\n")
    }

    /// The tables as CSV, one after the other.
    package var csv: String { tables.csv }
}

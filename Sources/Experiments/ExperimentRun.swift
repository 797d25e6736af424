import Classifiers
import Datasets
import Encoders
import Errors
import Files
import Fresh
import Rationales
import Saliency
import Tokenization
import Training

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What an experiment tells while it runs.
public enum ExperimentEvent {
    /// A cell that is not done yet has begun; its number counts from 1.
    case began(ExperimentCell, number: Int, of: Int)
    /// A model is being trained, or words are being scored.
    case progress(TrainingProgress)
    /// A data set was read; some rows were left out, since no word of them can be read or since a
    /// scorer needs a human rationale that they lack.
    case opened(ExperimentFile.DataSet, TrainingData, leftOut: [SourceLocation])
    /// A cell is done.
    case finished(ExperimentResult)
    /// Something that people should know, in one line.
    case notice(String)
}

/// Runs an experiment: whatever its stages have in common is computed once, and a run that was
/// interrupted goes on where it stopped.
///
/// ```swift
/// let run = try ExperimentRun(
///     ExperimentFile(path: "sst.json"), output: URL(filePath: "results"), threads: 2)
/// print(try run.results(of: run.cells()).table.markdown)
/// ```
///
/// `results.jsonl`, `table.md` and `table.csv` in the output folder are rewritten after each cell.
public struct ExperimentRun: Sendable {
    /// What is run.
    public let file: ExperimentFile
    /// Read once: what stages' keys cover is what is trained.
    private let encoder: FolderFiles
    /// What people should know of where the encoder was found, a line each.
    public let notices: [String]
    private let output: URL
    private let stages: URL
    private let writing: Writing
    private let threads: Int
    /// How often a stage is kept before its end.
    package var pace = TrainingCheckpoint.Pace.moderate

    /// Does a write that it is given.
    public typealias Writing = @Sendable (_ write: () throws -> Void) throws -> Void

    /// A run that has not begun.
    ///
    /// - Parameters:
    ///   - encoder: a Hugging Face folder, in place of the one that the file names.
    ///   - output: the folder of the results.
    ///   - stages: the folder of what is kept between runs; `stages` in `output` by default. Several
    ///     experiments may share one.
    ///   - writing: is given each write of a file or a folder, to be done in whole: whoever may stop
    ///     the process does so before or after, and nothing half-written is left.
    /// - Throws: `WarrantError` where no encoder is named or it is not there.
    public init(
        _ file: ExperimentFile, encoder: String? = nil, output: URL, stages: URL? = nil,
        threads: Int, writing: @escaping Writing = { try $0() }
    ) throws {
        guard var path = encoder ?? file.encoder else {
            throw WarrantError(
                .wrongUsage, "\(file.path): names no \"encoder\"; add one, or give --encoder")
        }
        if encoder == nil, !FileManager.default.fileExists(atPath: path) {
            guard let name = file.encoderName, EncoderLocation.isName(name) else {
                throw WarrantError(
                    .missingInput,
                    "\(file.path): \"encoder\": there is no \(path); paths are relative to the "
                        + "experiment file's folder")
            }
            path = name
        }
        let location: EncoderLocation
        do { location = try EncoderLocation(path) } catch let error as EncoderError {
            guard encoder == nil, case .missing = error else { throw error }
            throw WarrantError(.missingInput, "\(file.path): \"encoder\": \(error)")
        }
        self.file = file
        self.encoder = FolderFiles(location.folder.path)
        notices = location.notices
        self.output = output
        self.stages = stages ?? output.appendingPathComponent("stages", isDirectory: true)
        self.writing = writing
        self.threads = threads
    }

    /// The grid, in the order in which it is computed. Rows are read, to know what cells depend on.
    ///
    /// - Parameter notice: receives what was found out about the rows and what was left out.
    /// - Throws: `WarrantError`, `EncoderError`, `TokenizerError`, `SaliencyError`, `DatasetError`:
    ///   all that can be known to be wrong before the work.
    public func cells(
        notice: @escaping (String) -> Void = { _ in }
    ) throws -> [ExperimentCell] {
        let configuration = try EncoderConfiguration(encoder)
        let tokenizer = try openTokenizer(encoder)
        let digest = FileDigests.stage(files: try FileDigests.files(encoder))
        return try file.data.enumerated().flatMap { index, set -> [ExperimentCell] in
            guard !set.scorers.isEmpty, !set.thresholders.isEmpty else { return [] }
            let chunks: (documents: ChunkSize, rationales: ChunkSize)
            do {
                for scorer in set.scorers {
                    try SaliencyScorers.named(scorer).check(configuration)
                }
                let options = set.recipe.options(seed: 0, threads: threads)
                try options.validate()
                chunks = try options.chunks(configuration)
            } catch {
                throw WarrantError(.badData, "\(file.path): \"data[\(index)]\": \(error)")
            }
            let data = try set.rows(notice: notice)
            if data.usesQuery {
                try configuration.check(
                    haveQueries: true,
                    at: "\(file.path): \"data[\(index)]\": the rows have a query, which "
                        + "\(encoder.path) cannot read")
                for row in data.train + data.dev + data.test {
                    try tokenizer.checkRoom(row, chunks)
                }
            }
            if let share = file.tagging?.humanShare, share > 0 {
                try checkMarks(
                    [("train", data.train)], place: "data[\(index)]",
                    "a \"human_share\" of \(share) needs; leave it out, or give other data")
            }
            let all = RowDigests(data, markedOnly: false)
            let needsHumans = set.scorers.contains("human")
            if needsHumans {
                try checkMarks(
                    [("train", data.train), ("dev", data.dev), ("test", data.test)],
                    place: "data[\(index)]",
                    "the scorer \"human\" needs; give the data set \"scorers\" of its own")
            }
            let marked = needsHumans ? RowDigests(data, markedOnly: true) : all
            return set.seeds.flatMap { seed in
                cells(index, set) { scorer, settings in
                    var options = set.recipe.options(seed: seed, threads: threads)
                    if let scorer { options.scorer = scorer }
                    if let settings { options.selection = settings }
                    options.tagging = file.tagging
                    return StageKeys(
                        encoder: digest, chunk: chunks.documents,
                        classifierChunk: chunks.rationales, options: options,
                        rows: scorer == "human" ? marked : all)
                }
            }
        }
    }

    /// Complains, before the work, about a set of rows of which nobody marked any.
    ///
    /// - Parameter need: what needs marks, and what to do.
    private func checkMarks(
        _ sets: [(name: String, rows: [Example])], place: String, _ need: String
    ) throws {
        for (name, rows) in sets where !rows.isEmpty && rows.allSatisfy({ $0.rationale == nil }) {
            throw WarrantError(
                .badData,
                "\(file.path): \"\(place)\": no row of \(name) has a human rationale, which \(need)"
            )
        }
    }

    private func cells(
        _ index: Int, _ set: ExperimentFile.DataSet,
        _ keys: (_ scorer: String?, ThresholderSettings?) -> StageKeys
    ) -> [ExperimentCell] {
        let whole = keys(nil, nil)
        var cells = [
            ExperimentCell(
                data: set.name, dataIndex: index, scorer: nil, thresholder: nil, variant: .support,
                keys: whole, stage: whole.supportCell, testIsDev: set.testIsDev)
        ]
        let variants = [Variant.classifier] + file.controls.map { .control($0) }
        for scorer in set.scorers {
            for settings in set.thresholders {
                let keys = keys(scorer, settings)
                cells += variants.map { variant in
                    ExperimentCell(
                        data: set.name, dataIndex: index, scorer: scorer, thresholder: settings,
                        variant: variant, keys: keys,
                        stage: keys.cell(scorer: scorer, settings, variant, file.tagging),
                        testIsDev: set.testIsDev)
                }
            }
        }
        return cells
    }

    /// Whether a cell's result is kept already.
    public func isDone(_ cell: ExperimentCell) -> Bool { store().has(cell.stage) }

    /// What is kept between runs.
    ///
    /// - Parameter say: what people are told of it.
    private func store(say: @escaping (String) -> Void = { _ in }) -> StageFolder {
        StageFolder(folder: stages, pace: pace, say: say, writing: writing)
    }

    /// The results of the cells, in order, and their table; those that are not kept already are
    /// computed.
    ///
    /// - Parameter report: told what happens; what it throws ends the run.
    /// - Throws: `WarrantError`, `EncoderError`, `TokenizerError`, `SaliencyError`,
    ///   `ThresholderError`, `DatasetError`, another `DescribedError` about a file, and what `report`
    ///   throws.
    public func results(
        of cells: [ExperimentCell],
        report: @escaping (ExperimentEvent) throws -> Void = { _ in }
    ) throws -> (results: [ExperimentResult], table: ExperimentTable) {
        do {
            try FileManager.default.createDirectory(at: output, withIntermediateDirectories: true)
        } catch {
            throw WarrantError(
                .unwritable, "\(output.path): cannot be made; check that its place is writable")
        }
        let leftovers = Self.resultNames.flatMap { name in
            let place = output.appendingPathComponent(name).path
            return Leftovers.clear(beside: place).map { $0.notice(of: place) }
        }
        // What ends a run is thrown by what comes next.
        let store = store { try? report(.notice($0)) }
        for notice in try leftovers + store.prepare() { try report(.notice(notice)) }
        var results: [ExperimentResult?] = try cells.map { cell in
            try CellStage.kept(cell.stage, classes: cell.classes, in: store)
                .map { ExperimentResult(cell: cell, outcome: $0) }
        }
        let graph = StageGraph(
            store: store,
            remembering: [
                DocumentsStage.self, SupportStage.self, SaliencyStage.self, SelectionStage.self,
            ], report: { try report(.progress($0)) })
        for (index, cell) in cells.enumerated() where results[index] == nil {
            try report(.began(cell, number: index + 1, of: cells.count))
            let result = ExperimentResult(
                cell: cell,
                outcome: try graph.output(of: CellStage(cell, run(of: cell, report))))
            results[index] = result
            let done = results.compactMap { $0 }
            try write(done, ExperimentTable(done, withIntervals: false))
            try report(.finished(result))
        }
        let all = results.compactMap { $0 }
        let table = ExperimentTable(all)
        try write(all, table)
        return (all, table)
    }

    /// The run that a cell belongs to. Its rows are read anew, and must be those that the cell's keys
    /// are of.
    private func run(
        of cell: ExperimentCell, _ report: @escaping (ExperimentEvent) throws -> Void
    ) -> FreshRun {
        let set = file.data[cell.dataIndex]
        let documents = DocumentsStage(
            cell.keys, named: "\(cell.dataIndex)", origin: PretrainedEncoder(encoder),
            rows: {
                let rows = try set.rows()
                guard RowDigests(rows, markedOnly: cell.scorer == "human") == cell.keys.rows else {
                    throw WarrantError(
                        .badData,
                        "\(set.train): rows changed while the experiment ran; run it again")
                }
                return rows
            },
            opened: { rows, documents in
                try report(
                    .opened(
                        set, rows,
                        leftOut: documents.data.all.flatMap { $0.unreadable + $0.unmarked }))
            })
        return FreshRun(
            origin: PretrainedEncoder(encoder), keys: cell.keys, documents: documents)
    }

    private static let resultNames = ["results.jsonl", "table.md", "table.csv"]

    private func write(_ results: [ExperimentResult], _ table: ExperimentTable) throws {
        var lines: [UInt8] = []
        for result in results {
            result.json.append(to: &lines)
            lines.append(UInt8(ascii: "\n"))
        }
        let contents = [lines, Array(table.markdown.utf8), Array(table.csv.utf8)]
        for (name, bytes) in zip(Self.resultNames, contents) {
            try writing {
                try replaceFile(at: output.appendingPathComponent(name), with: bytes)
            }
        }
    }
}

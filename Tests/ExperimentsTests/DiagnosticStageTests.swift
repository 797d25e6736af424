import Foundation
import TestSupport
import Testing
import Warrant

/// A diagnostic, all of which is here: how a support model's predictions of the test documents share
/// out over the classes.
private struct PredictedClassesStage: Stage {
    static let kind = StageKind("predicted-classes", version: 1)
    static var inputs: [any Stage.Type] { [SupportStage.self] }

    let run: FreshRun
    let made: () -> Void

    var key: StageKey {
        StageKey(Self.kind, [("support", .string(run.support.key.name))])
    }

    func make(in graph: StageGraph) throws -> [Double] {
        made()
        let documents = try graph.output(of: run.documents)
        let model = try graph.output(of: run.support).model()
        let logits = model.logits(documents.data.test.tokenized, workers: documents.workers)
        let classes = logits.map(\.indexOfLargest)
        return documents.labels.indices.map { label in
            Double(classes.count { $0 == label }) / Double(classes.count)
        }
    }

    func kept(in graph: StageGraph) throws -> [Double]? {
        try graph.store.value(key) { (shares: [Double]) in shares.allSatisfy { (0...1) ~= $0 } }
    }

    func keep(_ output: [Double], in graph: StageGraph) throws {
        try graph.store.keep(output, as: key)
    }
}

@Suite("A diagnostic as a stage")
struct DiagnosticStageTests {
    private let tiny: TinyExperiment

    init() throws { tiny = try TinyExperiment() }

    /// Runs the diagnostic twice, in graphs of their own.
    ///
    /// - Parameter store: opens the store.
    /// - Returns: its output, how often it was made, and how many steps of training there were.
    private func run(
        _ store: () throws -> any StageStore
    ) throws -> (output: [Double], made: Int, reports: Int) {
        var (made, reports) = (0, 0)
        var outputs: [[Double]] = []
        for _ in 0..<2 {
            let graph = StageGraph(
                store: try store(), remembering: [DocumentsStage.self, SupportStage.self],
                report: { _ in reports += 1 })
            let stage = PredictedClassesStage(run: try tiny.run()) { made += 1 }
            outputs.append(try graph.output(of: stage))
        }
        #expect(outputs[0] == outputs[1] && outputs[0].reduce(0, +) == 1)
        return (outputs[0], made, reports)
    }

    /// Two epochs of three steps and a measurement each.
    private let trainingReports = 8

    @Test func anExperimentsFolderKeepsItAndItsModel() throws {
        let folder = tiny.folder.url.appendingPathComponent("stages")
        let store = StageFolder(folder: folder)
        _ = try store.prepare()
        let (output, made, reports) = try run { store }
        #expect(made == 1 && reports == trainingReports)
        let names = try tiny.names("stages")
        let key = PredictedClassesStage(run: try tiny.run()) {}.key.name
        #expect(names == ["\(key).json", try tiny.run().support.key.name])
        #expect(try run { NoStore() } == (output, 2, 2 * trainingReports))
    }

    @Test func soDoesACheckpoint() throws {
        let identity = RunIdentity(try tiny.run().support.key)
        let folder = tiny.folder.path + "/checkpoint"
        var checkpoint: TrainingCheckpoint?
        let (output, made, reports) = try run {
            checkpoint = nil
            let opened = try TrainingCheckpoint(
                folder: folder, run: identity, resumes: true, pace: .every(seconds: 1e-9)
            ) { _ in }
            checkpoint = opened
            return CheckpointStages(opened)
        }
        #expect(made == 1 && reports == trainingReports)
        let folderStore = StageFolder(folder: tiny.folder.url.appendingPathComponent("stages"))
        _ = try folderStore.prepare()
        #expect(try run { folderStore }.output == output)
        checkpoint?.remove()
        #expect(!FileManager.default.fileExists(atPath: folder))
    }

    @Test func scoresThatAreNoSharesAreRefusedWithTheirFile() throws {
        let folder = tiny.folder.url.appendingPathComponent("stages")
        let store = StageFolder(folder: folder)
        _ = try store.prepare()
        let run = try tiny.run()
        let words = try StageGraph(remembering: []).output(of: run.documents).wordCounts
        func scores(_ value: Float, test: Int) throws -> Splits<[SaliencyMap]> {
            let counts = Splits(
                train: words.train.reduce(0, +), dev: words.dev.reduce(0, +), test: test)
            let path = folder.appendingPathComponent(run.saliency.key.name)
            try? FileManager.default.removeItem(at: path)
            let names = Splits(train: "train", dev: "dev", test: "test")
            try store.keep(
                names.zip(counts).all.map { name, count in
                    SafetensorsTensor(
                        name: name, shape: [count], values: [Float](repeating: value, count: count))
                }, as: run.saliency.key)
            return try StageGraph(store: store, remembering: []).output(of: run.saliency)
        }
        let count = words.test.reduce(0, +)
        #expect(try scores(0.25, test: count).test.map(\.scores.count) == words.test)
        for (value, count, set) in [
            (2, count, "train"), (.nan, count, "train"), (0, count + 1, "test"), (0, 0, "test"),
        ] as [(Float, Int, String)] {
            let error = #expect(throws: WarrantError.self) { try scores(value, test: count) }
            #expect(error?.kind == .badData)
            #expect(
                error?.description.contains("saliency.safetensors: \(set) is not a score") == true)
        }
    }
}

import AttentionModels
import Encoders
import Foundation
import TestSupport
import Testing
import Warrant

@Suite("Stages that train classifiers with attention")
struct AttentionModelStageTests {
    private let folder: TemporaryFolder
    private let data: TrainingData

    init() throws {
        folder = try TemporaryFolder()
        data = try WordRows.data(40)
    }

    private func run(threads: Int = 1) throws -> AttentionRun {
        let data = data
        return try AttentionRun(
            WordRows.options("lstm", .additive, epochs: 2), workers: Workers(threads: threads)
        ) { data }
    }

    private func graph(
        _ name: String? = "stages",
        report: @escaping (TrainingProgress) throws -> Void = { _ in }
    ) throws -> StageGraph {
        let remembering: [any Stage.Type] = [WordDataStage.self, AttentionModelStage.self]
        guard let name else { return StageGraph(remembering: remembering, report: report) }
        let store = StageFolder(
            folder: folder.url.appendingPathComponent(name), pace: .every(seconds: 1e-9))
        _ = try store.prepare()
        return StageGraph(store: store, remembering: remembering, report: report)
    }

    private func values(_ model: AttentionClassifier) -> [[Float]] {
        model.parameters.all.map { model.parameters[$0].values }
    }

    @Test func aModelIsKeptAndReadAgain() throws {
        let made = try graph().output(of: run().model)
        var steps = 0
        let read = try graph { _ in steps += 1 }.output(of: run(threads: 2).model)
        #expect(steps == 0, "nothing is trained again")
        #expect(values(read.model) == values(made.model) && read.epoch == made.epoch)
        #expect(read.model.configuration.labels == data.labels)
        // Where nothing is kept it is trained to the same numbers, on any number of threads.
        let again = try graph(nil).output(of: run(threads: 2).model)
        #expect(values(again.model) == values(made.model))
    }

    @Test func aTrainingThatWasStoppedGoesOnToTheSameNumbers() throws {
        struct Stop: Error {}
        let whole = try graph(nil).output(of: run().model)
        for steps in [1, 3, 4] {
            var count = 0
            #expect(throws: Stop.self) {
                try graph("\(steps)") { _ in
                    count += 1
                    if count > steps { throw Stop() }
                }.output(of: run().model)
            }
            let outcome = try graph("\(steps)").output(of: run(threads: 2).model)
            #expect(values(outcome.model) == values(whole.model) && outcome.epoch == whole.epoch)
            let names = try FileManager.default.contentsOfDirectory(
                atPath: "\(folder.path)/\(steps)")
            #expect(names == [try run().model.key.name], "what was unfinished is gone")
        }
    }

    @Test func keysDependOnWhatTheModelDependsOn() throws {
        let run = try run()
        let changes: [(inout AttentionOptions) -> Void] = [
            { $0.encoder = "cnn" }, { $0.attention = .dot }, { $0.hiddenSize = 12 },
            { $0.embeddingSize = 13 }, { $0.minimumDocuments = 2 }, { $0.lengths.minimum = 2 },
            { $0.epochs = 3 }, { $0.batchSize = 8 }, { $0.learningRate = 0.1 },
            { $0.weightDecay = 0 }, { $0.seed = 6 },
        ]
        let keys = changes.map { run.with($0).model.key } + [run.model.key]
        #expect(Set(keys).count == changes.count + 1)
        let guided = run.model.guided(by: .uniform).key
        #expect(guided != run.model.key && run.model.guided(by: run.model).key != guided)
        #expect(try self.run(threads: 2).model.key == run.model.key)
    }

    @Test func tensorsThatAreNoModelAreRefusedWithWhatToDo() throws {
        let made = try graph().output(of: run().model)
        let place = folder.url.appendingPathComponent("stages/\(try run().model.key.name)")
        let file = place.appendingPathComponent("attention-model.safetensors")
        let sound = try SafetensorsFile(path: file.path)
        let tensors = try sound.names.map {
            SafetensorsTensor(
                name: $0, shape: sound.entry($0)?.shape ?? [], values: try sound.floats($0))
        }
        #expect(tensors.count == made.model.parameters.all.count + 2)
        for (name, damage) in [
            ("embedding_size", nil as Float?), ("embedding_size", 7), ("embedding_size", 1e9),
            ("epoch", nil), ("epoch", 0), ("epoch", .nan), ("output.bias", nil),
        ] {
            let damaged = tensors.compactMap { tensor -> SafetensorsTensor? in
                guard tensor.name == name else { return tensor }
                return damage.map { SafetensorsTensor(name: name, shape: [1], values: [$0]) }
            }
            try writeSafetensors(damaged, to: file.path)
            let error = #expect(throws: WarrantError.self) {
                try graph().output(of: run().model)
            }
            let text = "\(try #require(error))"
            #expect(text.contains(file.path) && text.contains("remove the folder"), "\(text)")
        }
        try Data("{".utf8).write(to: file)
        #expect(throws: WarrantError.self) { try graph().output(of: run().model) }
    }

    @Test func uniformAndGivenAttentionAreThatOfTheRun() throws {
        let graph = try graph(nil)
        let run = try run()
        let sets = try graph.output(of: run.data).sets
        guard case .own = try run.model.attention(sets, in: graph).dev else {
            Issue.record("a model has its own attention")
            return
        }
        let own = try graph.output(of: run.model).model
        guard
            case .given(let weights) = try run.model.guided(by: run.model)
                .attention(sets, in: graph).dev
        else {
            Issue.record("another model's attention is given")
            return
        }
        #expect(weights == own.attention(sets.dev, workers: Workers(threads: 1)))
        for (weights, text) in zip(weights, sets.dev.documents) {
            #expect(weights.count == text.ids.count - 2)
            #expect(abs(weights.reduce(0, +) - 1) < 1e-5)
        }
        let uniform = try own.probabilities(
            sets.dev, attention: .uniform, workers: Workers(threads: 1))
        #expect(uniform != (try own.probabilities(sets.dev, workers: Workers(threads: 1))))
    }
}

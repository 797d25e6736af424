import Foundation
import Synchronization
import TestSupport
import Testing
import Warrant

@Suite("Files that change while a model is read")
struct SwappedFilesTests {
    /// Two models of the same shape, of seeds 0 and 5.
    let models: [String]
    private let folder: TemporaryFolder

    init() throws {
        let tiny = try TinyModel.shared.get()
        folder = try TemporaryFolder()
        let other = folder.path + "/other"
        let run = try Command.run(tiny.training(output: other) + ["--seed", "5"])
        try #require(run.status == 0)
        models = [tiny.model, other]
    }

    private func logits(_ model: RationaleModel) throws -> [Float] {
        try #require(try model.classify(["a dull , lifeless film"])[0]).prediction.logits
    }

    private func load(_ path: String) throws -> RationaleModel {
        try RationaleModel(folder: URL(filePath: path), threads: 1, precision: .fp32)
    }

    @Test func theBytesThatWereDigestedAreTheBytesThatAnswer() throws {
        let place = folder.path + "/m"
        try FileManager.default.copyItem(atPath: models[0], toPath: place)
        let expected = try load(models[0])
        let opened = try ModelFolder(URL(filePath: place), workers: Workers(threads: 1))
        // Between the digest and the use, everything is another model's.
        for stage in ["support", "classifier"] {
            for name in try FileManager.default.contentsOfDirectory(atPath: "\(place)/\(stage)") {
                let bytes = try Data(
                    contentsOf: URL(filePath: "\(models[1])/\(stage)/\(name)"))
                try bytes.write(to: URL(filePath: "\(place)/\(stage)/\(name)"))
            }
        }
        try Data("{}".utf8).write(to: URL(filePath: place + "/classifier/added_tokens.json"))
        let model = try RationaleModel(opened, threads: 1, precision: .fp32)
        #expect(model.classifierIdentity.digest == expected.classifierIdentity.digest)
        #expect(try logits(model) == logits(expected))
        #expect(throws: WarrantError.self) { try load(place) }
    }

    @Test func aLinkThatIsFlippedNeverGivesAnAnswerUnderAnothersDigest() throws {
        let expected = try Dictionary(
            uniqueKeysWithValues: models.map { path in
                let model = try load(path)
                return (model.classifierIdentity.digest, try logits(model))
            })
        #expect(expected.count == 2 && Set(expected.values).count == 2)
        // A model whose classifier is one or the other, and a link to either model.
        let mixed = folder.path + "/mixed"
        try FileManager.default.copyItem(atPath: models[0], toPath: mixed)
        let links = [mixed + "/classifier", folder.path + "/link"]
        try FileManager.default.removeItem(atPath: links[0])
        let targets = models.map { [$0 + "/classifier", $0] }
        let isDone = Mutex(false)
        let ended = DispatchSemaphore(value: 0)
        let flipper = Thread {
            var turn = 0
            while !isDone.withLock({ $0 }) {
                for (index, link) in links.enumerated() {
                    symlink(targets[turn % 2][index], link + ".new")
                    rename(link + ".new", link)
                }
                turn += 1
                usleep(300)
            }
            ended.signal()
        }
        flipper.start()
        var outcomes = (loaded: 0, refused: 0)
        for round in 0..<50 {
            do {
                let model = try load(round % 2 == 0 ? mixed : links[1])
                #expect(try logits(model) == expected[model.classifierIdentity.digest])
                outcomes.loaded += 1
            } catch { outcomes.refused += 1 }
        }
        isDone.withLock { $0 = true }
        ended.wait()
        #expect(outcomes.loaded + outcomes.refused == 50 && outcomes.loaded > 0)
    }
}

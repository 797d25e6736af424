import Foundation
import TestSupport
import Testing
import Warrant

/// What stands in stages' files.
private enum Text {
    static let score = "{\"accuracy\": 0.5, \"documents\": 2, \"macro_f1\": 0.25}"
    static let scores = """
        {"best_epoch": 1, "dev": \(score), "seconds": 3, "test": \(score), "test_labels": [0, 1],
         "test_logits": [[0.5, 1], [2, 3]]}
        """
    static let outcome = """
        {"best_epoch": 1, "dev": \(score), "seconds": 3, "test": \(score), "test_labels": [0, 1],
         "rationale_share": 0.2, "test_predictions": [1, 1], "plausibility": {"token_precision": 0,
         "token_recall": 1, "token_f1": 0.5, "iou_f1": 0.5}}
        """
    /// What stands in a file, and what must not stand there.
    static let damages: [(part: String, damage: String)] = [
        ("\"test_labels\": [0, 1]", "\"test_labels\": [2000000000, 1]"),
        ("\"test_labels\": [0, 1]", "\"test_labels\": [-1, 1]"),
        ("\"test_labels\": [0, 1]", "\"test_labels\": [0, 1, 1]"),
        ("\"test\": \(score),", ""),
        ("\"test\": \(score)", "\"test\": \(score.replacing("2,", with: "3,"))"),
        ("\"dev\": \(score)", "\"dev\": \(score.replacing("0.25", with: "1e300"))"),
        ("\"dev\": \(score)", "\"dev\": \(score.replacing("0.5", with: "-0.5"))"),
        ("\"best_epoch\": 1", "\"best_epoch\": 0"), ("\"seconds\": 3", "\"seconds\": -3"),
    ]
}

@Suite("Stages on disk")
struct StageFolderTests {
    private let folder: TemporaryFolder
    private let store: StageFolder
    private let model: SequenceClassifier
    private let support = StageKey(SupportStage.kind, [])
    private let saliency = StageKey(SaliencyStage.kind, [])
    private let cell = StageKey(CellStage.kind, [])

    init() throws {
        folder = try TemporaryFolder()
        store = StageFolder(folder: URL(fileURLWithPath: folder.path))
        let configuration = EncoderConfiguration(
            hiddenSize: 8, layers: 1, heads: 2, intermediateSize: 8, vocabularySize: 8,
            maximumLength: 8)
        model = SequenceClassifier(configuration, labels: ["a", "b"])
    }

    private func scores(seconds: Int = 3) throws -> StageScores {
        let text = Text.scores.replacing("\"seconds\": 3", with: "\"seconds\": \(seconds)")
        return try JSONDecoder().decode(StageScores.self, from: Data(text.utf8))
    }

    private func names(_ path: String = "") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(folder.path)/\(path)").sorted()
    }

    /// The scores that are kept beside a model, which is named by its digest.
    private func kept() throws -> StageScores {
        var kept = try #require(try store.model(support, classes: 2)).scores
        #expect(
            try kept.modelDigest
                == FileDigests.stage(folder.url.appendingPathComponent(support.name)))
        kept.modelDigest = nil
        return kept
    }

    @Test func aModelThatAnotherRunKeptMeanwhileStays() throws {
        try store.keep(model, scores(), as: support)
        try store.keep(model, scores(seconds: 4), as: support)
        #expect(try kept() == scores())
        #expect(try names() == [support.name])
    }

    // After the look whether it is there, and before the write.
    @Test func aModelThatAnotherRunKeepsAfterTheFirstLookStays() throws {
        let (model, first, support, url) = (model, try scores(), support, folder.url)
        let late = StageFolder(
            folder: url,
            writing: { write in
                try StageFolder(folder: url).keep(model, first, as: support)
                try write()
            })
        try late.keep(model, scores(seconds: 4), as: support)
        #expect(try kept() == first)
        #expect(try names() == [support.name], "nothing is left behind")
    }

    @Test(arguments: [nil, "{", "{}", Text.scores.replacing("[0, 1]", with: "[0]")])
    func anIncompleteModelIsReplaced(_ damaged: String?) throws {
        try folder.file("\(support.name)/model.safetensors", "of a disk that was full")
        if let damaged { try folder.file("\(support.name)/scores.json", damaged) }
        try store.keep(model, scores(), as: support)
        #expect(try kept() == scores())
        let kept = try #require(try store.model(support, classes: 2))
        #expect(try kept.load().labels == ["a", "b"])
        #expect(try names() == [support.name])
    }

    @Test func aDamagedModelIsToldWithItsFolder() throws {
        try folder.file("\(support.name)/scores.json", "{}")
        let absent = StageKey(SupportStage.kind, [("another", .null)])
        #expect(try store.model(absent, classes: 2) == nil)
        let errors = [
            #expect(throws: WarrantError.self) { try store.model(support, classes: 2) },
            // A sound model, and another than was trained.
            #expect(throws: WarrantError.self) {
                try store.keep(model, scores(), as: support)
                let other = SequenceClassifier(model.configuration, labels: model.labels)
                    .randomized(seed: 3, range: 1)
                try other.save(to: folder.url.appendingPathComponent(support.name))
                _ = try #require(try store.model(support, classes: 2)).load()
            },
        ]
        for error in errors {
            #expect(error?.kind == .badData)
            #expect(
                error?.description.hasSuffix(
                    "remove the folder \(folder.path)/\(support.name), so that it is made again")
                    == true)
        }
    }

    // MARK: Tensors

    /// Tensors with these values.
    private func tensors(_ train: [Float], dev: [Float] = [0, 0]) -> [SafetensorsTensor] {
        [("train", train), ("dev", dev)].map { name, values in
            SafetensorsTensor(name: name, shape: [values.count], values: values)
        }
    }

    /// The values of the first; those above 1 are a flaw.
    private func train(_ file: SafetensorsFile) throws -> [Float] {
        let train = try file.floats("train")
        if train.contains(where: { $0 > 1 }) { throw StageFlaw("train is too large") }
        return train
    }

    private func kept() throws -> [Float]? {
        try store.tensors(saliency, called: "scores", train)
    }

    @Test func tensorsAreKeptToTheBit() throws {
        #expect(try kept() as [Float]? == nil)
        try store.keep(tensors([0.1, 0.7, .leastNonzeroMagnitude]), as: saliency)
        #expect(try kept() == [0.1, 0.7, .leastNonzeroMagnitude])
        try store.keep(tensors([0.5, 0.5, 0.5]), as: saliency)
        #expect(
            try kept() == [0.1, 0.7, .leastNonzeroMagnitude], "what another run kept stays")
        #expect(try names() == [saliency.name])
        #expect(try names(saliency.name) == ["saliency.safetensors"])
    }

    @Test func damagedTensorsAreToldWithTheirFolder() throws {
        let file = "\(folder.path)/\(saliency.name)/saliency.safetensors"
        let remedy = "; remove the folder \(folder.path)/\(saliency.name), so that it is made again"
        try store.keep(tensors([2]), as: saliency)
        let flaw = #expect(throws: WarrantError.self) { try kept() as [Float]? }
        #expect(flaw?.kind == .badData)
        #expect(flaw?.description == "\(file): train is too large" + remedy)
        try folder.file("\(saliency.name)/saliency.safetensors", "of a disk that was full")
        let damage = #expect(throws: WarrantError.self) { try kept() as [Float]? }
        #expect(damage?.kind == .badData)
        #expect(damage?.description.hasPrefix(file) == true)
        #expect(damage?.description.hasSuffix(remedy) == true)
        try store.keep(tensors([1]), as: saliency)
        #expect(try kept() == [1], "it is replaced")
    }

    // MARK: Values

    private func check<Value: Decodable>(
        _ isSound: (Value) -> Bool, _ text: String, _ part: String, _ damage: String
    ) throws {
        try folder.file("\(cell.name).json", text)
        #expect(try store.value(cell, where: isSound) != nil)
        let damaged = text.replacing(part, with: damage)
        #expect(damaged != text)
        let path = try folder.file("\(cell.name).json", damaged)
        let error = #expect(throws: WarrantError.self) {
            _ = try store.value(cell, where: isSound)
        }
        #expect(
            error?.description
                == "\(path): is not what an experiment wrote; remove it, so that it is made again")
    }

    private func scoresAgree(_ scores: StageScores) -> Bool { scores.isConsistent(classes: 2) }

    private func outcomeAgrees(_ outcome: ExperimentResult.Outcome) -> Bool {
        outcome.isConsistent(classes: 2)
    }

    @Test(arguments: Text.damages) func partsThatDisagreeAreNotBelieved(
        _ damage: (part: String, damage: String)
    ) throws {
        try check(scoresAgree, Text.scores, damage.part, damage.damage)
        try check(outcomeAgrees, Text.outcome, damage.part, damage.damage)
    }

    @Test(arguments: ["[]", "[[0.5, 1]]", "[[0.5, 1], [2]]", "[[0.5, 1], []]"])
    func logitsAreThoseOfTheDocuments(_ logits: String) throws {
        try check(scoresAgree, Text.scores, "[[0.5, 1], [2, 3]]", logits)
    }

    @Test(arguments: [("[1, 1]", "[1]"), ("[1, 1]", "[1, 2]"), ("0.2", "2"), ("\": 0,", "\": 9,")])
    func predictionsAndSharesLieWhereTheyCan(_ part: String, _ damage: String) throws {
        try check(outcomeAgrees, Text.outcome, part, damage)
    }
}

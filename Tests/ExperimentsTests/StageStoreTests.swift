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
struct StageStoreTests {
    private let folder: TemporaryFolder
    private let store: StageStore
    private let model: SequenceClassifier

    init() throws {
        folder = try TemporaryFolder()
        store = StageStore(folder: URL(fileURLWithPath: folder.path))
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
        var kept = try #require(try store.supportScores("support-x", classes: 2))
        #expect(
            try kept.modelDigest
                == FileDigests.stage(folder.url.appendingPathComponent("support-x")))
        kept.modelDigest = nil
        return kept
    }

    @Test func aModelThatAnotherRunKeptMeanwhileStays() throws {
        try store.keep(model, scores(), as: "support-x")
        try store.keep(model, scores(seconds: 4), as: "support-x")
        #expect(try kept() == scores())
        #expect(try names() == ["support-x"])
    }

    // After the look whether it is there, and before the write.
    @Test func aModelThatAnotherRunKeepsAfterTheFirstLookStays() throws {
        let (other, model, first) = (store, model, try scores())
        let late = StageStore(folder: URL(fileURLWithPath: folder.path)) { write in
            try other.keep(model, first, as: "support-x")
            try write()
        }
        try late.keep(model, scores(seconds: 4), as: "support-x")
        #expect(try kept() == first)
        #expect(try names() == ["support-x"], "nothing is left behind")
    }

    @Test(arguments: [nil, "{", "{}", Text.scores.replacing("[0, 1]", with: "[0]")])
    func anIncompleteModelIsReplaced(_ damaged: String?) throws {
        try folder.file("support-x/model.safetensors", "of a disk that was full")
        if let damaged { try folder.file("support-x/scores.json", damaged) }
        try store.keep(model, scores(), as: "support-x")
        #expect(try kept() == scores())
        let kept = try #require(try store.supportScores("support-x", classes: 2))
        #expect(try store.support("support-x", kept).labels == ["a", "b"])
        #expect(try names() == ["support-x"])
    }

    @Test func aDamagedModelIsToldWithItsFolder() throws {
        try folder.file("support-x/scores.json", "{}")
        #expect(try store.supportScores("support-y", classes: 2) == nil)
        let errors = [
            #expect(throws: WarrantError.self) {
                try store.supportScores("support-x", classes: 2)
            },
            #expect(throws: WarrantError.self) { try store.support("support-x", scores()) },
            // A sound model, and another than was trained.
            #expect(throws: WarrantError.self) {
                try store.keep(model, scores(), as: "support-x")
                let kept = try #require(try store.supportScores("support-x", classes: 2))
                _ = try store.support("support-x", kept)
                let other = SequenceClassifier(
                    model.configuration, labels: model.labels
                ).randomized(seed: 3, range: 1)
                try other.save(to: folder.url.appendingPathComponent("support-x"))
                _ = try store.support("support-x", kept)
            },
        ]
        for error in errors {
            #expect(error?.kind == .badData)
            #expect(
                error?.description.hasSuffix(
                    "remove the folder \(folder.path)/support-x, so that it is made again") == true)
        }
    }

    // MARK: Saliency

    /// Two documents to learn from, one that decides, and none to be measured.
    private let maps = Splits(
        train: [SaliencyMap(normalizing: [1, 2, 4]), SaliencyMap(normalizing: [0.1])],
        dev: [SaliencyMap(normalizing: [0, 0])], test: [])
    private let words = Splits(train: [3, 1], dev: [2], test: [])

    @Test func scoresAreKeptToTheBit() throws {
        #expect(try store.saliency("saliency-x", words: words) == nil)
        try store.keep(maps, as: "saliency-x")
        let kept = try #require(try store.saliency("saliency-x", words: words))
        #expect(kept.train == maps.train && kept.dev == maps.dev && kept.test == maps.test)
        try store.keep(maps, as: "saliency-x")
        #expect(try names() == ["saliency-x"])
    }

    @Test func damagedScoresAreToldWithTheirFolder() throws {
        func write(_ train: [Float]) throws {
            try folder.file("saliency-x/other", "")
            try writeSafetensors(
                [("train", train), ("dev", [0, 0]), ("test", [])].map { name, values in
                    SafetensorsTensor(name: name, shape: [values.count], values: values)
                }, to: folder.path + "/saliency-x/saliency.safetensors")
        }
        try write([0.25, 0.25, 0.5, 1])
        #expect(try store.saliency("saliency-x", words: words) != nil)
        for train: [Float] in [
            [], [0.5, 0.5, 0], [0, 0, 0, 0, 0], [0, 0, 0, .nan], [2, 0, 0, -1],
        ] {
            try write(train)
            let error = #expect(throws: WarrantError.self) {
                try store.saliency("saliency-x", words: words)
            }
            #expect(error?.kind == .badData)
            #expect(
                error?.description
                    == "\(folder.path)/saliency-x/saliency.safetensors: train is not a score for each "
                    + "word of the data; remove the folder \(folder.path)/saliency-x, so that it is "
                    + "made again")
        }
        try folder.file("saliency-x/saliency.safetensors", "of a disk that was full")
        #expect(throws: WarrantError.self) { try store.saliency("saliency-x", words: words) }
        try store.keep(maps, as: "saliency-x")
        #expect(try store.saliency("saliency-x", words: words) != nil, "it is replaced")
    }

    private func check<Value: StageValue>(
        _: Value.Type, _ text: String, _ part: String, _ damage: String
    ) throws {
        try folder.file("cell-x.json", text)
        let value: Value? = try store.value("cell-x", classes: 2)
        #expect(value != nil)
        let damaged = text.replacing(part, with: damage)
        #expect(damaged != text)
        let path = try folder.file("cell-x.json", damaged)
        let error = #expect(throws: WarrantError.self) {
            let _: Value? = try store.value("cell-x", classes: 2)
        }
        #expect(
            error?.description
                == "\(path): is not what an experiment wrote; remove it, so that it is made again")
    }

    @Test(arguments: Text.damages) func partsThatDisagreeAreNotBelieved(
        _ damage: (part: String, damage: String)
    ) throws {
        try check(StageScores.self, Text.scores, damage.part, damage.damage)
        try check(ExperimentResult.Outcome.self, Text.outcome, damage.part, damage.damage)
    }

    @Test(arguments: ["[]", "[[0.5, 1]]", "[[0.5, 1], [2]]", "[[0.5, 1], []]"])
    func logitsAreThoseOfTheDocuments(_ logits: String) throws {
        try check(StageScores.self, Text.scores, "[[0.5, 1], [2, 3]]", logits)
    }

    @Test(arguments: [("[1, 1]", "[1]"), ("[1, 1]", "[1, 2]"), ("0.2", "2"), ("\": 0,", "\": 9,")])
    func predictionsAndSharesLieWhereTheyCan(_ part: String, _ damage: String) throws {
        try check(ExperimentResult.Outcome.self, Text.outcome, part, damage)
    }
}

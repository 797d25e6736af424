import AttentionModels
import Encoders
import Files
import Foundation
import TestSupport
import Testing
import Warrant

/// FRESH with encoders of words, from the rows to a folder's answers.
@Suite("Rationale models of encoders of words")
struct WordRationaleModelTests {
    /// A kind of model and of rows.
    static let kinds: [(encoder: String, attention: AttentionScore, classes: Int, queries: Bool)] =
        [
            ("lstm", .additive, 2, false), ("cnn", .dot, 3, false), ("average", .additive, 2, true),
            ("lstm", .dot, 3, true),
        ]
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func training(
        _ kind: (encoder: String, attention: AttentionScore, classes: Int, queries: Bool),
        threads: Int = 1, epochs: Int = 3, _ change: (inout TrainingOptions) -> Void = { _ in }
    ) throws -> (training: RationaleTraining, origin: WordEncoderOrigin, data: TrainingData) {
        let data = try WordRows.data(60, classes: kind.classes, queries: kind.queries)
        let words = WordRows.options(kind.encoder, kind.attention, epochs: epochs)
        let origin = try WordEncoderOrigin(words, data: data)
        var options = TrainingOptions()
        options.recipe = origin.usualRecipe
        options.scorer = origin.usualScorer
        options.selection = ThresholderSettings(.topK, ratio: 0.4)
        options.threads = threads
        options.seed = 4
        change(&options)
        return (RationaleTraining(origin: origin, data: data, options: options), origin, data)
    }

    private func write(
        _ outcome: RationaleTraining.Outcome, _ origin: WordEncoderOrigin, _ name: String
    ) throws -> URL {
        let place = folder.url.appendingPathComponent(name)
        try FileManager.default.createDirectory(at: place, withIntermediateDirectories: true)
        try outcome.model.write(
            to: place, tokenizer: origin.tokenizerFiles(), as: .f32,
            card: ModelCard(data: [], chunkedDocuments: 0, weights: .f32))
        return place
    }

    private func files(_ place: URL) throws -> [String: Data] {
        var files: [String: Data] = [:]
        for name in try FileManager.default.subpathsOfDirectory(atPath: place.path) {
            files[name] = FileManager.default.contents(atPath: "\(place.path)/\(name)")
        }
        return files
    }

    @Test(arguments: kinds)
    func aModelIsTrainedWrittenAndOpened(
        _ kind: (encoder: String, attention: AttentionScore, classes: Int, queries: Bool)
    ) throws {
        let (training, origin, data) = try training(kind, epochs: 8)
        let outcome = try training.run()
        let place = try write(outcome, origin, "m")
        let model = try RationaleModel(folder: place, threads: 2)
        #expect(model.support is WordClassifier && model.classifier.model is WordClassifier)
        #expect(model.manifest.scorer == "attention")
        let record = model.manifest.training
        #expect(record.encoder == kind.encoder && record.wordModel?.hiddenSize == 8)
        #expect(record.wordModel?.vocabulary == model.support.configuration.vocabularySize - 4)
        #expect(record.support.dev.accuracy > 0.6, "a word tells the class")

        let documents = data.test.map(\.document)
        let answers = try model.classify(documents)
        let before = try outcome.model.classify(documents)
        for (answer, other) in zip(answers, before) {
            let (answer, other) = (try #require(answer), try #require(other))
            #expect(answer.prediction == other.prediction)
            #expect(answer.rationale.words == other.rationale.words)
            #expect(answer.prediction.logits.count == kind.classes)
            guard case .holds = try model.check(answer.certificate) else {
                Issue.record("\(try model.check(answer.certificate))")
                continue
            }
        }
        #expect(
            try model.extract(documents).map { $0?.rationale.words }
                == answers.map { $0?.rationale.words })
        // Other words have other logits, so that a certificate says something.
        var words = try #require(answers[0]).classifierInput.words
        words[0] = "another"
        let altered = try #require(
            try model.predict([
                RationaleWords(words: words, query: documents[0].query)
            ])[0])
        #expect(altered.logits != answers[0]?.prediction.logits)
    }

    @Test(arguments: kinds)
    func theSameSeedGivesTheSameBytesOnAnyThreads(
        _ kind: (encoder: String, attention: AttentionScore, classes: Int, queries: Bool)
    ) throws {
        var written: [[String: Data]] = []
        for threads in [1, 2] {
            let (training, origin, _) = try training(kind, threads: threads)
            written.append(
                try files(write(try training.run(), origin, "\(threads)")))
        }
        #expect(written[0] == written[1] && written[0].count == 8)
        let (training, origin, _) = try training(kind) { $0.seed = 5 }
        let other = try files(write(try training.run(), origin, "other"))
        #expect(
            other["support/model.safetensors"] != written[0]["support/model.safetensors"])
    }

    @Test func longTextsAreOneChunkUnlessALengthIsGiven() throws {
        let whole = try training(Self.kinds[2])
        #expect(try whole.training.run().chunkedDocuments == 0)
        let (cut, origin, data) = try training(Self.kinds[2]) { $0.recipe.maximumLength = 14 }
        let outcome = try cut.run()
        #expect(outcome.chunkedDocuments > 10)
        let model = try RationaleModel(folder: write(outcome, origin, "m"), threads: 1)
        #expect(model.manifest.chunk.length == 14)
        for answer in try model.classify(data.test.map(\.document)) {
            guard case .holds = try model.check(#require(answer).certificate) else {
                Issue.record("a certificate that does not hold")
                return
            }
        }
    }

    @Test func everythingThatAModelDependsOnIsInItsDigest() throws {
        let data = try WordRows.data(40)
        func digest(
            _ data: TrainingData, _ change: (inout AttentionOptions) -> Void = { _ in }
        ) throws -> String {
            var options = WordRows.options("lstm", .additive)
            change(&options)
            return try WordEncoderOrigin(options, data: data).digest()
        }
        let vectors = try folder.file("vectors.txt", "film 1 2\nstory 3 4\n")
        let other = try folder.file("other.txt", "film 1 2\nstory 3 5\n")
        let digests = [
            try digest(data), try digest(data) { $0.encoder = "cnn" },
            try digest(data) { $0.attention = .dot }, try digest(data) { $0.hiddenSize = 12 },
            try digest(data) { $0.embeddingSize = 13 },
            try digest(data) { $0.minimumDocuments = 30 },
            try digest(data) { ($0.embeddings, $0.embeddingSize) = (.vectors(vectors), nil) },
            try digest(data) { ($0.embeddings, $0.embeddingSize) = (.vectors(other), nil) },
            try digest(WordRows.data(4)), try digest(WordRows.data(40, queries: true)),
        ]
        #expect(Set(digests).count == digests.count)
        #expect(try digest(data) { $0.epochs = 9 } == digests[0], "the recipe is in the keys")
    }

    @Test func optionsThatDoNotGoWithItAreRefusedInOneLine() throws {
        let refusals: [((inout TrainingOptions) -> Void, String)] = [
            ({ $0.tagging = .init() }, "makes no tagger"),
            ({ $0.words = .unicode }, "white space"),
            ({ $0.recipe.warmup = 0.1 }, "constant rate"),
            ({ $0.scorer = "cls-attention" }, "layers of a transformer"),
        ]
        for (change, fact) in refusals {
            let error = #expect(throws: (any Error).self) {
                try training(Self.kinds[0], change).training.run()
            }
            let text = "\(try #require(error))"
            #expect(text.contains(fact) && text.contains("lstm"), "\(text)")
            #expect(!text.contains("\n"))
        }
    }
}

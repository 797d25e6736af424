import Encoders
import Files
import Foundation
import Tensors
import TestSupport
import Testing
import Tokenization

@Suite("Classifiers with attention as classifiers of texts")
struct WordClassifierTests {
    private let workers = Workers(threads: 2)
    private let vocabulary = WordVocabulary(
        of: ["a bright warm film", "a dull cold story", "what was it like"], minimumDocuments: 1)

    private func model(
        _ encoder: String = "lstm", _ attention: AttentionScore = .additive, pairs: Bool = false,
        labels: [String] = ["bad", "good"]
    ) throws -> WordClassifier {
        let model = AttentionClassifier(
            AttentionConfiguration(
                encoder: try #require(WordEncoders.named(encoder)), attention: attention,
                shape: WordEncoderShape(
                    vocabularySize: vocabulary.words.count, embeddingSize: 8, hiddenSize: 8),
                labels: labels, readsPairs: pairs))
        model.initialize(seed: 2)
        return WordClassifier(model)
    }

    private func read(_ text: String, _ query: String? = nil) throws -> TokenizedDocument {
        try vocabulary.tokenizer().tokenize(text, query: query, maximumLength: .max)
    }

    @Test func theOneLogitBecomesOneForEachClass() throws {
        let model = try model()
        let texts = try ["a bright film", "a dull dull story", ""].map { try read($0) }
        let classes = model.logits(texts, workers: workers)
        let own = model.model.logits(texts, workers: workers)
        #expect(own.allSatisfy { $0.count == 1 })
        for (classes, own) in zip(classes, own) {
            #expect(classes == [-own[0] / 2, own[0] / 2])
            let (softmax, sigmoid) = (
                CrossEntropy.probabilities(classes), AttentionClassifier.probabilities(own)
            )
            #expect(zip(softmax, sigmoid).allSatisfy { abs($0 - $1) < 1e-7 })
        }
    }

    @Test(arguments: WordEncoders.names, AttentionScore.allCases)
    func aQueryAndItsTextAreReadAsTwoSequences(
        _ encoder: String, _ attention: AttentionScore
    ) throws {
        let model = try model(encoder, attention, pairs: true)
        let pairs = [("a bright warm film", "what was it"), ("a dull story", ""), ("film", "it")]
        let together = try pairs.map { try read($0, $1) }
        let texts = try pairs.map { try read($0.0) }
        let questions = try pairs.map { try read($0.1) }
        let wanted: Set<TraceQuantity> = [.wordAttention, .wordEmbeddings, .wordEmbeddingGradients]
        let traces = model.trace(together, wanted, workers: workers)
        let own = model.model.trace(texts, questions: questions, wanted, workers: workers) { $1 }
        for index in pairs.indices {
            #expect(traces[index].logits == own[index].logits)
            #expect(traces[index].tokens == together[index].ids.count)
            let before = together[index].ids.count - texts[index].ids.count
            for (quantity, width) in [
                (TraceQuantity.wordAttention, 1), (.wordEmbeddings, 8),
                (.wordEmbeddingGradients, 8),
            ] {
                let all = try #require(traces[index][quantity])
                let text = try #require(own[index][quantity])
                #expect(Array(all.suffix(text.count - width)) == Array(text.dropFirst(width)))
                #expect(Array(all.prefix(width)) == Array(text.prefix(width)))
                #expect(
                    all[width..<(width * (before + 1))].allSatisfy { $0 == 0 },
                    "a query has no part in \(quantity)")
            }
            #expect(
                WordClassifier.textTokens(together[index], readsPairs: true)
                    == texts[index].ids.count)
        }
        #expect(model.logits(together, workers: workers) == own.map(\.logits))
    }

    @Test func aTextWithoutAQueryIsReadByAModelOfPairsToo() throws {
        let model = try model(pairs: true)
        let own = model.model.logits(
            [try read("a film")], questions: [try read("")], workers: workers)
        #expect(model.logits([try read("a film")], workers: workers) == own)
    }

    @Test func chunksShareADocumentsLoss() throws {
        let model = try model(labels: ["a", "b", "c"])
        let chunks = try ["a bright film", "a dull story", "it"].map { try read($0) }
        func step(_ chunks: [TokenizedDocument], _ counts: [Int]) -> ([Double], [[Float]]) {
            let gradients = Gradients(for: model.parameters)
            gradients.begin()
            let tape = Tape(worker: Worker(), parameters: model.parameters, gradients: gradients)
            let losses = model.trainingPass(
                chunks, counts: counts, labels: counts.map { _ in 1 },
                scales: counts.map { _ in 2 }, weight: 0.5, on: tape)
            gradients.finish()
            // A weight's gradient is a batch's, and follows from the others.
            let parameters = model.parameters.all.filter { $0.kind != .weight }
            return (losses, parameters.map { gradients[$0] })
        }
        // A document that is read twice says what it says once.
        let (once, gradient) = step([chunks[0]], [1])
        let (twice, same) = step([chunks[0], chunks[0]], [2])
        #expect(zip(once, twice).allSatisfy { abs($0 - $1) < 1e-6 })
        for (left, right) in zip(gradient, same) { #expect(largestDifference(left, right) < 1e-6) }
        #expect(step(chunks, [2, 1]).0.count == 2)
    }

    @Test func configurationsSayWhatTheyRead() throws {
        let (single, pairs) = (try model().configuration, try model(pairs: true).configuration)
        try single.check(haveQueries: false, at: "x")
        try pairs.check(haveQueries: true, at: "x")
        for (configuration, haveQueries) in [(single, true), (pairs, false)] {
            let error = #expect(throws: EncoderError.self) {
                try configuration.check(haveQueries: haveQueries, at: "x")
            }
            #expect("\(try #require(error))".contains("quer"))
        }
        #expect(single.passBytes(tokens: 1_000) > 4_000 * 8)
        // Windows of 1, 3, 5 and 7 embeddings stand beside each other.
        let shape = WordEncoderShape(vocabularySize: 9)
        #expect(ConvolutionalEncoder.passNumbers(shape) > 16 * shape.embeddingSize)
        #expect(LSTMEncoder.passNumbers(shape) > 8 * shape.hiddenSize)
        #expect(
            single.passBytes(tokens: 10, [.wordEmbeddingGradients]) > single.passBytes(tokens: 10))
    }

    // MARK: Folders

    @Test(arguments: WordEncoders.names)
    func aFolderIsOpenedByItsKind(_ encoder: String) throws {
        let model = try model(encoder, pairs: true)
        try withFolder([String: String]()) { folder in
            try model.save(to: folder, as: .f32)
            let again = try TextClassifiers.open(FolderFiles(folder.path))
            #expect(again is WordClassifier && again.labels == model.labels)
            let text = try read("a bright film", "what was it")
            #expect(
                again.logits([text], workers: workers) == model.logits([text], workers: workers))
        }
    }

    @Test func kindsHaveNamesOfTheirOwn() {
        let types = TextClassifiers.all.flatMap(\.modelTypes)
        #expect(Set(types).count == types.count)
        #expect(Set(types).isSuperset(of: WordEncoders.names + ["bert", "roberta", "distilbert"]))
    }

    @Test(arguments: [
        ("\"lstm\"", "\"gru\"", ["config.json", "model_type", "gru", "bert", "lstm"]),
        ("\"tanh\"", "\"cosine\"", ["config.json", "attention", "cosine"]),
        ("\"hidden_size\":8", "\"hidden_size\":12", ["model.safetensors", "numbers"]),
        ("\"hidden_size\":8", "\"hidden_size\":10", ["config.json", "multiple of 4"]),
        ("\"hidden_size\":8", "\"hidden_size\":8e9", ["config.json", "hidden_size"]),
        ("\"embedding_size\":8", "\"embedding_size\":9", ["model.safetensors", "numbers"]),
        ("\"reads_pairs\":false", "\"reads_pairs\":true", ["model.safetensors", "numbers"]),
        ("\"1\":\"good\"", "\"1\":\"good\",\"2\":\"other\"", ["model.safetensors", "numbers"]),
        (",\"1\":\"good\"", "", ["config.json", "id2label"]),
    ])
    func aConfigurationThatDoesNotFitIsRefused(
        _ sound: String, _ damage: String, _ facts: [String]
    ) throws {
        let model = try model()
        try withFolder([String: String]()) { folder in
            try model.save(to: folder, as: .f32)
            let file = folder.appendingPathComponent("config.json")
            let text = try String(contentsOf: file, encoding: .utf8)
            try #require(text.contains(sound), "\(text)")
            try text.replacing(sound, with: damage).write(
                to: file, atomically: true, encoding: .utf8)
            expectRefusal(folder, facts)
        }
    }

    @Test func weightsThatAreDamagedAreRefused() throws {
        let model = try model()
        func save(_ tensors: [SafetensorsTensor], _ facts: [String]) throws {
            try withFolder([String: String]()) { folder in
                try model.save(to: folder, as: .f32)
                try writeSafetensors(
                    tensors, to: folder.appendingPathComponent("model.safetensors").path)
                expectRefusal(folder, ["model.safetensors"] + facts)
            }
        }
        let tensors = model.parameters.all.map {
            SafetensorsTensor(
                name: $0.name, shape: $0.shape, values: model.parameters[$0].values)
        }
        try save(Array(tensors.dropLast()), ["numbers"])
        let last = try #require(model.parameters.all.last)
        let other = SafetensorsTensor(
            name: "other", shape: last.shape, values: model.parameters[last].values)
        try save(tensors.dropLast() + [other], ["'\(last.name)' is missing"])
        var values = model.parameters[last].values
        values[0] = .nan
        try save(
            tensors.dropLast()
                + [SafetensorsTensor(name: last.name, shape: last.shape, values: values)],
            [last.name, "not finite"])
    }

    private func expectRefusal(_ folder: URL, _ facts: [String]) {
        let error = #expect(throws: (any Error).self) {
            try TextClassifiers.open(FolderFiles(folder.path))
        }
        let text = error.map { "\($0)" } ?? ""
        #expect(!text.contains("\n"))
        for fact in facts { #expect(text.contains(fact), "\(fact): \(text)") }
    }
}

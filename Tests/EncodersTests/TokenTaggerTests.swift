import Encoders
import Foundation
import Optimization
import Tensors
import TestSupport
import Testing
import Tokenization

/// The tagger on random weights: its loss against its definition, its gradients against differences.
@Suite struct TokenTaggerTests {
    /// [CLS] and three words of 2, 1 and 3 pieces, and a second chunk that shares the last.
    private static let chunks = [
        TokenizedDocument(
            ids: [2, 5, 6, 7, 8, 9, 10, 3], segmentIDs: Array(repeating: 0, count: 8),
            offsets: [0..<0, 0..<1, 1..<2, 3..<4, 5..<6, 6..<7, 7..<8, 0..<0],
            wordIndices: [-1, 0, 0, 1, 2, 2, 2, -1], words: [0..<2, 3..<4, 5..<8, 9..<10],
            wholeWords: 0..<3),
        TokenizedDocument(
            ids: [2, 8, 9, 10, 4, 3], segmentIDs: Array(repeating: 0, count: 6),
            offsets: [0..<0, 5..<6, 6..<7, 7..<8, 9..<10, 0..<0],
            wordIndices: [-1, 2, 2, 2, 3, -1], words: [0..<2, 3..<4, 5..<8, 9..<10],
            wholeWords: 2..<4),
    ]

    private static func tagger(_ family: EncoderFamily = .bert) -> TokenTagger {
        let configuration = EncoderConfiguration(
            hiddenSize: 16, layers: 2, heads: 2, intermediateSize: 32, vocabularySize: 12,
            maximumLength: 16
        ).adapted(to: family)
        return TokenTagger(configuration).randomized(seed: 3, range: 0.5)
    }

    private static func loss(_ tagger: TokenTagger, gradients: Gradients? = nil) -> Double {
        let worker = Worker()
        let tape = Tape(
            worker: worker, parameters: tagger.parameters, gradients: gradients,
            isRecording: true)
        return tagger.trainingPass(
            PackedBatch(chunks), chunks: chunks, counts: [2],
            targets: [[true, false, false], [false, true]], positiveWeight: 4, weight: 1, on: tape)[
                0]
    }

    @Test(arguments: EncoderFamily.allCases)
    func aWordsProbabilityIsTheLargestOfItsPiecesAndDoesNotDependOnTheBatch(
        _ family: EncoderFamily
    ) {
        let tagger = Self.tagger(family)
        let both = tagger.probabilities(Self.chunks, workers: Workers(threads: 2))
        #expect(both.map(\.count) == [3, 2])
        #expect(both.joined().allSatisfy { $0 > 0 && $0 < 1 })
        for (index, chunk) in Self.chunks.enumerated() {
            let alone = tagger.probabilities([chunk], workers: Workers(threads: 1))
            #expect(alone[0].map(\.bitPattern) == both[index].map(\.bitPattern))
        }
        // Of its pieces alone each has at most the word's.
        let pieces = TokenizedDocument(
            ids: Self.chunks[0].ids, segmentIDs: Self.chunks[0].segmentIDs,
            offsets: Self.chunks[0].offsets, wordIndices: [-1, 0, 1, 2, 3, 4, 5, -1],
            words: (0..<6).map { $0..<($0 + 1) }, readWords: 6)
        let split = tagger.probabilities([pieces], workers: Workers(threads: 1))[0]
        #expect(both[0] == [max(split[0], split[1]), split[2], split[3...].max() ?? 0])
    }

    @Test func theLossIsWeightedBinaryCrossEntropyOverWords() {
        let tagger = Self.tagger()
        let probabilities = tagger.probabilities(Self.chunks, workers: Workers(threads: 1))
        let targets = [true, false, false, false, true]
        let expected =
            zip(probabilities.joined(), targets).reduce(0.0) { sum, pair in
                sum - (pair.1 ? 4 * log(Double(pair.0)) : log(1 - Double(pair.0)))
            } / 5
        // Probabilities are floats, and there is no dropout without keys.
        #expect(abs(Self.loss(tagger) - expected) < 1e-5)
    }

    @Test func theGradientIsThatOfTheLoss() {
        let tagger = Self.tagger()
        let parameters = tagger.parameters
        let gradients = ShardedGradients(parameters: parameters, workers: Workers(threads: 1))
        _ = gradients.run(shards: 1) { _, tape in
            tagger.trainingPass(
                PackedBatch(Self.chunks), chunks: Self.chunks, counts: [2],
                targets: [[true, false, false], [false, true]], positiveWeight: 4, weight: 1,
                on: tape)
        }
        let step: Float = 1 / 128
        var squares = 0.0
        for parameter in parameters.all {
            let tensor = parameters[parameter]
            for index in 0..<tensor.count {
                let old = tensor.pointer[index]
                tensor.pointer[index] = old + step
                let above = Self.loss(tagger)
                tensor.pointer[index] = old - step
                let below = Self.loss(tagger)
                tensor.pointer[index] = old
                let slope = (above - below) / Double(2 * step)
                squares += slope * slope
            }
        }
        // Central differences in float: 1e-7 / step for each of some 5,000 numbers, and their bend.
        #expect(abs(squares.squareRoot() / gradients.norm() - 1) < 0.01)
    }

    @Test func theGradientHasTheSignOfTheSlope() throws {
        let tagger = Self.tagger()
        let parameters = tagger.parameters
        let gradients = Gradients(for: parameters)
        gradients.begin()
        _ = Self.loss(tagger, gradients: gradients)
        gradients.finish()
        for name in ["classifier.bias", "bert.embeddings.LayerNorm.bias"] {
            let parameter = try #require(parameters.all.first { $0.name == name })
            for (index, gradient) in gradients[parameter].enumerated() {
                let place = parameters[parameter].pointer + index
                let old = place.pointee
                place.pointee = old + 1 / 128
                let above = Self.loss(tagger)
                place.pointee = old - 1 / 128
                let below = Self.loss(tagger)
                place.pointee = old
                // Differences of a loss near 1 in float, by a step of 1/64.
                #expect(abs((above - below) * 64 - Double(gradient)) < 2e-3, "\(name)")
            }
        }
    }

    @Test(arguments: [
        (EncoderFamily.bert, "Bert"), (.roberta, "Roberta"), (.distilbert, "DistilBert"),
    ])
    func aSavedTaggerIsTheSameAndAClassifierIsRefused(
        family: EncoderFamily, name: String
    ) throws {
        let temporary = try TemporaryFolder()
        let folder = temporary.url
        let tagger = Self.tagger(family)
        try tagger.save(to: folder)
        let workers = Workers(threads: 1)
        #expect(
            try TokenTagger(folder: folder).probabilities(Self.chunks, workers: workers)
                == tagger.probabilities(Self.chunks, workers: workers))
        let configuration = try String(
            contentsOf: folder.appendingPathComponent("config.json"), encoding: .utf8)
        #expect(configuration.contains("\"\(name)ForTokenClassification\""))
        try configuration.replacing("\"rationale\"", with: "\"other\"").write(
            to: folder.appendingPathComponent("config.json"), atomically: true, encoding: .utf8)
        #expect(throws: EncoderError.self) { try TokenTagger(folder: folder) }
    }
}

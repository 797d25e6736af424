import Encoders
import Foundation
import Randomness
import Saliency
import Tensors
import TestSupport
import Testing
import Tokenization

@Suite("Classifiers with attention")
struct AttentionClassifierTests {
    private static let combinations = WordEncoders.all.flatMap { encoder in
        AttentionScore.allCases.flatMap { score in
            [false, true].map { (encoder.name, score, $0) }
        }
    }
    private let shape = WordEncoderShape(vocabularySize: 60, embeddingSize: 20, hiddenSize: 32)

    private func model(
        _ encoder: String, _ score: AttentionScore, _ hasQuestion: Bool, outputs: Int? = nil,
        seed: UInt64 = 5
    ) throws -> AttentionClassifier {
        let model = AttentionClassifier(
            encoder: try #require(WordEncoders.named(encoder)), attention: score, shape,
            outputs: outputs ?? (hasQuestion ? 3 : 1), hasQuestion: hasQuestion)
        model.initialize(seed: seed)
        return model
    }

    /// Texts of 1 to 25 words, in no order of length.
    private func documents(_ count: Int, seed: UInt64) -> [TokenizedDocument] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { index in
            let words = (0..<(1 + generator.below(25))).map { _ in Int32(4 + generator.below(56)) }
            return Recordings.sentence([2] + words + [3])
        }
    }

    @Test(arguments: combinations)
    func aDocumentsNumbersAreItsOwn(
        encoder: String, score: AttentionScore, hasQuestion: Bool
    ) throws {
        let model = try model(encoder, score, hasQuestion)
        let texts = documents(150, seed: 1)
        let questions = hasQuestion ? documents(150, seed: 2) : nil
        func traces(_ range: Range<Int>, threads: Int) -> [Trace] {
            model.trace(
                Array(texts[range]), questions: questions.map { Array($0[range]) },
                [.wordAttention, .wordEmbeddingGradients], workers: Workers(threads: threads)
            ) { $1 }
        }
        func logits(_ range: Range<Int>, threads: Int) -> [[Float]] {
            model.logits(
                Array(texts[range]), questions: questions.map { Array($0[range]) },
                workers: Workers(threads: threads))
        }
        let together = logits(0..<150, threads: 1)
        #expect(Set(together.map(\.description)).count > 100, "texts differ")
        let alone = texts.indices.flatMap { logits($0..<($0 + 1), threads: 1) }
        #expect(alone == together)
        #expect(logits(0..<150, threads: 2) == together)
        #expect(logits(0..<150, threads: 3) == together)
        let (one, three) = (traces(0..<150, threads: 1), traces(0..<150, threads: 3))
        #expect(one.map(\.values) == three.map(\.values))
        for index in stride(from: 0, to: 150, by: 7) {
            let own = traces(index..<(index + 1), threads: 1)
            #expect(own.map(\.values) == [one[index].values], "text \(index)")
        }
    }

    @Test(
        .enabled(if: Precision.hasFastBF16, "this CPU has no bf16 instructions"),
        arguments: combinations)
    func productsInBfloat16(
        encoder: String, score: AttentionScore, hasQuestion: Bool
    ) throws {
        let model = try model(encoder, score, hasQuestion)
        let texts = documents(40, seed: 6)
        let questions = hasQuestion ? documents(40, seed: 7) : nil
        func logits(_ precision: Precision, threads: Int) -> [[Float]] {
            model.logits(
                texts, questions: questions,
                workers: Workers(threads: threads, precision: precision))
        }
        let half = logits(.bf16, threads: 1)
        #expect(logits(.bf16, threads: 3) == half)
        let full = logits(.fp32, threads: 1)
        #expect(half != full)
        // Eight bits of each factor, in sums of some ten numbers of the order of 1.
        #expect(largestDifference(half.flatMap { $0 }, full.flatMap { $0 }) < 0.03)
    }

    @Test(arguments: combinations)
    func everyParameterHasAGradient(
        encoder: String, score: AttentionScore, hasQuestion: Bool
    ) throws {
        let model = try model(encoder, score, hasQuestion)
        let gradients = Gradients(for: model.parameters)
        gradients.begin()
        let worker = Worker()
        let tape = Tape(worker: worker, parameters: model.parameters, gradients: gradients)
        let padded = [Recordings.sentence([2, 7, 0, 9, 3])]
        _ = model.trainingPass(
            PackedBatch(documents(20, seed: 3) + padded),
            questions: hasQuestion ? PackedBatch(documents(20, seed: 4) + padded) : nil,
            labels: (0..<21).map { $0 % (hasQuestion ? 3 : 2) }, weight: 1, on: tape)
        gradients.finish()
        for parameter in model.parameters.all {
            switch parameter.kind {
            case .dense:
                #expect(gradients[parameter].contains { $0 != 0 }, "\(parameter.name)")
            case .table:
                let rows = gradients[parameter]
                func reaches(_ id: Int) -> Bool {
                    rows[(id * shape.embeddingSize)...].prefix(shape.embeddingSize)
                        .contains { $0 != 0 }
                }
                #expect(!reaches(0), "padding stays zero")
                #expect(!reaches(1), "no text has an unknown word")
                // Start and end are in the states of their neighbours, and in a question's vector.
                let readsSymbols = encoder != "average" || parameter.name.hasPrefix("Q")
                #expect(reaches(2) == readsSymbols && reaches(3) == readsSymbols)
                #expect(reaches(7))
            case .weight:
                #expect(
                    gradients.weights.contains { $0.target == parameter }, "\(parameter.name)")
            }
        }
    }

    /// The gradient of each token's embedding [tokens][columns].
    private func embeddingGradients(
        _ model: AttentionClassifier, _ document: TokenizedDocument
    ) throws -> [[Float]] {
        let trace = model.trace([document], [.wordEmbeddingGradients], workers: Workers(threads: 1))
        { $1 }[0]
        let flat = try #require(trace[.wordEmbeddingGradients])
        return document.ids.indices.map {
            Array(flat[($0 * shape.embeddingSize)...].prefix(shape.embeddingSize))
        }
    }

    @Test func startAndEndMatterOnlyThroughTheStatesOfWords() throws {
        let document = Recordings.sentence([2] + (4..<20) + [3])
        func reaches(_ name: String) throws -> [Bool] {
            try embeddingGradients(model(name, .additive, false), document).map { row in
                row.contains { $0 != 0 }
            }
        }
        // A word's state there is made of the word alone, and start and end have no weight.
        #expect(try reaches("average") == [false] + (4..<20).map { _ in true } + [false])
        // States read their neighbours: the symbols are among those.
        #expect(try reaches("cnn").allSatisfy { $0 })
        #expect(try reaches("lstm").allSatisfy { $0 })
    }

    @Test(arguments: WordEncoders.all.map { $0.name })
    func paddingIsZeroWhateverTheTableHolds(name: String) throws {
        let model = try model(name, .dot, false)
        let table = model.encoder.wordEmbeddings
        let document = [Recordings.sentence([2, 7, 0, 9, 3])]
        let workers = Workers(threads: 1)
        #expect(model.parameters[table].values[..<shape.embeddingSize].allSatisfy { $0 == 0 })
        let before = model.logits(document, workers: workers)
        model.parameters[table].buffer[0] = 100
        #expect(model.logits(document, workers: workers) == before)
        model.parameters[table].buffer[7 * shape.embeddingSize] += 1
        #expect(model.logits(document, workers: workers) != before)
    }

    @Test func initialValuesAreThoseOfPyTorch() throws {
        let model = try model("lstm", .additive, true)
        // H = 32, E = 20, D = 64.
        let bounds: [(String, Double)] = [
            ("rnn", 1 / 32.0.squareRoot()), ("attention.score", 1 / 32.0.squareRoot()),
            ("attention", 1 / 64.0.squareRoot()), ("context", 1 / 64.0.squareRoot()),
            ("question", 1 / 64.0.squareRoot()), ("output", 1 / 32.0.squareRoot()),
        ]
        var seen: Set<Float> = []
        for parameter in model.parameters.all {
            let values = model.parameters[parameter].values
            seen.insert(try #require(values.last))
            let count = Double(values.count)
            let spread = (values.reduce(0) { $0 + Double($1) * Double($1) } / count).squareRoot()
            if parameter.kind == .table {
                #expect(abs(spread - (59.0 / 60).squareRoot()) < 0.1, "N(0, 1) but for a row")
                continue
            }
            let bound = try #require(bounds.first { parameter.name.contains($0.0) }).1
            let largest = Double(values.reduce(0) { max($0, abs($1)) })
            #expect(largest <= bound * 1.000_001, "\(parameter.name)")
            guard values.count > 500 else { continue }
            #expect(largest > 0.98 * bound, "\(parameter.name)")
            #expect(abs(spread - bound / 3.0.squareRoot()) < 0.05 * bound, "\(parameter.name)")
        }
        #expect(seen.count == model.parameters.all.count, "each has draws of its own")
        let convolution = try self.model("cnn", .dot, false)
        for (index, width) in [1, 3, 5, 7].enumerated() {
            let parameter = try #require(
                convolution.parameters.all.first {
                    $0.name == "encoder.convolutions.\(index).weight"
                })
            let largest = convolution.parameters[parameter].values.reduce(0) { max($0, abs($1)) }
            let bound = 1 / Float(20 * width).squareRoot()
            #expect(largest <= bound * 1.000_001 && largest > 0.95 * bound)
        }
    }

    @Test func theSeedDecidesTheInitialValues() throws {
        let models = try [5, 5, 6].map { try model("average", .additive, false, seed: $0) }
        for parameter in models[0].parameters.all {
            let values = models.map { $0.parameters[parameter].values }
            #expect(values[0] == values[1])
            #expect(values[0] != values[2])
        }
    }

    @Test func aCopyHasParametersOfItsOwn() throws {
        let model = try model("cnn", .additive, false)
        let texts = documents(3, seed: 9)
        let copy = model.copy()
        let workers = Workers(threads: 1)
        let before = model.logits(texts, workers: workers)
        #expect(copy.logits(texts, workers: workers) == before)
        model.initialize(seed: 77)
        #expect(model.logits(texts, workers: workers) != before)
        #expect(copy.logits(texts, workers: workers) == before)
    }

    @Test func scalesMultiplyEmbeddings() throws {
        let model = try model("lstm", .additive, false)
        let texts = documents(4, seed: 12)
        let workers = Workers(threads: 1)
        let scaled = model.trace(
            texts, [], probe: { WordEmbeddingScales($0.map { _ in 0.5 }) }, workers: workers
        ) { $1.logits }
        let half = model.copy()
        let table = half.parameters[half.encoder.wordEmbeddings]
        for index in 0..<table.count { table.buffer[index] *= 0.5 }
        #expect(scaled == half.logits(texts, workers: workers))
        #expect(scaled != model.logits(texts, workers: workers))
    }

    @Test func aTextWithoutWordsHasTheOutputLayersBias() throws {
        let model = try model("lstm", .additive, false)
        let empty = model.logits([Recordings.sentence([2, 3])], workers: Workers(threads: 1))
        let bias = try #require(model.parameters.all.first { $0.name == "output.bias" })
        #expect(empty == [model.parameters[bias].values])
    }

    @Test func lossesAreThoseOfTheirFormula() throws {
        let texts = documents(4, seed: 13)
        let labels = [0, 1, 1, 0]
        for outputs in [1, 4] {
            let model = try model("average", .additive, false, outputs: outputs)
            let tape = Tape(
                worker: Worker(), parameters: model.parameters, isRecording: true)
            let losses = model.trainingPass(
                PackedBatch(texts), labels: labels, scales: [1, 2.5, 2.5, 1], weight: 0.25, on: tape
            )
            let logits = model.logits(texts, workers: Workers(threads: 1))
            for (index, row) in logits.enumerated() {
                let probabilities = AttentionClassifier.probabilities(row)
                #expect(probabilities.count == max(2, outputs))
                #expect(abs(probabilities.reduce(0, +) - 1) < 1e-12)
                let loss = (labels[index] == 1 ? 2.5 : 1) * -log(probabilities[labels[index]])
                #expect(abs(losses[index] - loss) < 1e-6)
            }
        }
        #expect(AttentionClassifier.positiveScale(labels: [0, 1, 0, 0, 1]) == 1.5)
        #expect(AttentionClassifier.positiveScale(labels: [0, 0]) == 1)
    }
}

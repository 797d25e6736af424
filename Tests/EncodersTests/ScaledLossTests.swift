import Encoders
import Tensors
import TestSupport
import Testing
import Tokenization

/// The gradient of a batch in which documents' losses count differently.
@Suite struct ScaledLossTests {
    private let model: SequenceClassifier
    private let documents = [[2, 5, 6, 3], [2, 7, 3], [2, 8, 9, 10, 3]].map { ids in
        TokenizedDocument(
            ids: ids.map { Int32($0) }, segmentIDs: ids.map { _ in 0 },
            offsets: ids.map { _ in 0..<0 },
            wordIndices: ids.indices.map { $0 == 0 || $0 == ids.count - 1 ? -1 : Int32($0 - 1) },
            words: (0..<(ids.count - 2)).map { $0..<($0 + 1) }, readWords: ids.count - 2)
    }
    private let labels = [0, 2, 1]
    private let scales = [4.0, 0.5, 1.5]

    init() {
        let configuration = EncoderConfiguration(
            hiddenSize: 16, layers: 1, heads: 2, intermediateSize: 32, vocabularySize: 12,
            maximumLength: 16)
        model = SequenceClassifier(configuration, labels: ["a", "b", "c"]).randomized(
            seed: 3, range: 0.5)
    }

    /// The losses, and the gradient of the parameter with this name.
    private func pass(
        _ numbers: [Int], scales: [Double]?, _ name: String
    ) throws -> (losses: [Double], gradient: [Float]) {
        let parameters = model.parameters
        let gradients = Gradients(for: parameters)
        gradients.begin()
        let tape = Tape(
            worker: Worker(), parameters: parameters, gradients: gradients, isRecording: true)
        let losses = model.trainingPass(
            PackedBatch(numbers.map { documents[$0] }), counts: numbers.map { _ in 1 },
            labels: numbers.map { labels[$0] }, scales: scales, weight: 1.0 / 3, on: tape)
        gradients.finish()
        let parameter = try #require(parameters.all.first { $0.name == name })
        return (losses, Array(gradients[parameter]))
    }

    @Test func theHeadsGradientIsThatOfTheFormula() throws {
        let logits = model.logits(documents, workers: Workers(threads: 1))
        let (losses, gradient) = try pass([0, 1, 2], scales: scales, "classifier.bias")
        for (index, row) in logits.enumerated() {
            let loss = CrossEntropy.loss(row, label: labels[index]).loss
            #expect(abs(losses[index] - scales[index] * loss) < 1e-5)
        }
        for label in 0..<3 {
            // Σ scale · (p - y) / 3 over the documents.
            let sum = logits.indices.reduce(0.0) { sum, index in
                let p = CrossEntropy.probabilities(logits[index])[label]
                return sum + scales[index] * (p - (labels[index] == label ? 1 : 0)) / 3
            }
            #expect(abs(Double(gradient[label]) - sum) < 1e-5)
        }
    }

    @Test func theGradientHasTheSlopeOfTheScaledLoss() throws {
        let name = "bert.embeddings.LayerNorm.bias"
        let (_, gradient) = try pass([0, 1, 2], scales: scales, name)
        let parameter = try #require(model.parameters.all.first { $0.name == name })
        for index in gradient.indices {
            let place = model.parameters[parameter].pointer + index
            let old = place.pointee
            func loss(at value: Float) -> Double {
                place.pointee = value
                defer { place.pointee = old }
                let logits = model.logits(documents, workers: Workers(threads: 1))
                return logits.indices.reduce(0) {
                    $0 + scales[$1] * CrossEntropy.loss(logits[$1], label: labels[$1]).loss / 3
                }
            }
            let slope = (loss(at: old + 1 / 128) - loss(at: old - 1 / 128)) * 64
            // Differences of a loss near 2 in float, by a step of 1/64.
            #expect(abs(slope - Double(gradient[index])) < 4e-3, "\(index)")
        }
    }

    @Test func scalesOfOneChangeNoBit() throws {
        let plain = try pass([0, 1, 2], scales: nil, "classifier.bias")
        let ones = try pass([0, 1, 2], scales: [1, 1, 1], "classifier.bias")
        #expect(plain.losses == ones.losses && plain.gradient == ones.gradient)
    }
}

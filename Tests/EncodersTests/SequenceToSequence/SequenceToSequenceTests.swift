import Encoders
import Foundation
import Tensors
import TestSupport
import Testing

@Suite("A sequence-to-sequence model with attention")
struct SequenceToSequenceTests {
    private static let pairs = [
        SequencePair(source: [3, 0, 6], target: [7, 3, 0, 5, 6]),
        SequencePair(source: [1], target: [7, 6]),
        SequencePair(source: [4, 4, 2, 5, 6], target: [7, 1, 6]),
    ]

    private func model(bidirectional: Bool) -> SequenceToSequence {
        let model = SequenceToSequence(
            SequenceToSequence.Shape(
                vocabularySize: 8, hiddenSize: 5, isBidirectional: bidirectional))
        model.initialize(seed: 3)
        return model
    }

    @Test(
        "gradients agree with differences of the loss", arguments: [false, true],
        [SequenceToSequence.Attention.learned, .uniform])
    func differences(bidirectional: Bool, attention: SequenceToSequence.Attention) throws {
        let model = model(bidirectional: bidirectional)
        let worker = Worker()
        func loss(_ gradients: Gradients) -> Double {
            worker.arena.rewind()
            gradients.begin()
            let tape = Tape(worker: worker, parameters: model.parameters, gradients: gradients)
            let losses = model.trainingPass(
                PackedPairs(Self.pairs), attention, weight: 1, on: tape)
            gradients.finish()
            return losses.reduce(0, +)
        }
        let gradients = Gradients(for: model.parameters)
        _ = loss(gradients)
        let own = model.parameters.all.map { gradients.sum($0, on: worker) }
        let scratch = Gradients(for: model.parameters)
        for (parameter, gradient) in zip(model.parameters.all, own) {
            let values = model.parameters[parameter].buffer
            for index in Set((0...5).map { $0 * (values.count - 1) / 5 }).sorted() {
                let original = values[index]
                let step: Float = 0x1p-5
                values[index] = original + step
                let above = loss(scratch)
                values[index] = original - step
                let below = loss(scratch)
                values[index] = original
                let difference = (above - below) / Double(2 * step)
                // The step's square, and logits rounded to 2⁻²⁴.
                #expect(
                    abs(Double(gradient[index]) - difference) < 5e-4 + 5e-3 * abs(difference),
                    "\(parameter.name)[\(index)]: \(gradient[index]), \(difference)")
            }
            let hasGradient = gradient.contains { $0 != 0 }
            let isQuery = parameter.name.hasPrefix("query")
            #expect(
                hasGradient == (attention == .learned || !isQuery),
                "under uniform attention the query alone has no gradient")
        }
    }

    @Test("a pair gives the same bits alone and in a batch, on any number of threads")
    func company() throws {
        let model = model(bidirectional: true)
        let together = model.trace(Self.pairs, relevance: true, workers: Workers(threads: 2))
        let alone = Self.pairs.flatMap {
            model.trace([$0], relevance: true, workers: Workers(threads: 1))
        }
        for (left, right) in zip(together, alone) {
            #expect(left.logits == right.logits)
            #expect(left.attention == right.attention)
            #expect(left.relevance == right.relevance)
        }
    }

    @Test("relevance is the logit of the probability under one-hot attention")
    func logitOfProbability() {
        let logits: [Float] = [1, -0.5, 2]
        for (label, p) in CrossEntropy.probabilities(logits).enumerated() {
            let beta = SequenceToSequence.logitOfProbability(logits, label: label)
            #expect(abs(beta - log(p / (1 - p))) < 1e-9)
        }
        // Where p rounds to 1, 1 - p has no digits left.
        #expect(SequenceToSequence.logitOfProbability([200, 0], label: 0) == 200)
    }

    @Test("initial values are those of PyTorch") func initialValues() {
        let model = SequenceToSequence(
            SequenceToSequence.Shape(vocabularySize: 50, hiddenSize: 64, isBidirectional: true))
        model.initialize(seed: 1)
        for parameter in model.parameters.all {
            let values = model.parameters[parameter].values.map { Double($0) }
            let spread = (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
            if parameter.kind == .table {
                #expect(abs(spread - 1) < 0.1)
                continue
            }
            let bound = (parameter.name.hasPrefix("mix") ? 1 / 128.0 : 1 / 64.0).squareRoot()
            let largest = values.reduce(0) { max($0, abs($1)) }
            #expect(largest <= bound * 1.000_001 && largest > 0.8 * bound, "\(parameter.name)")
        }
    }
}

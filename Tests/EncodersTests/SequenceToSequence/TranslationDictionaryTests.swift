import Encoders
import Tensors
import TestSupport
import Testing

@Suite("A dictionary without attention")
struct TranslationDictionaryTests {
    private let pairs = PackedPairs([
        SequencePair(source: [3, 0, 4, 0], target: [5, 3, 0, 4]),
        SequencePair(source: [1], target: [5, 2]),
    ])

    @Test("gradients agree with differences of the loss") func differences() {
        let model = TranslationDictionary(vocabularySize: 6, embeddingSize: 4)
        model.initialize(seed: 1)
        let worker = Worker()
        let gradients = Gradients(for: model.parameters)
        func loss() -> Double {
            worker.arena.rewind()
            gradients.begin()
            let tape = Tape(worker: worker, parameters: model.parameters, gradients: gradients)
            let losses = model.trainingPass(pairs, weight: 1, on: tape)
            gradients.finish()
            return losses.reduce(0, +)
        }
        _ = loss()
        let own = model.parameters.all.map { gradients.sum($0, on: worker) }
        for (parameter, gradient) in zip(model.parameters.all, own) {
            let values = model.parameters[parameter].buffer
            for index in values.indices {
                let original = values[index]
                values[index] = original + 0x1p-6
                let above = loss()
                values[index] = original - 0x1p-6
                let below = loss()
                values[index] = original
                let difference = (above - below) * 0x1p5
                #expect(
                    abs(Double(gradient[index]) - difference) < 2e-4,
                    "\(parameter.name)[\(index)]: \(gradient[index]), \(difference)")
            }
        }
    }

    @Test("relevance is the logit of a word's probability given one source word")
    func relevance() {
        let model = TranslationDictionary(vocabularySize: 3, embeddingSize: 2)
        let (embedding, output) = (model.parameters.all[0], model.parameters.all[1])
        model.parameters[embedding].pointer.update(from: [1, 0, 0, 1, 0, 0], count: 6)
        model.parameters[output].pointer.update(from: [2, 0, 0, 3, 0, 0], count: 6)
        let relevance = model.relevance(workers: Workers(threads: 1))
        // Logits (2, 0, 0) of word 0 and (0, 3, 0) of word 1, and equal ones of word 2.
        let logTwo = 0.693_147_18
        #expect(abs(relevance[0][0] - (2 - logTwo)) < 1e-6)
        #expect(abs(relevance[1][1] - (3 - logTwo)) < 1e-6)
        #expect(abs(relevance[0][2] + logTwo) < 1e-6)
        #expect(relevance[0][1] < relevance[0][2])
    }
}

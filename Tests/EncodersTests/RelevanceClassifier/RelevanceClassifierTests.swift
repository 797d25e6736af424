import Encoders
import Tensors
import TestSupport
import Testing

@Suite("Models whose words have an output relevance")
struct RelevanceClassifierTests {
    private let documents = [[2, 5, 4, 3], [2, 7, 3], [2, 6, 5, 8, 4, 5, 3]].map {
        Recordings.sentence($0)
    }

    private func model() -> RelevanceClassifier {
        let model = RelevanceClassifier(
            WordEncoderShape(vocabularySize: 9, embeddingSize: 4, hiddenSize: 5),
            attentionSize: 6)
        model.initialize(seed: 2)
        return model
    }

    @Test("the logit is the mean of relevance, weighted by attention, start and end included")
    func logit() {
        for kind in [RelevanceClassifier.Attention.learned, .uniform] {
            for (document, trace) in zip(
                documents, model().trace(documents, kind, workers: Workers(threads: 1)))
            {
                #expect(trace.attention.count == document.ids.count)
                #expect(trace.attention.allSatisfy { $0 > 0 })
                let sum = zip(trace.attention, trace.relevance).reduce(0) { $0 + $1.0 * $1.1 }
                #expect(abs(sum - trace.logit) < 1e-6)
                #expect(trace.influence == nil)
                if case .uniform = kind {
                    #expect(Set(trace.attention) == [1 / Float(document.ids.count)])
                }
            }
        }
    }

    @Test("a document gives the same bits alone and in a batch, on any number of threads")
    func company() {
        let model = model()
        let labels = [0, 1, 1]
        let together = model.trace(
            documents, influenceOn: labels, workers: Workers(threads: 2))
        for (index, trace) in together.enumerated() {
            let alone = model.trace(
                [documents[index]], influenceOn: [labels[index]], workers: Workers(threads: 1))
            #expect(alone[0].attention == trace.attention && alone[0].logit == trace.logit)
            #expect(alone[0].influence == trace.influence)
        }
    }

    @Test("influence is positive where more of a word lowers the loss") func influence() {
        let model = model()
        let labels = [1, 0, 1]
        let traces = model.trace(documents, influenceOn: labels, workers: Workers(threads: 1))
        let table = model.parameters[model.parameters.all[0]]
        func loss(_ index: Int) -> Double {
            let logit = model.trace([documents[index]], workers: Workers(threads: 1))[0].logit
            return BinaryCrossEntropy.loss(logit, label: labels[index]).loss
        }
        // The second document has its word once: its embedding is the gate's.
        for (index, token) in [(0, 1), (1, 1), (2, 3)] {
            let word = Int(documents[index].ids[token])
            let row = word * table.columns..<(word + 1) * table.columns
            let original = row.map { table.buffer[$0] }
            for place in row { table.buffer[place] *= 1 + 0x1p-5 }
            let above = loss(index)
            for (place, value) in zip(row, original) { table.buffer[place] = value * (1 - 0x1p-5) }
            let below = loss(index)
            for (place, value) in zip(row, original) { table.buffer[place] = value }
            let difference = -(above - below) * 0x1p4
            let influence = Double(traces[index].influence?[token] ?? .nan)
            #expect(abs(influence - difference) < 1e-4, "\(influence), \(difference)")
        }
    }

    @Test("a bag's relevance is what a word's embedding adds to the logit") func bag() {
        let model = BagOfEmbeddings(vocabularySize: 9, embeddingSize: 4)
        model.initialize(seed: 1)
        let relevance = model.relevance
        let logits = model.logits(documents, workers: Workers(threads: 1))
        // The same bias in all: differences of logits are those of mean relevance.
        let means = documents.map { document in
            document.ids.reduce(0) { $0 + relevance[Int($1)] } / Double(document.ids.count)
        }
        for index in 1...2 {
            let difference = Double(logits[index] - logits[0])
            #expect(abs(difference - (means[index] - means[0])) < 1e-5)
        }
        let copy = model.copy()
        model.parameters[model.parameters.all[0]].buffer[20] += 1
        #expect(copy.relevance == relevance && model.relevance != relevance)
    }

    @Test("a bag's gradients agree with differences of the loss") func bagDifferences() {
        let model = BagOfEmbeddings(vocabularySize: 9, embeddingSize: 3)
        model.initialize(seed: 1)
        let worker = Worker()
        let gradients = Gradients(for: model.parameters)
        func loss() -> Double {
            worker.arena.rewind()
            gradients.begin()
            let tape = Tape(worker: worker, parameters: model.parameters, gradients: gradients)
            let losses = model.trainingPass(
                PackedBatch(documents), labels: [0, 1, 1], weight: 1, on: tape)
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
}

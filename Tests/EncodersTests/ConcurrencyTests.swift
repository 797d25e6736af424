import Dispatch
import Encoders
import Synchronization
import Tensors
import TestSupport
import Testing

@Suite("One model, asked from several threads at once")
struct ConcurrencyTests {
    @Test("gives each the logits that it gives alone")
    func concurrentCalls() {
        let configuration = EncoderConfiguration(
            hiddenSize: 24, layers: 2, heads: 3, intermediateSize: 40, vocabularySize: 50,
            maximumLength: 64)
        let model = SequenceClassifier(configuration, labels: ["no", "yes"]).randomized(
            seed: 8, range: 0.5)
        let documents = (1..<40).map { length in
            Recordings.document((0..<length).map { $0 * 7 % 50 })
        }
        let workers = Workers(threads: 2)
        let alone = model.logits(documents, workers: workers)
        let wrong = Atomic(0)
        DispatchQueue.concurrentPerform(iterations: 60) { call in
            let document = call * 5 % documents.count
            let logits = model.logits([documents[document]], workers: workers)[0]
            if logits != alone[document] { wrong.add(1, ordering: .relaxed) }
        }
        let count = wrong.load(ordering: .relaxed)
        #expect(count == 0, "\(count) of 60 calls gave other logits")
    }
}

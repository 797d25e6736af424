import Encoders
import Tensors
import TestSupport
import Testing
import Tokenization

@Suite("A long document that several threads share")
struct SharedPassTests {
    private func model(heads: Int, labels: Int = 2) -> SequenceClassifier {
        let configuration = EncoderConfiguration(
            hiddenSize: 96, layers: 2, heads: heads, intermediateSize: 160, vocabularySize: 50,
            maximumLength: 512)
        return SequenceClassifier(configuration, labels: (0..<labels).map { "\($0)" }).randomized(
            seed: 8, range: 0.5)
    }

    private func document(_ length: Int) -> TokenizedDocument {
        Recordings.document((0..<length).map { $0 * $0 % 50 })
    }

    @Test(
        "has the bits that one thread gives",
        arguments: [4, 12], [Precision.fp32] + (Precision.hasFastBF16 ? [.bf16] : []))
    func bits(_ heads: Int, _ precision: Precision) throws {
        let model = model(heads: heads)
        let whole: Set<TraceQuantity> = [
            .hiddenStates(layer: 1), .hiddenStates(layer: 2), .attention(layer: 0),
            .attention(layer: 1),
        ]
        for length in [191, 192, 193, 257, 300, 400, 512] {
            let document = document(length)
            let alone = model.trace(
                [document], whole, workers: Workers(threads: 1, precision: precision))[0]
            for threads in [2, 3, 5] {
                let workers = Workers(threads: threads, precision: precision)
                let shared = model.trace([document], whole, workers: workers)[0]
                #expect(shared.logits == alone.logits, "\(length) tokens on \(threads) threads")
                for quantity in whole {
                    let (one, several) = try (
                        #require(alone[quantity]), #require(shared[quantity])
                    )
                    #expect(one == several, "\(quantity), \(length) tokens on \(threads) threads")
                }
                #expect(
                    model.logits([document], workers: workers)[0]
                        == model.logits(
                            [document], workers: Workers(threads: 1, precision: precision))[0])
            }
        }
    }
}

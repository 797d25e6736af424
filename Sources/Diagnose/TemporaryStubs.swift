import Diagnostics
import Encoders
import Tensors
import Tokenization

extension AttentionClassifier {
    func gradientTimesInput(
        _ documents: [TokenizedDocument], questions: [TokenizedDocument]?, throughAttention: Bool,
        workers: Workers
    ) -> [[Float]] {
        let probe: @Sendable (Range<Int>) -> any Probe = { _ in FixedWordAttention(.own) }
        return trace(
            documents, questions: questions, [.wordEmbeddings, .wordEmbeddingGradients],
            Differentiation(of: .probability), probe: throughAttention ? nil : probe,
            workers: workers
        ) { (index: Int, trace: Trace) -> [Float] in
            let (e, g) = (trace[.wordEmbeddings] ?? [], trace[.wordEmbeddingGradients] ?? [])
            let n = documents[index].ids.count, w = e.count / n
            return (1..<(n - 1)).map { (row: Int) -> Float in
                var s: Float = 0
                for c in 0..<w { s += e[row * w + c] * g[row * w + c] }
                return abs(s)
            }
        }
    }
    func leaveOneOut(
        _ documents: [TokenizedDocument], questions: [TokenizedDocument]?, workers: Workers
    ) -> [[Float]] { documents.map { $0.words.indices.map { Float($0) } } }
}

import Diagnostics
import Encoders
import Metrics
import Randomness
import Tensors
import TestSupport
import Testing
import Tokenization

@Suite("What words are worth to a transformer")
struct EncoderImportanceTests {
    private let model: SequenceClassifier

    init() {
        let configuration = EncoderConfiguration(
            hiddenSize: 24, layers: 2, heads: 3, intermediateSize: 48, vocabularySize: 40,
            maximumLength: 64)
        model = SequenceClassifier(configuration, labels: ["a", "b", "c"])
            .randomized(seed: 3, range: 0.4)
    }

    /// A text of words with the given numbers of pieces.
    private func text(_ pieces: [Int], seed: UInt64) -> TokenizedDocument {
        var generator = SeededGenerator(seed: seed)
        let indices = pieces.indices.flatMap { Array(repeating: Int32($0), count: pieces[$0]) }
        return document(indices.map { _ in Int32(5 + generator.below(35)) }, indices, pieces.count)
    }

    private func document(_ ids: [Int32], _ indices: [Int32], _ words: Int) -> TokenizedDocument {
        TokenizedDocument(
            ids: [2] + ids + [3], segmentIDs: Array(repeating: 0, count: ids.count + 2),
            offsets: Array(repeating: 0..<0, count: ids.count + 2),
            wordIndices: [-1] + indices + [-1],
            words: (0..<words).map { (2 * $0)..<(2 * $0 + 1) }, readWords: words)
    }

    private var texts: [TokenizedDocument] {
        [text([1, 2, 1, 3], seed: 1), text([1], seed: 2), text([2, 0, 1], seed: 3)]
            + (0..<70).map { text([1, 1 + $0 % 3, 2, 1], seed: UInt64($0) + 10) }
    }

    @Test func attentionIsThatOfTheLastLayerSummedOverAWordsPieces() {
        let texts = texts
        let workers = Workers(threads: 1)
        let found = EncoderImportance.measure(model, texts, workers: workers)
        let traces = model.trace(texts, [.attention(layer: 1)], workers: workers)
        #expect(found.map(\.attention.count).prefix(3) == [4, 1, 2], "words with a piece")
        for (number, trace) in traces.enumerated() {
            let all = trace[.attention(layer: 1)] ?? []
            let tokens = trace.tokens
            let words = texts[number].wordIndices
            let expected = Set(words).filter { $0 >= 0 }.sorted().map { word in
                words.indices.filter { words[$0] == word }.reduce(0.0) { sum, token in
                    (0..<3).reduce(sum) { $0 + Double(all[$1 * tokens * tokens + token]) / 3 }
                }
            }
            for (value, wanted) in zip(found[number].attention, expected) {
                #expect(abs(value - wanted) < 1e-6, "text \(number)")
            }
            let p = CrossEntropy.probabilities(trace.logits)
            #expect(zip(found[number].probabilities, p).allSatisfy { abs($0 - $1) < 1e-6 })
        }
    }

    @Test func gradientsAreTheSlopeOfTheProbabilityAlongTheWordsEmbeddings() throws {
        let text = texts[0]
        let found = EncoderImportance.measure(model, [text], workers: Workers(threads: 1))[0]
        let predicted =
            found.probabilities.indices.max {
                found.probabilities[$0] < found.probabilities[$1]
            } ?? 0
        let tokens = text.ids.count
        func probability(_ word: Int32, _ scale: Float) -> Double {
            let factors = text.wordIndices.map { $0 == word ? scale : 1 }
            let logits = model.trace(
                [text], [], probe: { _ in TokenScales(factors) }, workers: Workers(threads: 1)
            ) { $1.logits }[0]
            return CrossEntropy.probabilities(logits)[predicted]
        }
        #expect(tokens == 9)
        for word in 0..<4 {
            let step: Float = 1.0 / 128
            let slope =
                (probability(Int32(word), 1 + step) - probability(Int32(word), 1 - step))
                / Double(2 * step)
            #expect(abs(abs(slope) - found.gradient[word]) < 2e-4 + 0.01 * abs(slope), "\(word)")
        }
        #expect((found.gradient.max() ?? 0) > 1e-3)
    }

    @Test func aWordIsLeftOutWithAllOfItsPieces() {
        let texts = texts
        let found = EncoderImportance.measure(model, texts, workers: Workers(threads: 1))
        // Words 1 and 3 of the first text, written down without them.
        let whole = texts[0]
        for (word, kept) in [(1, [0, 2, 3]), (3, [0, 1, 2])] {
            let tokens = whole.wordIndices.indices.filter {
                kept.contains(Int(whole.wordIndices[$0]))
            }
            let rest = document(
                tokens.map { whole.ids[$0] }, tokens.map { whole.wordIndices[$0] }, 4)
            let logits = model.logits([rest], workers: Workers(threads: 1))[0]
            let expected = Divergence.totalVariation(
                found[0].probabilities, CrossEntropy.probabilities(logits))
            #expect(abs(found[0].leaveOneOut[word] - expected) < 1e-6)
            #expect(expected > 1e-4)
        }
        #expect(found[1].leaveOneOut.count == 1, "a text of one word is compared with none")
        #expect(
            EncoderImportance.measure(model, texts, workers: Workers(threads: 3)) == found,
            "whatever the threads")
    }
}

/// Multiplies each token's word embedding by a factor.
private final class TokenScales: Probe {
    private let factors: [Float]

    init(_ factors: [Float]) { self.factors = factors }

    var points: Set<ProbePoint> { [.wordEmbeddings] }

    func replacement(
        of point: ProbePoint, _ x: Variable, _ batch: PackedBatch, on tape: Tape
    ) -> Variable { tape.scaled(x, rows: factors) }
}

import Encoders
import Saliency
import Tensors
import TestSupport
import Testing

@Suite struct AttentionNormTests {
    @Test func itIsTheNormOfWhatAllHeadsTakeFromAToken() throws {
        let model = TinyModel.make(layers: 2)
        let (hidden, heads, size) = (32, 4, 8)
        let chunk = TinyModel.chunk(words: 5)
        let trace = model.trace(
            [chunk], [.hiddenStates(layer: 1), .clsAttention(layer: 1)],
            workers: Workers(threads: 1))[0]
        let states = try #require(trace[.hiddenStates(layer: 1)])
        let attention = try #require(trace[.clsAttention(layer: 1)])
        let layer = "layer.1.attention"
        let weight = try #require(TinyModel.values(model, layer + ".self.value.weight"))
        let bias = try #require(TinyModel.values(model, layer + ".self.value.bias"))
        let output = try #require(TinyModel.values(model, layer + ".output.dense.weight"))
        let norms = (0..<trace.tokens).map { token in
            let values = (0..<hidden).map { row in
                (0..<hidden).reduce(Double(bias[0, row])) {
                    $0 + Double(weight[row, $1]) * Double(states[token * hidden + $1])
                }
            }
            let given = (0..<hidden).map { row in
                (0..<heads).reduce(0.0) { sum, head in
                    let share = Double(attention[head * trace.tokens + token])
                    return ((head * size)..<((head + 1) * size)).reduce(sum) {
                        $0 + share * values[$1] * Double(output[row, $1])
                    }
                }
            }
            return Float(given.reduce(0) { $0 + $1 * $1 }.squareRoot())
        }
        let expected = chunk.wordSums(norms)
        let scores = try TinyModel.score(AttentionNorm(), chunk, model).words
        // float32 sums of 32 products.
        #expect(largestDifference(scores, expected) < 1e-5 * (expected.max() ?? 0))
    }
}

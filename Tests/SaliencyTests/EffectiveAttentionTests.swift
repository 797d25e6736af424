import Encoders
import Saliency
import Tensors
import TestSupport
import Testing

@Suite struct EffectiveAttentionTests {
    // A head of 8 columns and at most 8 tokens: the values' rows are independent.
    @Test func ofAShortTextItIsAttention() throws {
        let model = TinyModel.make()
        for words in 1...2 {
            let chunk = TinyModel.chunk(words: words)
            #expect(chunk.ids.count <= 8)
            let effective = try TinyModel.score(EffectiveAttention(), chunk, model).words
            let attention = try TinyModel.score(CLSAttention(), chunk, model).words
            // Rounded to float32 once more.
            #expect(largestDifference(effective, attention) < 1e-6)
        }
    }

    @Test func ofALongTextItIsTheProjectionOntoTheValues() throws {
        let model = TinyModel.make(layers: 2, heads: 2, hidden: 16)
        let chunk = TinyModel.chunk(words: 12)
        let (n, size) = (chunk.ids.count, 8)
        let trace = model.trace(
            [chunk], [.clsAttention(layer: 1), .values(layer: 1)],
            workers: Workers(threads: 1))[0]
        let attention = try #require(trace[.clsAttention(layer: 1)])
        let values = try #require(trace[.values(layer: 1)])
        var mean = [Double](repeating: 0, count: n)
        for head in 0..<2 {
            let v = (0..<n).map { token in
                (0..<size).map { Double(values[token * 16 + head * size + $0]) }
            }
            let row = (0..<n).map { Double(attention[head * n + $0]) }
            // V (VᵀV)⁻¹ Vᵀ a
            let gram = (0..<size).map { i in
                (0..<size).map { j in (0..<n).reduce(0.0) { $0 + v[$1][i] * v[$1][j] } }
            }
            let right = (0..<size).map { i in (0..<n).reduce(0.0) { $0 + v[$1][i] * row[$1] } }
            let solution = Self.solve(gram, right)
            for token in 0..<n {
                mean[token] += (0..<size).reduce(0.0) { $0 + v[token][$1] * solution[$1] } / 2
            }
        }
        let expected = chunk.wordSums(mean.map { Float(abs($0)) })
        let scores = try TinyModel.score(EffectiveAttention(), chunk, model).words
        // The normal equations lose half of double precision's digits at worst.
        #expect(largestDifference(scores, expected) < 1e-6)
        let plain = try TinyModel.score(CLSAttention(), chunk, model).words
        #expect(largestDifference(scores, plain) > 1e-3, "attention has a part without effect")
    }

    /// Gauss–Jordan elimination.
    private static func solve(_ matrix: [[Double]], _ right: [Double]) -> [Double] {
        var rows = zip(matrix, right).map { $0 + [$1] }
        for column in rows.indices {
            let pivot = (column..<rows.count).max { abs(rows[$0][column]) < abs(rows[$1][column]) }
            rows.swapAt(column, pivot ?? column)
            for row in rows.indices where row != column {
                let factor = rows[row][column] / rows[column][column]
                for place in rows[row].indices { rows[row][place] -= factor * rows[column][place] }
            }
        }
        return rows.indices.map { rows[$0][rows.count] / rows[$0][$0] }
    }
}

import Diagnostics
import Encoders
import Tensors
import TestSupport
import Testing

@Suite(
    "Permutations of weights",
    .enabled(if: Outside.hasShared, "the recordings are not there"))
struct WeightPermutationsTests {
    private let experiments: RecordedExperiments

    init() throws { experiments = try RecordedExperiments() }

    @Test func givenOrdersMoveTheOutputAsRecorded() throws {
        let texts = try experiments.encoders.attendedTexts("lstm-tanh")
        for (text, row) in zip(texts, experiments.values.permutation.rows) {
            let result = WeightPermutations(text, orders: row.permutations)
            let expected = row.probabilities.map { Float(abs($0 - row.probability)) }
            // Float32 states against double precision.
            #expect(largestDifference(result.differences.map { Float($0) }, expected) < 2e-6)
            #expect(abs(result.median - row.median_difference) < 2e-6)
            #expect(abs(result.largestWeight - row.max_attention) < 2e-6)
            #expect(result.predictedClass == (row.probability > 0.5 ? 1 : 0))
        }
    }

    @Test func ordersDependOnSeedAndNumberAlone() throws {
        let model = try experiments.encoders.model("lstm-tanh")
        let documents = (0..<20).map { experiments.encoders.documents[$0 % 5] }
        func permute(_ range: Range<Int>, seed: UInt64, threads: Int) -> [WeightPermutations] {
            model.attend(Array(documents[range]), workers: Workers(threads: threads)) {
                WeightPermutations($1, seed: seed, number: $0 + range.lowerBound)
            }
        }
        let all = permute(0..<20, seed: 1, threads: 1)
        #expect(all == permute(0..<20, seed: 1, threads: 3))
        #expect(Array(all[10...]) == permute(10..<20, seed: 1, threads: 1))
        #expect(all[4].differences != all[9].differences, "the same text under other numbers")
        #expect(all[4].differences != permute(0..<20, seed: 2, threads: 1)[4].differences)
        #expect(all[4].differences.count == 100)
        #expect(all[3].differences.allSatisfy { $0 == 0 }, "a single word has one order")
    }

    @Test func theMedianOfAnEvenNumberLiesBetweenTwo() throws {
        let text = try experiments.encoders.attendedTexts("pair-lstm-tanh")[1]
        let orders = [[0, 1, 2, 3], [1, 0, 2, 3], [3, 2, 1, 0], [0, 1, 3, 2]]
        let result = WeightPermutations(text, orders: orders)
        let sorted = result.differences.sorted()
        #expect(sorted[0] == 0 && sorted[3] > 1e-4, "the identity changes no bit")
        #expect(result.median == (sorted[1] + sorted[2]) / 2)
        #expect(
            WeightPermutations(text, orders: [orders[2]]).median == result.differences[2])
    }
}

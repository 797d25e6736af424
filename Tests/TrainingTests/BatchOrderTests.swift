import Randomness
import Testing
import Warrant

@Suite struct BatchOrderTests {
    private func batches(_ lengths: [Int], _ size: Int, seed: UInt64 = 0) -> [[Int]] {
        var generator = SeededGenerator(seed: seed, stream: "order")
        return BatchOrder.batches(lengths: lengths, batchSize: size, using: &generator)
    }

    /// Weights that were trained, and checkpoints, depend on this order.
    @Test func theOrderForASeedIsPinned() {
        let lengths = [5, 9, 2, 7, 4, 4, 8, 3, 6, 1]
        var generator = SeededGenerator(seed: 3, stream: "order")
        let epochs = (0..<2).map { _ in
            BatchOrder.batches(lengths: lengths, batchSize: 3, using: &generator)
        }
        #expect(
            epochs == [
                [[1], [8, 3, 6], [4, 5, 0], [9, 2, 7]], [[1], [9, 2, 7], [5, 4, 0], [8, 3, 6]],
            ])
    }

    @Test func everyDocumentIsReadOnceInAnEpoch() {
        let lengths = (0..<1_003).map { 1 + $0 * 7 % 40 }
        for size in [1, 4, 32, 2_000] {
            let batches = batches(lengths, size)
            #expect(batches.joined().sorted() == Array(0..<1_003))
            #expect(batches.count == (1_003 + size - 1) / size)
            #expect(batches.count { $0.count != size } == (1_003 % size == 0 ? 0 : 1))
        }
    }

    @Test func batchesAreOfSimilarLengthAndInNoOrderOfLength() {
        let lengths = (0..<640).map { 1 + $0 * 37 % 200 }
        let batches = batches(lengths, 16)
        // 40 batches are sorted together: a batch spans a fortieth of 200 lengths, about.
        for batch in batches {
            let found = batch.map { lengths[$0] }
            #expect((found.max() ?? 0) - (found.min() ?? 0) <= 10)
        }
        let first = batches.map { lengths[$0[0]] }
        #expect(first != first.sorted() && first != first.sorted(by: >))
    }

    @Test func aSeedDecidesAndEpochsDiffer() {
        let lengths = (0..<100).map { 1 + $0 % 13 }
        #expect(batches(lengths, 8) == batches(lengths, 8))
        #expect(batches(lengths, 8) != batches(lengths, 8, seed: 1))
        var generator = SeededGenerator(seed: 0, stream: "order")
        let first = BatchOrder.batches(lengths: lengths, batchSize: 8, using: &generator)
        let second = BatchOrder.batches(lengths: lengths, batchSize: 8, using: &generator)
        #expect(first != second)
    }
}

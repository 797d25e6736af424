import Randomness

/// Which documents make a step: shuffled, then batches of similar length, in shuffled order.
package enum BatchOrder {
    /// Documents are sorted by length within pools of this many batches.
    static let pool = 50

    /// Batches of document numbers for one epoch, a function of `generator` and `lengths` alone.
    package static func batches(
        lengths: [Int], batchSize: Int, using generator: inout SeededGenerator
    ) -> [[Int]] {
        let order = generator.shuffled(lengths.indices)
        var batches: [[Int]] = []
        for start in stride(from: 0, to: order.count, by: pool * batchSize) {
            let slice = order[start..<min(order.count, start + pool * batchSize)]
            // Ties keep the shuffled order.
            let sorted = slice.enumerated().sorted {
                (lengths[$0.element], $0.offset) < (lengths[$1.element], $1.offset)
            }.map(\.element)
            for first in stride(from: 0, to: sorted.count, by: batchSize) {
                batches.append(Array(sorted[first..<min(sorted.count, first + batchSize)]))
            }
        }
        return generator.shuffled(batches)
    }

    /// The tokens that a shard holds on average.
    static let shardTokens = 512

    /// Cuts a batch into an even number of shards with about as many tokens each: the longest
    /// document first, each to the shard with the fewest tokens. Content alone decides.
    package static func shards(_ batch: [Int], length: (Int) -> Int) -> [[Int]] {
        let lengths = batch.map(length)
        let tokens = lengths.reduce(0, +)
        let count = min(batch.count, 2 * ((tokens + 2 * shardTokens - 1) / (2 * shardTokens)))
        var shards = [[Int]](repeating: [], count: max(1, count))
        var sizes = [Int](repeating: 0, count: shards.count)
        let longestFirst = batch.indices.sorted {
            (-lengths[$0], $0) < (-lengths[$1], $1)
        }
        for index in longestFirst {
            let lightest = sizes.indices.reduce(0) { sizes[$1] < sizes[$0] ? $1 : $0 }
            shards[lightest].append(batch[index])
            sizes[lightest] += lengths[index]
        }
        return shards
    }
}

import Tensors

extension Workers {
    /// Tokens from which on a shard is worth several workers.
    private static let sharedTokens = 192

    /// Runs `body` on stretches of consecutive documents, on all workers, and joins what it returns.
    ///
    /// What a document gives must not depend on how they are cut, so that is done to keep all workers
    /// busy until the end.
    ///
    /// - Parameters:
    ///   - lengths: how many tokens each document has.
    ///   - shardTokens: how many tokens a stretch has at most, unless it is a single document.
    ///   - body: gives a result for each document of the range.
    func mapDocuments<Result: Sendable>(
        lengths: [Int], shardTokens: Int, _ body: @Sendable (Range<Int>, Worker) -> [Result]
    ) -> [Result] {
        let tokens = lengths.reduce(0, +)
        // While other calls have the other workers, nobody would take small stretches.
        let free = free
        let budget = min(shardTokens, max(64, tokens / (4 * free)))
        let shards = PackedBatch.shards(
            lengths: lengths, budget: free == 1 ? shardTokens : budget)
        // The largest first, so that the last ones to end are small.
        let sizes = shards.map { lengths[$0].reduce(0, +) }
        let order = shards.indices.sorted { (sizes[$1], $0) < (sizes[$0], $1) }
        // Where there are fewer shards than workers, long ones are shared out within.
        let isAssisted = shards.count < free && (sizes.max() ?? 0) >= Self.sharedTokens
        let results = map(shards.count, assisted: isAssisted) { index, worker in
            body(shards[order[index]], worker)
        }
        var places = [Int](repeating: 0, count: shards.count)
        for (place, shard) in order.enumerated() { places[shard] = place }
        return places.flatMap { results[$0] }
    }
}

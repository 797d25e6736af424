import Tensors
import Training

extension TrainingProgress.Stage {
    /// Searching for other weights of each text.
    package static let search = TrainingProgress.Stage("search")
    /// Measuring texts one by one.
    package static let measuring = TrainingProgress.Stage("measuring")
}

extension StageGraph {
    /// `body`'s results for 0..<count, in order, on the workers; how far they are is told on the way.
    ///
    /// - Parameter body: what is done for one of them; it must not call the workers.
    func map<Result: Sendable>(
        _ count: Int, _ stage: TrainingProgress.Stage, workers: Workers,
        _ body: @Sendable (Int) -> Result
    ) throws -> [Result] {
        let begin = ContinuousClock.now
        var results: [Result] = []
        results.reserveCapacity(count)
        // Enough at a time for all threads to be busy, few enough for people to see them go on.
        let piece = max(8 * workers.count, 64)
        for first in stride(from: 0, to: count, by: piece) {
            results += workers.map(min(piece, count - first)) { index, _ in body(first + index) }
            try report(TrainingProgress(stage, documents: results.count, of: count, since: begin))
        }
        return results
    }
}

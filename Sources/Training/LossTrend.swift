/// The mean loss of documents in a training's first and last tenth of steps, one step at least.
package struct LossTrend: Sendable {
    private let steps: Int
    private var taken = 0
    private var sums = (first: 0.0, last: 0.0)
    private var documents = (first: 0, last: 0)

    /// - Parameter steps: how many there will be.
    init(steps: Int) { self.steps = steps }

    /// Adds a step.
    ///
    /// - Parameter loss: the sum over its documents.
    mutating func add(loss: Double, documents count: Int) {
        let tenth = max(1, steps / 10)
        if taken < tenth {
            sums.first += loss
            documents.first += count
        }
        if taken >= steps - tenth {
            sums.last += loss
            documents.last += count
        }
        taken += 1
    }

    /// The mean of the first steps.
    var first: Double { sums.first / Double(max(1, documents.first)) }
    /// The mean of the last steps.
    var last: Double { sums.last / Double(max(1, documents.last)) }
    /// Whether the loss ended at more than twice its beginning; in fewer than 20 steps, where single
    /// batches are compared, at more than five times.
    var hasRisen: Bool { last > (steps < 20 ? 5 : 2) * first }
}

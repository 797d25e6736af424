/// The mean loss of documents in a training's first and last tenth of steps, one step at least.
package struct LossTrend: Sendable, Equatable {
    /// How many steps there will be.
    let steps: Int
    /// How many were added.
    var taken = 0
    /// Sums of losses and counts of documents, of the first steps and of the last.
    var (firstSum, lastSum) = (0.0, 0.0)
    var (firstDocuments, lastDocuments) = (0, 0)

    /// - Parameter steps: how many there will be.
    init(steps: Int) { self.steps = steps }

    /// Adds a step.
    ///
    /// - Parameter loss: the sum over its documents.
    mutating func add(loss: Double, documents count: Int) {
        let tenth = max(1, steps / 10)
        if taken < tenth {
            firstSum += loss
            firstDocuments += count
        }
        if taken >= steps - tenth {
            lastSum += loss
            lastDocuments += count
        }
        taken += 1
    }

    /// The mean of the first steps.
    package var first: Double { firstSum / Double(max(1, firstDocuments)) }
    /// The mean of the last steps.
    package var last: Double { lastSum / Double(max(1, lastDocuments)) }
    /// Whether both sums are numbers.
    var isFinite: Bool { firstSum.isFinite && lastSum.isFinite }
    /// Whether the loss ended at more than twice its beginning; in fewer than 20 steps, where single
    /// batches are compared, at more than five times.
    var hasRisen: Bool { last > (steps < 20 ? 5 : 2) * first }
}

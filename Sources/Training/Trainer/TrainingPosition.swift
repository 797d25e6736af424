/// How far a training is, between two steps. With the recipe, the seed, the parameters and the
/// optimizer's moments it decides all further steps: order, dropout and chunks are functions of the
/// seed and of these numbers.
package struct TrainingPosition: Sendable, Equatable {
    /// The epoch that was best on the development set so far.
    package struct Best: Sendable, Equatable {
        /// Its number, from 1.
        package var epoch: Int
        /// Its metric.
        package var metric: Double
    }

    /// The epoch under way, from 1; where all are done, one more than there are.
    package var epoch = 1
    /// How many of its batches are done; all of them: it was not measured yet.
    package var batch = 0
    /// How many of its documents are done.
    package var documents = 0
    /// The sum of their losses.
    package var loss = 0.0
    /// How the loss began and ended, of all epochs.
    package var trend: LossTrend
    /// The best epoch so far; nil before the first has ended.
    package var best: Best?

    /// The beginning of a training.
    ///
    /// - Parameter steps: how many there will be.
    package init(steps: Int) { trend = LossTrend(steps: steps) }

    /// How many steps are done.
    package var steps: Int { trend.taken }

    /// What cannot be in a training of this length; nil where all fits together.
    ///
    /// - Parameters:
    ///   - stepsPerEpoch: batches of an epoch, at least 1.
    ///   - documents: how many there are to learn from.
    ///   - firstCandidate: the first epoch that may be the best one.
    func problem(
        epochs: Int, stepsPerEpoch: Int, documents count: Int, firstCandidate: Int = 1
    ) -> String? {
        guard (1...(epochs + 1)).contains(epoch) else { return "epoch \(epoch) of \(epochs)" }
        guard (0...stepsPerEpoch).contains(batch), epoch <= epochs || batch == 0 else {
            return "step \(batch) of \(stepsPerEpoch) in epoch \(epoch)"
        }
        guard trend.steps == epochs * stepsPerEpoch,
            trend.taken == (epoch - 1) * stepsPerEpoch + batch
        else {
            return "\(trend.taken) of \(trend.steps) steps at step \(batch) of epoch \(epoch)"
        }
        guard (batch...max(batch, count)).contains(documents), (documents == 0) == (batch == 0)
        else { return "\(documents) documents in \(batch) steps" }
        guard loss.isFinite, trend.isFinite else { return "a loss that is not a number" }
        if let best {
            guard (firstCandidate..<max(firstCandidate, epoch)).contains(best.epoch),
                best.metric.isFinite
            else {
                return "epoch \(best.epoch) as the best before epoch \(epoch)"
            }
        } else if epoch > firstCandidate {
            return "no best of \(epoch - 1) epochs"
        }
        return nil
    }
}

/// Measures a training's speed, and makes what people are told of it.
struct TrainingMeter {
    private let stage: TrainingProgress.Stage
    private let epochs: Int
    private let total: Int
    /// Documents that were done before, at another time.
    private let before: Int
    /// The last epoch that ended.
    private var ended: (position: TrainingPosition, devMetric: Double)?
    private let start = ContinuousClock.now

    /// - Parameter position: where the training begins or goes on.
    init(
        stage: TrainingProgress.Stage, epochs: Int, documents: Int, from position: TrainingPosition
    ) {
        self.stage = stage
        self.epochs = epochs
        total = documents
        before = (position.epoch - 1) * documents + position.documents
    }

    /// Notes the end of an epoch.
    ///
    /// - Parameter epoch: the position after its last step.
    mutating func end(epoch: TrainingPosition, devMetric: Double) { ended = (epoch, devMetric) }

    /// - Parameter isEpochEnd: the epoch that ended just now is meant, and not the next one.
    func progress(_ position: TrainingPosition, isEpochEnd: Bool) -> TrainingProgress {
        let shown = isEpochEnd ? ended?.position ?? position : position
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let all = (shown.epoch - 1) * total + shown.documents
        let speed = seconds > 0 ? Double(all - before) / seconds : 0
        return TrainingProgress(
            stage: stage, epoch: shown.epoch, epochs: epochs, documents: shown.documents,
            totalDocuments: total,
            loss: shown.documents > 0 ? shown.loss / Double(shown.documents) : nil,
            devMetric: ended?.devMetric, isEpochEnd: isEpochEnd, documentsPerSecond: speed,
            secondsLeft: speed > 0 ? Double(epochs * total - all) / speed : 0)
    }
}

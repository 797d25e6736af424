import Encoders
import Errors
import Optimization
import Randomness
import Tensors

/// Fine-tunes a model: AdamW, linear warm-up and decay, clipping at norm 1, and of all epochs the one
/// with the best figure on the development set (the first of equal ones).
struct FineTuning {
    let recipe: TrainingRecipe
    /// Decides the order of documents, and dropout.
    let seed: UInt64
    /// How weights will be stored.
    let weightFormat: FloatFormat
    let workers: Workers
    let stage: TrainingProgress.Stage
    let report: (TrainingProgress) throws -> Void

    /// The best epoch's model.
    struct Outcome<DevScore> {
        let model: SequenceClassifier
        let epoch: Int
        let dev: DevScore
        /// How the loss began and ended, of all epochs.
        let loss: LossTrend
    }

    /// Trains `model` in place and returns a copy of its best state.
    ///
    /// - Throws: `WarrantError` where the loss is not a number any more, and what `report` throws.
    func run<Task: FineTuningTask>(
        _ model: SequenceClassifier, _ task: Task
    ) throws -> Outcome<Task.DevScore> {
        let lengths = task.documents.map(\.tokens)
        let stepsPerEpoch = (lengths.count + recipe.batchSize - 1) / recipe.batchSize
        let schedule = LearningRateSchedule(
            peak: recipe.learningRate, warmup: recipe.warmup,
            totalSteps: recipe.epochs * stepsPerEpoch)
        var steps = TrainingSteps(
            model, task, schedule: schedule, weightDecay: recipe.weightDecay,
            seed: seed, workers: workers)
        var generator = SeededGenerator(seed: seed, stream: "order")
        var meter = Meter(stage: stage, epochs: recipe.epochs, documents: lengths.count)
        var trend = LossTrend(steps: recipe.epochs * stepsPerEpoch)
        var best: (model: SequenceClassifier, epoch: Int, dev: Task.DevScore)?

        for epoch in 1...recipe.epochs {
            meter.begin(epoch)
            let batches = BatchOrder.batches(
                lengths: lengths, batchSize: recipe.batchSize, using: &generator)
            for batch in batches {
                let (loss, norm) = steps.take(batch)
                guard loss.isFinite && norm.isFinite else {
                    throw WarrantError(
                        .failed,
                        "training of the \(stage.name) model diverged at step \(steps.count): "
                            + "loss \(loss), gradient norm \(norm); lower its learning rate, which "
                            + "is \(recipe.learningRate)")
                }
                trend.add(loss: loss, documents: batch.count)
                meter.add(documents: batch.count, loss: loss)
                try report(meter.progress())
            }
            steps.synchronize()
            let score = try task.measure(model, workers: workers)
            let figure = task.figure(score)
            if best.map({ figure > task.figure($0.dev) }) ?? true {
                best = (model.copy(), epoch, score)
            }
            meter.devFigure = figure
            try report(meter.progress(isEpochEnd: true))
        }
        guard let best else { throw WarrantError(.wrongUsage, "at least one epoch is needed") }
        guard weightFormat != .f32 else {
            return Outcome(model: best.model, epoch: best.epoch, dev: best.dev, loss: trend)
        }
        // What is measured, and what rationales are extracted with, is what will be stored.
        best.model.parameters.round(to: weightFormat)
        return Outcome(
            model: best.model, epoch: best.epoch,
            dev: try task.measure(best.model, workers: workers), loss: trend)
    }
}

/// A model's training steps, one after the other: forward with dropout and backward, clipping at
/// norm 1, AdamW.
package struct TrainingSteps<Task: FineTuningTask> {
    /// How many were taken.
    package private(set) var count = 0
    private let model: SequenceClassifier
    private let task: Task
    private let lengths: [Int]
    private let schedule: LearningRateSchedule
    private let dropoutSeed: UInt64
    private let windowSeed: UInt64
    private let optimizer: AdamW
    private let gradients: ShardedGradients

    /// Steps that train `model` in place.
    ///
    /// - Parameter seed: decides dropout, and which windows of very long documents are read.
    package init(
        _ model: SequenceClassifier, _ task: Task, schedule: LearningRateSchedule,
        weightDecay: Float, seed: UInt64, workers: Workers
    ) {
        self.model = model
        self.task = task
        lengths = task.documents.map { document in
            document.windows.prefix(WindowRun.longest).reduce(0) { $0 + $1.ids.count }
        }
        self.schedule = schedule
        dropoutSeed = SeededGenerator.seed(seed, stream: "dropout")
        windowSeed = SeededGenerator.seed(seed, stream: "windows")
        var settings = AdamW.Options()
        settings.weightDecay = weightDecay
        optimizer = AdamW(parameters: model.parameters, workers: workers, options: settings)
        gradients = ShardedGradients(parameters: model.parameters, workers: workers)
    }

    /// One step on a batch of document numbers.
    ///
    /// - Returns: the sum of the documents' losses, and the gradient's norm before clipping.
    package mutating func take(_ batch: [Int]) -> (loss: Double, norm: Double) {
        let runs = Dictionary(uniqueKeysWithValues: batch.map { ($0, windows(of: $0)) })
        optimizer.prepare(
            rows: batch.flatMap { number in
                task.documents[number].windows[runs[number] ?? 0..<0].flatMap(\.ids)
            })
        let losses = losses(of: batch, runs)
        let norm = optimizer.step(gradients, rate: schedule.rate(step: count))
        count += 1
        return (losses.reduce(0, +), norm)
    }

    /// Brings every parameter up to date: before the model is read as a whole.
    package func synchronize() { optimizer.synchronize() }

    /// The windows of a document that this step reads.
    private func windows(of number: Int) -> Range<Int> {
        WindowRun.range(
            of: task.documents[number].windows.count, seed: windowSeed, step: count,
            document: number)
    }

    /// One batch forward and backward, shard by shard.
    ///
    /// - Returns: the documents' losses.
    private func losses(of batch: [Int], _ runs: [Int: Range<Int>]) -> [Double] {
        let shards = BatchOrder.shards(batch, lengths: lengths)
        let (model, task, seed, step) = (model, task, dropoutSeed, count)
        let losses = gradients.run(shards: shards.count) { shard, tape in
            let numbers = shards[shard]
            let windows = numbers.map { runs[$0] ?? 0..<0 }
            let packed = PackedBatch(
                zip(numbers, windows).flatMap { task.documents[$0].windows[$1] },
                dropout: .init(
                    seed: seed, step: step,
                    documents: zip(numbers, windows).flatMap { number, windows in
                        windows.map { PackedBatch.DropoutSeed.number(document: number, window: $0) }
                    }))
            return task.pass(
                model, numbers, windows: windows, packed, weight: 1 / Double(batch.count), on: tape)
        }
        return losses.flatMap { $0 }
    }
}

/// Counts what has been done, for progress.
private struct Meter {
    let stage: TrainingProgress.Stage
    let epochs: Int
    let total: Int
    var devFigure: Double?
    private var epoch = 0
    private var done = 0
    private var loss = 0.0
    private let start = ContinuousClock.now

    init(stage: TrainingProgress.Stage, epochs: Int, documents: Int) {
        self.stage = stage
        self.epochs = epochs
        total = documents
    }

    mutating func begin(_ epoch: Int) {
        self.epoch = epoch
        (done, loss) = (0, 0)
    }

    mutating func add(documents: Int, loss: Double) {
        done += documents
        self.loss += loss
    }

    func progress(isEpochEnd: Bool = false) -> TrainingProgress {
        let seconds = (ContinuousClock.now - start) / .seconds(1)
        let all = (epoch - 1) * total + done
        let speed = seconds > 0 ? Double(all) / seconds : 0
        return TrainingProgress(
            stage: stage, epoch: epoch, epochs: epochs, documents: done, totalDocuments: total,
            loss: done > 0 ? loss / Double(done) : nil, devFigure: devFigure,
            isEpochEnd: isEpochEnd, documentsPerSecond: speed,
            secondsLeft: speed > 0 ? Double(epochs * total - all) / speed : 0)
    }
}

/// Documents and the class of each.
struct LabelledDocuments: Sendable {
    var documents: [TokenizedDocument]
    var labels: [Int]
}

/// Fine-tunes a classifier: AdamW, linear warm-up and decay, clipping at norm 1, and of all epochs
/// the one with the best macro-F1 on the development set (the first of equal ones).
struct FineTuning {
    let options: TrainingOptions
    let workers: Workers
    let stage: TrainingProgress.Stage
    let report: (TrainingProgress) throws -> Void

    /// The best epoch's model.
    struct Outcome {
        let model: SequenceClassifier
        let epoch: Int
        let devMetrics: ClassificationMetrics
    }

    /// Trains `model` in place and returns a copy of its best state.
    ///
    /// - Throws: `WarrantError` where the loss is not a number any more, and what `report` throws.
    func run(
        _ model: SequenceClassifier, train: LabelledDocuments, dev: LabelledDocuments
    ) throws -> Outcome {
        let lengths = train.documents.map(\.ids.count)
        let stepsPerEpoch = (lengths.count + options.batchSize - 1) / options.batchSize
        let schedule = LearningRateSchedule(
            peak: options.learningRate, warmup: options.warmup,
            totalSteps: options.epochs * stepsPerEpoch)
        var steps = TrainingSteps(
            model, train: train, schedule: schedule, weightDecay: options.weightDecay,
            seed: options.seed, workers: workers)
        var generator = SeededGenerator(seed: options.seed)
        var meter = Meter(stage: stage, epochs: options.epochs, documents: lengths.count)
        var best: Outcome?

        for epoch in 1...options.epochs {
            meter.begin(epoch)
            let batches = BatchOrder.batches(
                lengths: lengths, batchSize: options.batchSize, using: &generator)
            for batch in batches {
                let (loss, norm) = steps.take(batch)
                guard loss.isFinite && norm.isFinite else {
                    throw WarrantError(
                        .failed,
                        "training of the \(stage.rawValue) model diverged at step \(steps.count): "
                            + "loss \(loss), gradient norm \(norm); lower --learning-rate")
                }
                meter.add(documents: batch.count, loss: loss)
                try report(meter.progress())
            }
            steps.synchronize()
            let metrics = try evaluate(model, dev)
            if best.map({ metrics.macroF1 > $0.devMetrics.macroF1 }) ?? true {
                best = Outcome(model: model.copy(), epoch: epoch, devMetrics: metrics)
            }
            meter.devMacroF1 = metrics.macroF1
            try report(meter.progress(isEpochEnd: true))
        }
        guard let best else { throw WarrantError(.wrongUsage, "at least one epoch is needed") }
        guard options.weightFormat != .f32 else { return best }
        // What is measured, and what rationales are extracted with, is what will be stored.
        best.model.parameters.round(to: options.weightFormat)
        return Outcome(
            model: best.model, epoch: best.epoch, devMetrics: try evaluate(best.model, dev))
    }

    /// Metrics of `model` on documents, without dropout.
    ///
    /// - Throws: `WarrantError` where a logit is not a number.
    func evaluate(
        _ model: SequenceClassifier, _ data: LabelledDocuments
    ) throws -> ClassificationMetrics {
        let logits = model.logits(data.documents, workers: workers)
        guard logits.allSatisfy({ $0.allSatisfy(\.isFinite) }) else {
            throw WarrantError(
                .failed,
                "the \(stage.rawValue) model gives logits that are not finite after training; lower "
                    + "--learning-rate"
                    + (options.weightFormat == .f16 ? ", or store weights as bf16" : ""))
        }
        return ClassificationMetrics(
            gold: data.labels,
            predicted: logits.map(\.indexOfLargest),
            classCount: model.labels.count)
    }
}

/// A model's training steps, one after the other: forward with dropout and backward, clipping at
/// norm 1, AdamW.
struct TrainingSteps {
    /// How many were taken.
    private(set) var count = 0
    private let model: SequenceClassifier
    private let train: LabelledDocuments
    private let lengths: [Int]
    private let schedule: LearningRateSchedule
    private let seed: UInt64
    private let optimizer: AdamW
    private let gradients: ShardedGradients

    /// Steps that train `model` in place.
    ///
    /// - Parameter seed: decides dropout.
    init(
        _ model: SequenceClassifier, train: LabelledDocuments, schedule: LearningRateSchedule,
        weightDecay: Float, seed: UInt64, workers: Workers
    ) {
        self.model = model
        self.train = train
        lengths = train.documents.map(\.ids.count)
        self.schedule = schedule
        self.seed = seed
        var settings = AdamW.Options()
        settings.weightDecay = weightDecay
        optimizer = AdamW(parameters: model.parameters, workers: workers, options: settings)
        gradients = ShardedGradients(parameters: model.parameters, workers: workers)
    }

    /// One step on a batch of document numbers.
    ///
    /// - Returns: the sum of the documents' losses, and the gradient's norm before clipping.
    mutating func take(_ batch: [Int]) -> (loss: Double, norm: Double) {
        optimizer.prepare(rows: batch.flatMap { train.documents[$0].ids })
        let losses = losses(of: batch)
        let norm = optimizer.step(gradients, rate: schedule.rate(step: count))
        count += 1
        return (losses.reduce(0, +), norm)
    }

    /// Brings every parameter up to date: before the model is read as a whole.
    func synchronize() { optimizer.synchronize() }

    /// One batch forward and backward, shard by shard.
    ///
    /// - Returns: the documents' losses.
    private func losses(of batch: [Int]) -> [Double] {
        let shards = BatchOrder.shards(batch, lengths: lengths)
        let (model, train, seed, step) = (model, train, seed, count)
        let losses = gradients.run(shards: shards.count) { shard, tape in
            let numbers = shards[shard]
            let packed = PackedBatch(
                numbers.map { train.documents[$0] },
                dropout: .init(seed: seed, step: step, documents: numbers))
            return model.trainingPass(
                packed, labels: numbers.map { train.labels[$0] }, weight: 1 / Double(batch.count),
                on: tape)
        }
        return losses.flatMap { $0 }
    }
}

/// Counts what has been done, for progress.
private struct Meter {
    let stage: TrainingProgress.Stage
    let epochs: Int
    let total: Int
    var devMacroF1: Double?
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
            loss: done > 0 ? loss / Double(done) : nil, devMacroF1: devMacroF1,
            isEpochEnd: isEpochEnd, documentsPerSecond: speed,
            secondsLeft: speed > 0 ? Double(epochs * total - all) / speed : 0)
    }
}

import Errors
import Optimization
import Randomness
import Tensors

/// Trains the model of a task: its batches, optimizer and learning rates, and of all epochs the one with
/// the best metric (the first of equal ones).
package struct Trainer {
    let recipe: TrainingRecipe
    /// Decides the order of documents, and dropout.
    let seed: UInt64
    /// How weights will be stored.
    let weightFormat: FloatFormat
    let workers: Workers
    let stage: TrainingProgress.Stage

    /// A trainer.
    ///
    /// - Parameters:
    ///   - seed: decides the order of documents, and dropout.
    ///   - weightFormat: how weights will be stored: the model that is returned is rounded to it.
    ///   - stage: the training's name in progress and errors.
    package init(
        recipe: TrainingRecipe, seed: UInt64, weightFormat: FloatFormat = .f32, workers: Workers,
        stage: TrainingProgress.Stage
    ) {
        self.recipe = recipe
        self.seed = seed
        self.weightFormat = weightFormat
        self.workers = workers
        self.stage = stage
    }

    /// The best epoch's model.
    package struct Outcome<Model, DevScore> {
        package let model: Model
        package let epoch: Int
        package let dev: DevScore
        /// How the loss began and ended, of all epochs.
        package let loss: LossTrend
    }

    /// The best epoch so far: its model, and what the development set says of it.
    private typealias Best<Task: TrainingTask> = (model: Task.Model, dev: Task.DevScore)

    /// Trains `model` in place and returns a copy of its best state.
    ///
    /// - Parameter saved: a training of this recipe, seed and task that did not end; its numbers take
    ///   the place of the model's, and the outcome is the one that it would have had.
    /// - Throws: `WarrantError` where the loss is not a number any more, what hooks throw, and for a
    ///   saved training that does not fit its own error.
    package func run<Task: TrainingTask>(
        _ model: Task.Model, _ task: Task, from saved: SavedTraining? = nil,
        hooks: TrainingHooks = TrainingHooks()
    ) throws -> Outcome<Task.Model, Task.DevScore> {
        let documents = task.lengths.count
        let stepsPerEpoch = (documents + recipe.batchSize - 1) / recipe.batchSize
        let allSteps = recipe.epochs * stepsPerEpoch
        var steps = TrainingSteps(
            model, task, schedule: task.schedule(recipe, steps: allSteps),
            weightDecay: recipe.weightDecay, seed: seed, workers: workers)
        var position = TrainingPosition(steps: allSteps)
        var best: Best<Task>?
        if let saved {
            position = saved.position
            best = try restore(saved, model, task, &steps, stepsPerEpoch: stepsPerEpoch)
        }
        var meter = TrainingMeter(
            stage: stage, epochs: recipe.epochs, documents: documents, from: position)
        var generator = SeededGenerator(seed: seed, stream: "order")

        func state(_ position: TrainingPosition, isEpochEnd: Bool = false) -> TrainingState {
            TrainingState(
                progress: meter.progress(position, isEpochEnd: isEpochEnd), position: position,
                parameters: model.parameters, optimizer: steps.optimizer,
                best: best?.model.parameters, isEnd: isOver(position, task))
        }

        for epoch in 1...recipe.epochs {
            // Also of epochs that are done: the order of the next follows from theirs.
            let batches = task.batches(size: recipe.batchSize, using: &generator)
            guard epoch == position.epoch, !isOver(position, task) else { continue }
            for batch in batches.dropFirst(position.batch) {
                let (loss, norm) = steps.take(batch)
                guard loss.isFinite && norm.isFinite else {
                    throw diverged(at: steps.count, loss: loss, norm: norm)
                }
                position.trend.add(loss: loss, documents: batch.count)
                position.batch += 1
                position.documents += batch.count
                position.loss += loss
                // The last step's state is the epoch's, which is not measured yet.
                try hooks.afterStep(state(position))
            }
            steps.synchronize()
            let score = try task.measure(model, workers: workers)
            let metric = task.metric(score)
            if epoch >= firstCandidate(task), best.map({ metric > task.metric($0.dev) }) ?? true {
                best = (model.copy(), score)
                position.best = .init(epoch: epoch, metric: metric)
            }
            meter.end(epoch: position, devMetric: metric)
            position.epoch += 1
            (position.batch, position.documents, position.loss) = (0, 0, 0)
            try hooks.afterEpoch(state(position, isEpochEnd: true))
        }
        guard let best, let epoch = position.best?.epoch else {
            throw WarrantError(.wrongUsage, "at least one epoch is needed")
        }
        guard weightFormat != .f32 else {
            return Outcome(
                model: best.model, epoch: epoch, dev: best.dev, loss: position.trend)
        }
        // What is measured, and what rationales are extracted with, is what will be stored. A copy,
        // since a hook may hold the best epoch's numbers still.
        let stored = best.model.copy()
        stored.parameters.round(to: weightFormat)
        return Outcome(
            model: stored, epoch: epoch, dev: try task.measure(stored, workers: workers),
            loss: position.trend)
    }

    /// The first epoch that may be the best one.
    private func firstCandidate(_ task: some TrainingTask) -> Int {
        min(task.firstCandidate, recipe.epochs)
    }

    /// Whether no epoch follows: the last one is done, or none was better than the best for as many as
    /// the task waits.
    private func isOver(_ position: TrainingPosition, _ task: some TrainingTask) -> Bool {
        if position.epoch > recipe.epochs { return true }
        guard let patience = task.patience, let best = position.best, position.batch == 0 else {
            return false
        }
        return position.epoch - 1 - best.epoch >= patience
    }

    /// Puts a saved training's numbers in place.
    ///
    /// - Returns: its best epoch.
    private func restore<Task: TrainingTask>(
        _ saved: SavedTraining, _ model: Task.Model, _ task: Task,
        _ steps: inout TrainingSteps<Task>, stepsPerEpoch: Int
    ) throws -> Best<Task>? {
        let position = saved.position
        if let problem = position.problem(
            epochs: recipe.epochs, stepsPerEpoch: stepsPerEpoch, documents: task.lengths.count,
            firstCandidate: firstCandidate(task))
        {
            throw saved.damage("the training of the \(stage.name) model is at \(problem)")
        }
        var best: Best<Task>?
        if let kept = position.best {
            let copy = model.copy()
            try saved.readBest(copy.parameters)
            copy.parameters.changed()
            let score = try task.measure(copy, workers: workers)
            let metric = task.metric(score)
            guard metric == kept.metric else {
                throw saved.damage(
                    "the \(stage.name) model of epoch \(kept.epoch) scores \(metric) on the "
                        + "development set, and scored \(kept.metric) when it was kept")
            }
            best = (copy, score)
        }
        // What is trained to its end needs no more than its best epoch.
        guard !isOver(position, task) else { return best }
        try saved.read(model.parameters, steps.optimizer)
        model.parameters.changed()
        steps.resume(after: position.steps)
        return best
    }

    private func diverged(at step: Int, loss: Double, norm: Double) -> WarrantError {
        WarrantError(
            .failed,
            "training of the \(stage.name) model diverged at step \(step): "
                + "loss \(loss), gradient norm \(norm); lower its learning rate, which "
                + "is \(recipe.learningRate)")
    }
}

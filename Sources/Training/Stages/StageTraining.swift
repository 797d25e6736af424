extension StageGraph {
    /// Trains a model for a stage, from where its training was kept.
    package func train<Task: TrainingTask>(
        _ model: Task.Model, _ task: Task, _ trainer: Trainer, _ unfinished: UnfinishedStage?
    ) throws -> Trainer.Outcome<Task.Model, Task.DevScore> {
        let keeping = unfinished?.hooks
        let report = report
        return try trainer.run(
            model, task, from: unfinished?.saved(),
            hooks: TrainingHooks(
                afterStep: { state in
                    try report(state.progress)
                    try keeping?.afterStep(state)
                },
                afterEpoch: { state in
                    try report(state.progress)
                    try keeping?.afterEpoch(state)
                }))
    }
}

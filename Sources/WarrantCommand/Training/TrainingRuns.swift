import Fresh
import Warrant

/// Trains once for each seed, and keeps the model of the best.
struct TrainingRuns {
    let origin: any ClassifierOrigin
    let data: TrainingData
    let options: TrainingOptions
    let seeds: [UInt64]
    /// Of all runs together.
    let identity: RunIdentity
    /// What a run that was killed had done, and what this one has.
    let checkpoint: TrainingCheckpoint

    /// The run whose classifier is best on the dev set (the first of equal ones), and what all runs
    /// scored.
    ///
    /// - Throws: as `RationaleTraining.run`.
    func run() throws -> (best: RationaleTraining.Outcome, runs: [SeedRun]) {
        let display = TrainingDisplay(
            isTerminal: Messages.isTerminal, stages: options.stages, devCoverage: data.devCoverage)
        defer { display.close() }
        var best: (training: RationaleTraining, owner: String, output: SeedRunStage.Output)?
        var runs: [SeedRun] = []
        for (number, seed) in seeds.enumerated() {
            if seeds.count > 1 {
                display.close()
                Messages.write("\nseed \(seed), run \(number + 1) of \(seeds.count)\n")
            }
            let training = training(seed, display)
            let stage = SeedRunStage(training, of: identity, isKept: number + 1 < seeds.count)
            let output = try graph(training, stage.key.name).output(of: stage)
            if let outcome = output.outcome {
                display.close()
                for notice in outcome.notices { Messages.say(notice.message) }
            } else {
                Messages.say("the run of seed \(seed) is done: its scores are in the checkpoint")
            }
            runs.append(output.run)
            // Of the runs that were not the best the scores alone are needed.
            var worse: String? = stage.key.name
            if output.run.devMacroF1 > best?.output.run.devMacroF1 ?? -1 {
                worse = best?.owner
                best = (training, stage.key.name, output)
            }
            if let worse { checkpoint.drop(ownedBy: worse) }
        }
        guard let best else { throw WarrantError(.wrongUsage, "no seed was given") }
        // Where its scores alone were read, its models are in the checkpoint too.
        let outcome =
            try best.output.outcome ?? best.training.run(in: graph(best.training, best.owner))
        return (outcome, runs)
    }

    private func training(_ seed: UInt64, _ display: TrainingDisplay) -> RationaleTraining {
        var options = options
        options.seed = seed
        return RationaleTraining(
            origin: origin, data: data, options: options, report: display.show)
    }

    private func graph(_ training: RationaleTraining, _ owner: String) -> StageGraph {
        training.graph(CheckpointStages(checkpoint, owner: owner))
    }
}

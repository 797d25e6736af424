import Warrant

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Trains once for each seed, and keeps the model of the best.
struct TrainingRuns {
    let encoder: URL
    let data: TrainingData
    let options: TrainingOptions
    let seeds: [UInt64]
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
        var best: (seed: UInt64, devMacroF1: Double, outcome: RationaleTraining.Outcome?)?
        var runs: [SeedRun] = []
        for (number, seed) in seeds.enumerated() {
            if seeds.count > 1 {
                display.close()
                Messages.write("\nseed \(seed), run \(number + 1) of \(seeds.count)\n")
            }
            let kept = try checkpoint.scores(seed: seed, data)
            var outcome: RationaleTraining.Outcome?
            if kept != nil {
                Messages.say("the run of seed \(seed) is done: its scores are in the checkpoint")
            } else {
                let trained = try train(seed, display)
                display.close()
                for notice in trained.notices { Messages.say(notice.message) }
                outcome = trained
            }
            guard let run = kept ?? outcome.map({ SeedRun($0) }) else { continue }
            if run.devMacroF1 > best?.devMacroF1 ?? -1 { best = (seed, run.devMacroF1, outcome) }
            runs.append(run)
            if kept == nil, number + 1 < seeds.count, let best {
                try checkpoint.keep(run, seed: seed, models: [best.seed])
            }
        }
        guard let best else { throw WarrantError(.wrongUsage, "no seed was given") }
        // Where its scores alone were read, its models are in the checkpoint too.
        return (try best.outcome ?? train(best.seed, display), runs)
    }

    private func train(
        _ seed: UInt64, _ display: TrainingDisplay
    ) throws -> RationaleTraining.Outcome {
        var options = options
        options.seed = seed
        var training = RationaleTraining(
            encoder: encoder, data: data, options: options, report: display.show)
        training.checkpoint = checkpoint
        return try training.run()
    }
}

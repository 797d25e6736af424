import ArgumentParser
import Warrant

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a run that does not come to its end leaves to go on from.
struct CheckpointOptions: ParsableArguments {
    @Flag(
        help: ArgumentHelp(
            "Go on from the checkpoint that a run of the same command on the same data left beside "
                + "--output; without one, start from the beginning."))
    var resume = false

    @Option(
        help: ArgumentHelp(
            "Write a checkpoint at the end of each epoch and each time that so many seconds have "
                + "passed; 0: at the ends of epochs alone. By default about every minute, and so "
                + "seldom that it takes no more than a few per cent of the time.",
            valueName: "seconds"))
    var checkpointEvery: Double?

    /// The folder beside a model's place.
    static func folder(beside place: String) -> String { place + ".checkpoint" }

    /// Opens the checkpoint beside a model's place.
    ///
    /// - Throws: `WarrantError` for one that is damaged or of another run.
    func open(beside place: String, of run: RunIdentity) throws -> TrainingCheckpoint {
        let folder = Self.folder(beside: place)
        let checkpoint = try TrainingCheckpoint(
            folder: folder, run: run, resumes: resume,
            pace: checkpointEvery.map { .every(seconds: $0) } ?? .moderate, say: Messages.say,
            writing: { body in
                try Interruption.whole {
                    try body()
                    Interruption.say(Self.stopped(folder))
                }
            })
        if checkpoint.isKept {
            Interruption.say(Self.stopped(folder))
        } else if checkpoint.isReplaced {
            Messages.say(
                "\(folder) is the checkpoint of a run that did not end; this run replaces it: to go on "
                    + "from it, stop now and give --resume")
        } else if resume {
            Messages.say("there is no checkpoint \(folder): training starts from the beginning")
        }
        return checkpoint
    }

    /// The message of a run that stops and has a checkpoint.
    private static func stopped(_ folder: String) -> String {
        "stopped; nothing was written but the checkpoint \(folder): to go on, give the same command "
            + "with --resume"
    }

    /// Ends with an error: what can be gone on from stays, and the rest is removed.
    ///
    /// - Returns: the error.
    static func end(_ checkpoint: TrainingCheckpoint, by error: any Error) -> any Error {
        guard checkpoint.isKept else { return error }
        // What diverged would diverge again.
        if let error = error as? WarrantError, error.kind == .failed {
            checkpoint.remove()
        } else {
            Messages.say(
                "the checkpoint \(checkpoint.folder) is kept: to go on from it, give the same command "
                    + "with --resume")
        }
        return error
    }

    func validate() throws {
        guard let checkpointEvery else { return }
        guard checkpointEvery >= 0, checkpointEvery <= 1e6 else {
            throw ValidationError(
                "--checkpoint-every is \(checkpointEvery); give 0 to 1000000 seconds")
        }
    }
}

import ArgumentParser
import Warrant

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The command `warrant`.
@main
struct WarrantTool: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "warrant",
        abstract: "Classify texts by predicting from short extracts of them.",
        discussion: """
            An extractor selects words of the text, its rationale; a classifier of its own reads these \
            words only, and predicts. So a prediction depends on the rationale's words (and the query) \
            alone, and a certificate lets anyone make it again from them. Which words are selected may \
            depend on the whole text: changing a word outside of the rationale can change the selection, \
            and with it the label. warrant evaluate --stability measures how often it does.

            EXAMPLES
              warrant classify --model Models/sst-small "a dull, lifeless film"
              warrant train --encoder all-MiniLM-L6-v2 --train train.tsv --output model
              warrant classify --model model --input in.jsonl --certificates > out.jsonl
              warrant verify --model model --input out.jsonl --source in.jsonl --selection
              warrant experiment grid.json --output results
              warrant bench

            Data go to standard output, messages to standard error. Exit status: 0 done, 1 a \
            check failed, 64 wrong usage, 65 bad data, 66 a missing input, 70 an internal error, \
            71 no memory or file handles left, 73 an output that cannot be written, 130 stopped by Ctrl-C.
            """,
        version: warrantVersion,
        subcommands: [
            Train.self, Extract.self, Classify.self, Evaluate.self, Score.self, Verify.self,
            Trim.self, Bench.self, Experiment.self, Diagnose.self, Keygen.self,
        ])

    /// Parses, runs, and ends the process: with one line on standard error where something is wrong.
    static func main() {
        // A reader that closes a pipe is noticed when writing; it must not end a training run.
        signal(SIGPIPE, SIG_IGN)
        // A limit on file sizes is met like a full disk: with an error, and nothing left behind.
        signal(SIGXFSZ, SIG_IGN)
        occupyClosedDescriptors()
        SystemLimits.check()
        do {
            try checkArguments()
            var command = try parseAsRoot()
            try command.run()
        } catch {
            Interruption.discard()
            let failure = Failure(error)
            if let message = failure.message { Messages.say(message) }
            guard failure.isForParser else { exitProcess(failure.status) }
            exitProcess(answer(fullMessage(for: error)))
        }
    }
}

/// Prints help, the version or a completion script, which somebody asked for.
///
/// - Returns: the exit status.
private func answer(_ text: String) -> Int32 {
    do {
        let output = ResultOutput.standard
        try output.bytes.append((text + "\n").utf8)
        try output.finish()
        return 0
    } catch {
        let failure = Failure(error)
        if let message = failure.message { Messages.say(message) }
        return failure.status
    }
}

/// Opens what is closed of standard input, output and error, so that no file of ours gets their
/// numbers and words for people land in it. Writing to output or error still fails.
private func occupyClosedDescriptors() {
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
        _ = open("/dev/null", O_RDONLY)
    }
}

/// Arguments must be UTF-8: offsets into a text that was mended silently would be wrong.
///
/// - Throws: `WarrantError` naming the argument's number.
private func checkArguments() throws {
    for index in 1..<max(1, Int(CommandLine.argc)) {
        guard let argument = CommandLine.unsafeArgv[index] else { continue }
        guard String(validatingCString: argument) != nil else {
            throw WarrantError(
                .badData, "argument \(index) is not valid UTF-8; give the text in UTF-8")
        }
    }
}

/// The name inside a command means ArgumentParser's.
private func exitProcess(_ status: Int32) -> Never { exit(status) }

import ArgumentParser
import JSON
import Warrant

/// How an error ends the process.
struct Failure {
    /// The exit status.
    let status: Int32
    /// One line for standard error; nil where there is nothing to say.
    let message: String?
    /// Whether ArgumentParser answers: help or the version was asked for.
    private(set) var isForParser = false

    /// Finds status and message of any error.
    init(_ error: any Error) {
        switch error {
        case let error as any DescribedError:
            self.init(error.kind.exitStatus, error.description)
        case is ClosedPipe:
            // What a shell reports of a process that SIGPIPE ended.
            self.init(141, nil)
        case let exit as ExitCode:
            self.init(exit.rawValue, nil)
        default:
            self.init(parsing: error)
        }
    }

    private init(_ status: Int32, _ message: String?) {
        self.status = status
        // File names and foreign errors may hold line breaks; a message is one line.
        self.message = message.map { text in
            text.split(whereSeparator: \.isNewline).joined(separator: " ")
        }
    }

    /// An error that ArgumentParser made, or one that nobody foresaw.
    private init(parsing error: any Error) {
        switch WarrantTool.exitCode(for: error) {
        case .success:
            self.init(0, nil)
            isForParser = true
        case .validationFailure:
            let command = Self.subcommand.map { "warrant \($0)" } ?? "warrant"
            self.init(64, "\(WarrantTool.message(for: error)); see \(command) --help")
        default:
            self.init(70, "internal error: \(error)")
        }
    }

    /// The subcommand that was asked for, for the way to its help.
    private static var subcommand: String? {
        let names = WarrantTool.configuration.subcommands.compactMap {
            $0.configuration.commandName
        }
        return CommandLine.arguments.dropFirst().first.flatMap { names.contains($0) ? $0 : nil }
    }
}

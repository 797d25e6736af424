import ArgumentParser
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
        case let error as DatasetError:
            self.init(error.kind.exitStatus, error.description)
        case let error as WarrantError:
            self.init(Self.status(of: error.kind), error.description)
        case let error as FileError:
            switch error.kind {
            case .unreadable: self.init(66, error.description)
            case .unsuitable: self.init(65, error.description)
            case .unwritable: self.init(73, error.description)
            }
        case let error as SafetensorsError:
            self.init(error.isUnreadable ? 66 : 65, error.description)
        case let error as EncoderError:
            if case .missing = error {
                self.init(66, error.description)
            } else {
                self.init(65, error.description)
            }
        case let error as TokenizerError:
            if case .unreadable = error {
                self.init(66, error.description)
            } else {
                self.init(65, error.description)
            }
        case let error as ThresholderError:
            self.init(64, error.description)
        case SaliencyError.cannotScore(_, let problem):
            self.init(65, problem)
        case let error as SaliencyError:
            self.init(64, error.description)
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

    private static func status(of kind: WarrantError.Kind) -> Int32 {
        switch kind {
        case .wrongUsage: 64
        case .badData: 65
        case .missingInput: 66
        case .failed: 70
        case .unwritable: 73
        case .cancelled: 130
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

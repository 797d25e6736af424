/// What went wrong in training, in a model folder or in writing, in one line.
public struct WarrantError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What sort of failure it is, for the exit status of a command.
    public enum Kind: Sendable, Equatable {
        /// The request does not fit together.
        case wrongUsage
        /// Data or a model are not what they should be.
        case badData
        /// A file or a folder is missing.
        case missingInput
        /// The output cannot be written.
        case unwritable
        /// Training diverged, or something that should not happen.
        case failed
        /// The run was stopped.
        case cancelled
    }

    /// What sort of failure it is.
    public let kind: Kind
    /// Where, what is wrong, what to do.
    public let description: String

    /// A failure whose message is one line.
    public init(_ kind: Kind, _ description: String) {
        self.kind = kind
        self.description = description
    }
}

extension WarrantError {
    /// A file's failure.
    init(_ error: FileError) {
        let kind: Kind =
            switch error.kind {
            case .unreadable: .missingInput
            case .unsuitable: .badData
            case .unwritable: .unwritable
            }
        self.init(kind, error.description)
    }
}

import Errors

/// A JSON document that cannot be read: the file, the line, and what was expected there.
public struct JSONError: DescribedError, Equatable {
    /// The file as it was named to the reader.
    public let file: String
    /// The line, counted from 1.
    public let line: Int
    /// What is wrong, and what was expected.
    public let problem: String

    package init(file: String, line: Int, problem: String) {
        self.file = file
        self.line = line
        self.problem = problem
    }

    /// Data that are not what they should be.
    public var kind: FailureKind { .badData }

    /// `file:line`.
    public var place: String? { "\(file):\(line)" }
}

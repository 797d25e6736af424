import Errors

/// A JSON document that cannot be read: the file, the line, and what was expected there.
package struct JSONError: DescribedError, Equatable {
    /// The file as it was named to the reader.
    package let file: String
    /// The line, counted from 1.
    package let line: Int
    /// What is wrong, and what was expected.
    package let problem: String

    package init(file: String, line: Int, problem: String) {
        self.file = file
        self.line = line
        self.problem = problem
    }

    /// Data that are not what they should be.
    package var kind: FailureKind { .badData }

    /// `file:line`.
    package var place: String? { "\(file):\(line)" }
}

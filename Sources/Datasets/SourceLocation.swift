/// A place in a data file, written `train.tsv:17`.
public struct SourceLocation: Sendable, Hashable, CustomStringConvertible {
    /// The file as it was named to the reader, or `standard input`.
    public var file: String

    /// The line, counted from 1; 0 stands for the file as a whole.
    public var line: Int

    /// Names a line, counted from 1, or with `line` 0 a file as a whole.
    public init(file: String, line: Int = 0) {
        self.file = file
        self.line = line
    }

    /// `file:line`, or the file alone.
    public var description: String { line == 0 ? file : "\(file):\(line)" }
}

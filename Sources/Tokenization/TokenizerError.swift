/// Why a tokenizer could not be read, or a text not be tokenized.
public enum TokenizerError: Error, CustomStringConvertible, Sendable, Equatable {
    /// A file is missing or cannot be read.
    case unreadable(file: String, problem: String)
    /// A file's content is not what was expected, at a line (from 1) where one is known.
    case malformed(file: String, line: Int?, problem: String)
    /// A file asks for something that this tokenizer does not do.
    case unsupported(file: String, problem: String)
    /// The query and the special tokens fill the limit: no piece of the document would be left.
    case noRoomForDocument(maximumLength: Int)
    /// The query takes more than three quarters of each of a long document's windows.
    case littleRoomForWindows(length: Int)

    /// One line: what is wrong, where, and what was expected.
    public var description: String {
        switch self {
        case .unreadable(let file, let problem): "\(file): \(problem)"
        case .malformed(let file, let line?, let problem): "\(file):\(line): \(problem)"
        case .malformed(let file, nil, let problem): "\(file): \(problem)"
        case .unsupported(let file, let problem): "\(file): \(problem)"
        case .noRoomForDocument(let maximumLength):
            "the query leaves no room for the document within \(maximumLength) pieces; "
                + "shorten the query or raise the maximum length"
        case .littleRoomForWindows(let length):
            "the query takes more than three quarters of a window of \(length) pieces, and the document "
                + "does not fit beside it; shorten the query or raise the maximum length"
        }
    }
}

/// A piece of a file's content, fit for one line of an error text: escaped, at most 40 scalars.
func quoted(_ text: some StringProtocol) -> String {
    let scalars = text.unicodeScalars
    var out = "\""
    for scalar in scalars.prefix(40) { out += scalar.escaped(asASCII: false) }
    return out + (scalars.dropFirst(40).isEmpty ? "\"" : "…\"")
}

import Errors

/// Why a tokenizer could not be read, or a text not be tokenized.
public enum TokenizerError: DescribedError, Equatable {
    /// A file is missing or cannot be read.
    case unreadable(file: String, problem: String)
    /// A file's content is not what was expected, at a line (from 1) where one is known.
    case malformed(file: String, line: Int?, problem: String)
    /// A file asks for something that this tokenizer does not do.
    case unsupported(file: String, problem: String)
    /// The query and the special tokens fill the limit: no piece of the document would be left.
    case noRoomForDocument(maximumLength: Int)
    /// The query takes more than three quarters of each of a long document's chunks.
    case littleRoomForChunks(length: Int)

    /// A missing file, or data that are not what they should be.
    public var kind: FailureKind {
        if case .unreadable = self { .missingInput } else { .badData }
    }

    /// The file, with the line where one is known.
    public var place: String? {
        switch self {
        case .unreadable(let file, _), .malformed(let file, nil, _), .unsupported(let file, _): file
        case .malformed(let file, let line?, _): "\(file):\(line)"
        case .noRoomForDocument, .littleRoomForChunks: nil
        }
    }

    /// What is wrong, and what was expected.
    public var problem: String {
        switch self {
        case .unreadable(_, let problem), .malformed(_, _, let problem),
            .unsupported(_, let problem):
            problem
        case .noRoomForDocument(let maximumLength):
            "the query leaves no room for the document within \(maximumLength) pieces; "
                + "shorten the query or raise the maximum length"
        case .littleRoomForChunks(let length):
            "the query takes more than three quarters of a chunk of \(length) pieces, and the document "
                + "does not fit beside it; shorten the query or raise the maximum length"
        }
    }
}

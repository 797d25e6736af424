import Errors

/// What is wrong with an encoder's folder, in one line.
public enum EncoderError: DescribedError, Equatable {
    /// A file is not there; `expected` says what should be.
    case missing(String, expected: String)
    /// A file's contents do not fit.
    case invalid(String, String)

    /// A missing file, or data that are not what they should be.
    public var kind: FailureKind {
        if case .missing = self { .missingInput } else { .badData }
    }

    /// The file.
    public var place: String? {
        switch self {
        case .missing(let file, _), .invalid(let file, _): file
        }
    }

    /// What is wrong, what was expected.
    public var problem: String {
        switch self {
        case .missing(_, let expected): "not found; expected \(expected)"
        case .invalid(_, let reason): reason
        }
    }
}

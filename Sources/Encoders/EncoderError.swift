/// What is wrong with an encoder's folder, in one line.
public enum EncoderError: Error, Sendable, Equatable, CustomStringConvertible {
    /// A file is not there; `expected` says what should be.
    case missing(String, expected: String)
    /// A file's contents do not fit.
    case invalid(String, String)

    /// File, what is wrong, what was expected.
    public var description: String {
        switch self {
        case .missing(let file, let expected): "\(file): not found; expected \(expected)"
        case .invalid(let file, let reason): "\(file): \(reason)"
        }
    }
}

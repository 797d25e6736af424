/// What sort of failure ended some work; a command's exit status follows from it.
public enum FailureKind: Sendable, Hashable {
    /// The request does not fit together.
    case wrongUsage
    /// Data or a model are there and are not what they should be.
    case badData
    /// A file or a folder is missing or cannot be opened.
    case missingInput
    /// Training diverged, or something happened that should not.
    case failed
    /// The output cannot be written.
    case unwritable
    /// The run was stopped.
    case cancelled

    /// The exit status: that of `sysexits.h` for all but a stop, which has the shell's for Ctrl-C.
    package var exitStatus: Int32 {
        switch self {
        case .wrongUsage: 64
        case .badData: 65
        case .missingInput: 66
        case .failed: 70
        case .unwritable: 73
        case .cancelled: 130
        }
    }
}

/// An error that is reported in one line: where, what is wrong, what to do.
public protocol DescribedError: Error, Sendable, CustomStringConvertible {
    /// What sort of failure it is.
    var kind: FailureKind { get }
    /// Where it is, such as `rows.jsonl:7` or a file's path; nil where there is no place, or the
    /// problem names it.
    var place: String? { get }
    /// What is wrong, and what was expected.
    var problem: String { get }
    /// What the reader of the message can do about it; nil where the problem says it.
    var remedy: String? { get }
}

extension DescribedError {
    /// No place of its own.
    public var place: String? { nil }

    /// No remedy of its own.
    public var remedy: String? { nil }

    /// `place: problem; remedy`, on one line.
    public var description: String { (place.map { "\(printable($0)): " } ?? "") + explanation }

    /// `problem; remedy`.
    package var explanation: String { problem + (remedy.map { "; \($0)" } ?? "") }
}

/// `text` without line breaks or control characters, cut after `limit` scalars.
package func printable(_ text: String, limit: Int = 4_096) -> String {
    var result = String.UnicodeScalarView()
    for (index, scalar) in text.unicodeScalars.enumerated() {
        if index == limit {
            result.append("…")
            break
        }
        switch scalar.value {
        case 0..<0x20, 0x7F..<0xA0, 0x2028, 0x2029:
            result.append(contentsOf: "\\u{\(String(scalar.value, radix: 16))}".unicodeScalars)
        default:
            result.append(scalar)
        }
    }
    return String(result)
}

/// A piece of a file's content, fit for one line of an error text: in quotes, escaped, at most 40
/// scalars.
package func quoted(_ text: some StringProtocol) -> String {
    let scalars = text.unicodeScalars
    var out = "\""
    for scalar in scalars.prefix(40) { out += scalar.escaped(asASCII: false) }
    return out + (scalars.dropFirst(40).isEmpty ? "\"" : "…\"")
}

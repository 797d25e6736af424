#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file or a folder that cannot be read or written: one line that names it, what is wrong, and
/// what to do.
public struct FileError: Error, CustomStringConvertible, Equatable, Sendable {
    /// What sort of failure it is, for the exit status of a command.
    public enum Kind: Sendable, Equatable {
        /// It is not there, or may not be read.
        case unreadable
        /// It is there, and is not what was expected.
        case unsuitable
        /// It cannot be written or put in its place.
        case unwritable
    }

    /// The file or folder as it was named by the caller.
    public let path: String
    /// What is wrong.
    public let problem: String
    /// What the reader of the message can do about it.
    public let remedy: String
    /// What sort of failure it is.
    public let kind: Kind

    package init(_ kind: Kind, path: String, problem: String, remedy: String) {
        self.kind = kind
        self.path = path
        self.problem = problem
        self.remedy = remedy
    }

    /// A file that the system does not let be read, with the system's reason.
    static func unreadable(_ path: String, _ what: String) -> FileError {
        FileError(
            .unreadable, path: path, problem: "\(what) (\(systemReason()))",
            remedy: "check the path and its permissions")
    }

    /// A file or folder that the system does not let be written, with the system's reason.
    package static func unwritable(
        _ path: String, _ what: String, _ code: Int32 = errno
    ) -> FileError {
        FileError(
            .unwritable, path: path, problem: "\(what) (\(systemReason(code)))",
            remedy: "check that its folder exists, is writable and has room")
    }

    /// `path: problem; remedy`, on one line whatever the file's name holds.
    public var description: String { "\(printable(path)): \(problem); \(remedy)" }
}

private func systemReason(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }

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

import Errors

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file or a folder that cannot be read or written: one line that names it, what is wrong, and
/// what to do.
package struct FileError: DescribedError, Equatable {
    /// The file or folder as it was named by the caller.
    package let path: String
    /// What is wrong.
    package let problem: String
    /// What the reader of the message can do about it.
    package let remedy: String?
    /// What sort of failure it is: `missingInput` for what is not there or may not be read,
    /// `badData` for what is not as expected, `unwritable` for what cannot be put in its place.
    package let kind: FailureKind

    package init(_ kind: FailureKind, path: String, problem: String, remedy: String) {
        self.kind = kind
        self.path = path
        self.problem = problem
        self.remedy = remedy
    }

    /// A file that the system does not let be read, with the system's reason.
    static func unreadable(_ path: String, _ what: String) -> FileError {
        FileError(
            .missingInput, path: path, problem: "\(what) (\(systemReason()))",
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

    /// The path.
    package var place: String? { path }
}

private func systemReason(_ code: Int32 = errno) -> String { String(cString: strerror(code)) }

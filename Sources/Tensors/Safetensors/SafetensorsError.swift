import Errors
import Files

/// A safetensors file that cannot be read or written: one line that says which file, what is
/// wrong with it, what was expected, and what to do.
package struct SafetensorsError: DescribedError, Equatable {
    /// The file as it was named by the caller.
    package let path: String
    /// What is wrong, and what was expected in its place.
    package let problem: String
    /// What the reader of the message can do about it.
    package let remedy: String?
    /// What sort of failure it is: `missingInput` for a file that is not there or may not be read.
    package let kind: FailureKind

    init(path: String, problem: String, remedy: String?, kind: FailureKind = .badData) {
        self.path = path
        self.problem = problem
        self.remedy = remedy
        self.kind = kind
    }

    /// The path.
    package var place: String? { path }

    /// Bytes that no writer of the format would have produced.
    static func damaged(_ path: String, _ problem: String) -> SafetensorsError {
        SafetensorsError(
            path: path, problem: problem,
            remedy: "the file is truncated or damaged: download or export it again")
    }

    /// A sound file that is not the one that the model asks for.
    static func mismatch(_ path: String, _ problem: String) -> SafetensorsError {
        SafetensorsError(
            path: path, problem: problem,
            remedy: "use the weights that belong to this model's configuration")
    }

    /// Tensors that cannot be written because of what the caller passed.
    static func unwritable(_ path: String, _ problem: String) -> SafetensorsError {
        SafetensorsError(
            path: path, problem: problem, remedy: "nothing was written; correct the tensor")
    }

    /// A name from an untrusted file, in quotes, for use inside a message.
    static func quoted(_ name: String) -> String { "'\(printable(name, limit: 200))'" }
}

extension FileError {
    /// The same, as this module's errors are.
    var asSafetensorsError: SafetensorsError {
        SafetensorsError(
            path: path, problem: problem, remedy: remedy, kind: kind)
    }
}

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file's bytes, mapped read-only for the life of the object: pages come in when they are read
/// and are shared with every other process that maps the same file.
///
/// A file that is cut shorter by someone else while it is mapped ends the process with a bus error
/// when the lost pages are read; no check made here can prevent that. Files that are replaced by a
/// rename, as this package does, keep their old bytes for those who have them open.
package final class MappedFile: Sendable {
    // Safe to share: the pages are read-only, and the address never changes until `deinit`.
    private nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

    /// Maps the file at `path`.
    ///
    /// - Throws: `FileError` for a file that cannot be read or is not a regular one.
    package init(path: String) throws {
        // Without O_NONBLOCK, opening a pipe would wait for its writer.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw FileError.unreadable(path, "cannot be opened") }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw FileError.unreadable(path, "cannot be read")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FileError(
                .unsuitable, path: path, problem: "expected a regular file",
                remedy: "give the file itself")
        }
        let size = Int(status.st_size)
        guard size > 0 else {
            // An empty mapping is an error to the system; the reader's own checks say more.
            bytes = UnsafeRawBufferPointer(start: nil, count: 0)
            return
        }
        guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0),
            address != MAP_FAILED
        else { throw FileError.unreadable(path, "cannot be mapped") }
        bytes = UnsafeRawBufferPointer(start: address, count: size)
    }

    /// The bytes of a regular file of at most `limit` bytes: for settings and records, which are
    /// small, in folders that may come from anywhere.
    ///
    /// - Throws: `FileError` for a file that cannot be read, is a pipe or device, or is larger.
    package static func bytes(of path: String, upTo limit: Int = 64 << 20) throws -> [UInt8] {
        try MappedFile(path: path).withBytes { bytes in
            guard bytes.count <= limit else {
                throw FileError(
                    .unsuitable, path: path,
                    problem: "has \(bytes.count) bytes; at most \(limit) were expected",
                    remedy: "give the file itself")
            }
            return Array(bytes)
        }
    }

    deinit {
        guard let address = bytes.baseAddress else { return }
        munmap(UnsafeMutableRawPointer(mutating: address), bytes.count)
    }

    /// Calls `body` with the file's bytes, which stay mapped until it returns.
    package func withBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows
        -> Result
    {
        try withExtendedLifetime(self) { try body(bytes) }
    }
}

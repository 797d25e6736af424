#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file that appears under its name only when it is complete.
///
/// Bytes go to a temporary sibling that is flushed to the disk and then renamed, so whoever opens
/// the path sees the old file or the whole new one. When anything fails the sibling is removed.
/// A symbolic link at the path is replaced, and what it points to is left alone.
enum AtomicFile {
    /// Writes the file at `path` with what `body` writes to the descriptor that it is given.
    static func write(to path: String, _ body: (_ descriptor: Int32) throws -> Void) throws {
        var status = stat()
        // A rename would put a plain file in the place of a device such as /dev/null.
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            throw SafetensorsError(
                path: path, problem: "expected a regular file or nothing at this path",
                remedy: "choose another output path")
        }
        let folder = folder(of: path)
        let random = String(UInt64.random(in: .min ... .max), radix: 16)
        let temporary = "\(folder).\(random).partial"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw failure(path, "cannot be created") }
        do {
            defer { close(descriptor) }
            try body(descriptor)
            guard fsync(descriptor) == 0 else { throw failure(path, "cannot be written") }
        } catch {
            unlink(temporary)
            throw error
        }
        guard rename(temporary, path) == 0 else {
            let error = failure(path, "cannot be put in place")
            unlink(temporary)
            throw error
        }
        flushFolder(folder)
    }

    /// Writes all of `bytes`, however many calls the system needs for them.
    static func append(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            // The name inside this type hides the system's.
            let written = systemWrite(descriptor, UnsafeRawBufferPointer(rebasing: rest))
            if written > 0 {
                rest = rest.dropFirst(written)
            } else if written == 0 || errno != EINTR {
                throw failure(path, "cannot be written")
            }
        }
    }

    /// Makes the rename itself outlive a power cut. Some file systems cannot; then it is only
    /// as safe as they are, which is no reason to fail.
    private static func flushFolder(_ folder: String) {
        let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }

    /// The path up to its last slash, that slash included.
    private static func folder(of path: String) -> String {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "./" }
        return String(path[...slash])
    }

    private static func failure(_ path: String, _ what: String) -> SafetensorsError {
        SafetensorsError(
            path: path, problem: "\(what) (\(String(cString: strerror(errno))))",
            remedy: "check that its folder exists, is writable and has room")
    }
}

private func systemWrite(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
    write(descriptor, bytes.baseAddress, bytes.count)
}

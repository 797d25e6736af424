#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Writes all of `bytes`, however many calls the system needs for them.
///
/// - Returns: 0, or the system's error number.
package func writeAll(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) -> Int32 {
    var rest = bytes[...]
    while !rest.isEmpty {
        let written = write(
            descriptor, UnsafeRawBufferPointer(rebasing: rest).baseAddress, rest.count)
        if written > 0 {
            rest = rest.dropFirst(written)
        } else if written == 0 || errno != EINTR {
            return errno
        }
    }
    return 0
}

/// Writes a file that appears under its name only when it is complete: whoever opens the path reads
/// the old file or the whole new one.
///
/// A symbolic link at the path is replaced, and what it points to is left alone. When anything fails
/// nothing is left beside it.
///
/// - Parameter body: writes to the descriptor that it is given.
/// - Throws: `FileError`, and what `body` throws.
package func replaceFile(
    at path: String, _ body: (_ descriptor: Int32) throws -> Void
) throws {
    var status = stat()
    // A rename would put a plain file in the place of a device such as /dev/null.
    if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
        throw FileError(
            .unwritable, path: path, problem: "expected a regular file or nothing at this path",
            remedy: "choose another output path")
    }
    let item = try PendingItem(file: path)
    do {
        try body(item.descriptor)
        try item.commit(replacing: .file)
    } catch {
        item.discard()
        throw error
    }
}

/// Writes a file that appears, in place of an older one, only when it is complete.
///
/// - Throws: `FileError` of kind `unwritable`.
package func replaceFile(at path: String, with bytes: [UInt8]) throws {
    try replaceFile(at: path) { descriptor in
        let code = bytes.withUnsafeBytes { writeAll($0, to: descriptor) }
        guard code == 0 else { throw FileError.unwritable(path, "cannot be written", code) }
    }
}

/// Writes a new file and waits until it is on the disk; what stands there already is kept.
///
/// - Parameter mode: who may read and write it, less what the process's mask takes away.
/// - Throws: `FileError` of kind `unwritable`; then no unfinished file is left.
package func writeNewFile(
    _ bytes: [UInt8], to path: String, mode: mode_t = 0o666
) throws(FileError) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
    guard descriptor >= 0 else { throw FileError.unwritable(path, "cannot be written") }
    defer { close(descriptor) }
    var code = bytes.withUnsafeBytes { writeAll($0, to: descriptor) }
    if code == 0, fsync(descriptor) != 0 { code = errno }
    guard code == 0 else {
        unlink(path)
        throw FileError.unwritable(path, "cannot be written", code)
    }
}

/// Reads a file from its beginning to its end, a megabyte at a time.
///
/// - Returns: how many bytes it has.
/// - Throws: `FileError` of kind `missingInput`.
package func readPieces(
    of path: String, _ body: (UnsafeRawBufferPointer) -> Void
) throws(FileError) -> Int {
    let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
    guard descriptor >= 0 else { throw FileError.unreadable(path, "cannot be opened") }
    defer { close(descriptor) }
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
    defer { buffer.deallocate() }
    var total = 0
    while true {
        let count = read(descriptor, buffer.baseAddress, buffer.count)
        if count < 0 {
            if errno == EINTR { continue }
            throw FileError.unreadable(path, "cannot be read")
        }
        if count == 0 { return total }
        body(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
        total += count
    }
}

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file's bytes, opened and read once: a small file lies in memory, a large one is mapped
/// read-only, and its pages come in when they are read.
///
/// What lies in memory stays what it was. A mapping keeps the bytes of a file that is replaced by a
/// rename, as this package and most others do, and shows what is written into the file itself;
/// `requireUnchanged` finds that afterwards. A file that is cut shorter while it is mapped ends the
/// process with a bus error when the lost pages are read; no check made here can prevent that.
package final class MappedFile: Sendable {
    /// The file as it was named by the caller.
    package let path: String

    private enum Storage: @unchecked Sendable {
        case memory([UInt8])
        // Safe to share: the pages are read-only, and the address never changes until `deinit`. The
        // descriptor stays open to ask whether the file was changed.
        case mapping(UnsafeRawBufferPointer, descriptor: Int32, FileState)
    }

    private let storage: Storage

    /// Up to this size a file is read into memory.
    package static let largestInMemory = 4 << 20

    /// Opens the file at `path`.
    ///
    /// - Throws: `FileError` for a file that cannot be read or is not a regular one.
    package convenience init(path: String) throws(FileError) {
        let descriptor = Self.opened(path)
        guard descriptor >= 0 else { throw FileError.unreadable(path, "cannot be opened") }
        try self.init(descriptor, path)
    }

    /// Opens the file at `path`; nil where there is none.
    ///
    /// - Throws: `FileError` for a file that cannot be read or is not a regular one.
    convenience init?(ifPresent path: String) throws(FileError) {
        let descriptor = Self.opened(path)
        guard descriptor >= 0 else {
            if errno == ENOENT || errno == ENOTDIR { return nil }
            throw FileError.unreadable(path, "cannot be opened")
        }
        try self.init(descriptor, path)
    }

    /// Bytes that lie in memory already.
    ///
    /// - Parameter name: what errors call them.
    init(bytes: [UInt8], called name: String) {
        path = name
        storage = .memory(bytes)
    }

    private static func opened(_ path: String) -> Int32 {
        // Without O_NONBLOCK, opening a pipe would wait for its writer.
        open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    }

    private init(_ descriptor: Int32, _ path: String) throws(FileError) {
        self.path = path
        do { storage = try Self.storage(descriptor, path) } catch {
            close(descriptor)
            throw error
        }
        if case .memory = storage { close(descriptor) }
    }

    private static func storage(_ descriptor: Int32, _ path: String) throws(FileError) -> Storage {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw FileError.unreadable(path, "cannot be read")
        }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw FileError(
                .badData, path: path, problem: "expected a regular file",
                remedy: "give the file itself")
        }
        let size = Int(status.st_size)
        guard size > largestInMemory else {
            return .memory(try bytes(descriptor, size, path))
        }
        guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0),
            address != MAP_FAILED
        else { throw FileError.unreadable(path, "cannot be mapped") }
        return .mapping(
            UnsafeRawBufferPointer(start: address, count: size), descriptor: descriptor,
            FileState(status))
    }

    private static func bytes(
        _ descriptor: Int32, _ size: Int, _ path: String
    ) throws(FileError) -> [UInt8] {
        var code: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            while count < size, let base = buffer.baseAddress {
                let got = read(descriptor, base + count, size - count)
                if got < 0 && errno == EINTR { continue }
                if got < 0 { code = errno }
                if got <= 0 { break }
                count += got
            }
        }
        guard code == 0 else {
            errno = code
            throw FileError.unreadable(path, "cannot be read")
        }
        return bytes
    }

    /// The bytes of a regular file of at most `limit` bytes: for settings and records, which are
    /// small, in folders that may come from anywhere.
    ///
    /// - Throws: `FileError` for a file that cannot be read, is a pipe or device, or is larger.
    package static func bytes(
        of path: String, upTo limit: Int = 64 << 20
    ) throws(FileError) -> [UInt8] {
        try MappedFile(path: path).bytes(upTo: limit)
    }

    deinit {
        guard case .mapping(let bytes, let descriptor, _) = storage else { return }
        if let address = bytes.baseAddress {
            munmap(UnsafeMutableRawPointer(mutating: address), bytes.count)
        }
        close(descriptor)
    }

    /// How many bytes the file has.
    package var count: Int {
        switch storage {
        case .memory(let bytes): bytes.count
        case .mapping(let bytes, _, _): bytes.count
        }
    }

    /// All bytes, of which there may be `limit`.
    ///
    /// - Throws: `FileError` for a larger file.
    package func bytes(upTo limit: Int) throws(FileError) -> [UInt8] {
        guard count <= limit else {
            throw FileError(
                .badData, path: path,
                problem: "has \(count) bytes; at most \(limit) were expected",
                remedy: "give the file itself")
        }
        if case .memory(let bytes) = storage { return bytes }
        return withBytes { Array($0) }
    }

    /// Calls `body` with the file's bytes, which stay where they are as long as this object lives.
    package func withBytes<Result, Failure: Error>(
        _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        defer { withExtendedLifetime(self) {} }
        switch storage {
        case .memory(let bytes):
            // Passed out of the closure, since the standard library's loses the error's type.
            let result = bytes.withUnsafeBytes { bytes in
                Swift.Result { () throws(Failure) in try body(bytes) }
            }
            return try result.get()
        case .mapping(let bytes, _, _): return try body(bytes)
        }
    }

    /// Complains where a mapped file was written into, or given another name, after it was opened, as
    /// its times and its size tell. Where this passes, all that was read before is what the file held
    /// when it was opened; times are as fine as the file system's clock, a few milliseconds at worst.
    ///
    /// - Throws: `FileError`.
    package func requireUnchanged() throws(FileError) {
        guard case .mapping(_, let descriptor, let state) = storage else { return }
        var status = stat()
        guard fstat(descriptor, &status) == 0, !FileState(status).mayDiffer(from: state) else {
            throw FileError(
                .badData, path: path, problem: "was changed while it was read",
                remedy: "wait until nothing writes it, and try again")
        }
    }
}

/// What changes when a file is written into: its size, the time of its last modification, which a
/// writer can set back, and that of its last change, which it cannot.
private struct FileState: Sendable {
    let size: off_t
    let modified: [Int]
    /// Empty for a file that has no name any more, since losing that is a change too, of no byte.
    let changed: [Int]

    init(_ status: stat) {
        #if canImport(Darwin)
        let (modified, changed) = (status.st_mtimespec, status.st_ctimespec)
        #else
        let (modified, changed) = (status.st_mtim, status.st_ctim)
        #endif
        size = status.st_size
        self.modified = [Int(modified.tv_sec), Int(modified.tv_nsec)]
        self.changed = status.st_nlink > 0 ? [Int(changed.tv_sec), Int(changed.tv_nsec)] : []
    }

    /// Whether a file of this state may hold other bytes than it did in an earlier state.
    func mayDiffer(from earlier: FileState) -> Bool {
        size != earlier.size || modified != earlier.modified
            || (!changed.isEmpty && changed != earlier.changed)
    }
}

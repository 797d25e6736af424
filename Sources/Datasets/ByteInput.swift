#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Reads the bytes of a file or a stream, unpacked where it is gzip's, whatever its name.
///
/// A class, for a place in a file is one place.
final class ByteInput {
    /// What errors call the file.
    let name: String
    /// Whether the bytes are unpacked, so that their places are not those in the file.
    var isPacked: Bool { gzip != nil }
    /// Whether reading has failed: there is nothing more to be had.
    private(set) var hasFailed = false

    private let path: String?
    private let descriptor: Int32
    private let closesDescriptor: Bool
    private var isOpening = true
    private var gzip: GzipStream?

    /// Opens a file, or standard input for `-`.
    ///
    /// - Throws: ``DatasetError`` of kind `missingInput`.
    convenience init(path: String) throws(DatasetError) {
        if path == LineReader.standardInput {
            self.init(
                descriptor: STDIN_FILENO, name: "standard input", path: nil,
                closesDescriptor: false)
            return
        }
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            throw DatasetError(
                .missingInput, at: SourceLocation(file: path),
                errno == ENOENT
                    ? "no such file; check the path"
                    : "cannot be opened (\(systemMessage())); check the path and its permissions")
        }
        self.init(descriptor: descriptor, name: path, path: path, closesDescriptor: true)
    }

    /// Reads from an open file, which the caller closes.
    convenience init(descriptor: Int32, name: String) {
        self.init(descriptor: descriptor, name: name, path: nil, closesDescriptor: false)
    }

    private init(descriptor: Int32, name: String, path: String?, closesDescriptor: Bool) {
        self.descriptor = descriptor
        self.name = name
        self.path = path
        self.closesDescriptor = closesDescriptor
    }

    deinit { if closesDescriptor { close(descriptor) } }

    /// Reads at least one byte, unless the file has ended.
    ///
    /// - Returns: how many bytes were read; 0 at the end.
    /// - Throws: ``DatasetError`` for a file that cannot be read, is damaged or cut off, or is packed by
    ///   another program.
    func read(into room: UnsafeMutableBufferPointer<UInt8>) throws(DatasetError) -> Int {
        do {
            if isOpening { return try readStart(into: room) }
            return try gzip?.unpack(into: room) { try self.readRaw($0) } ?? readRaw(room)
        } catch let damage as GzipStream.Damage {
            hasFailed = true
            throw DatasetError(
                .badData, at: SourceLocation(file: name),
                "the gzip file \(damage.problem); get it again, and check it with gzip -t")
        } catch let error as DatasetError {
            hasFailed = true
            throw error
        } catch {
            hasFailed = true
            throw DatasetError(.badData, at: SourceLocation(file: name), "\(error)")
        }
    }

    /// Whether `read` would have to wait, as for a pipe whose writer pauses. A file never makes its
    /// reader wait.
    var mustWait: Bool {
        if gzip?.mayHoldMore == true || hasFailed { return false }
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&request, 1, 0) == 0
    }

    /// Reads as many bytes as tell a packed file from rows, and goes on from there.
    private func readStart(into room: UnsafeMutableBufferPointer<UInt8>) throws -> Int {
        var count = 0
        while count < min(CompressedFile.magicBytes, room.count) {
            let more = try readRaw(UnsafeMutableBufferPointer(rebasing: room[count...]))
            guard more > 0 else { break }
            count += more
            // A stream of rows is not kept waiting for its sixth byte.
            if room[..<count].contains(0x0A) { break }
        }
        isOpening = false
        let start = UnsafeBufferPointer(rebasing: room[..<count])
        if let format = CompressedFile.format(of: start) {
            throw format.error(path: path, name: name)
        }
        guard CompressedFile.isGzip(start) else { return count }
        gzip = try GzipStream(start: start)
        return try read(into: room)
    }

    private func readRaw(
        _ room: UnsafeMutableBufferPointer<UInt8>
    ) throws(DatasetError) -> Int {
        while true {
            let count = systemRead(descriptor, room)
            if count >= 0 { return count }
            guard errno == EINTR else { break }
        }
        throw DatasetError(
            .missingInput, at: SourceLocation(file: name),
            errno == EISDIR
                ? "is a folder; name a file, or an ERASER folder and its split"
                : "cannot be read (\(systemMessage())); check the file and its disk")
    }
}

/// The name inside the class hides the system's.
private func systemRead(_ descriptor: Int32, _ room: UnsafeMutableBufferPointer<UInt8>) -> Int {
    read(descriptor, room.baseAddress, room.count)
}

/// The system's words for the last error.
private func systemMessage() -> String { String(cString: strerror(errno)) }

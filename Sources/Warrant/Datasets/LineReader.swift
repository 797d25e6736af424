#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Reads a file or a stream line by line through one buffer that holds a single line at least.
///
/// A class, for a place in a file is one place: copies would read past each other.
package final class LineReader {
    /// One line, without its line break.
    package struct Line {
        /// The line's bytes, valid UTF-8 without NUL; they are gone after the next call to `next`.
        package let bytes: UnsafeBufferPointer<UInt8>

        /// What ended the line.
        let lineBreak: LineBreak
    }

    /// What ends a line.
    package enum LineBreak {
        /// The end of the file.
        case none

        /// LF.
        case lineFeed

        /// CR LF.
        case carriageReturnLineFeed

        /// The break itself.
        var bytes: [UInt8] {
            switch self {
            case .none: []
            case .lineFeed: [0x0A]
            case .carriageReturnLineFeed: [0x0D, 0x0A]
            }
        }
    }

    /// The path that means standard input.
    package static let standardInput = "-"

    /// What errors call the file.
    package let name: String

    /// The number of the line last returned, counted from 1.
    package private(set) var line = 0

    /// Where the line last returned stands.
    package var location: SourceLocation { SourceLocation(file: name, line: line) }

    let maximumLineBytes: Int
    private let descriptor: Int32
    private let closesDescriptor: Bool
    private var buffer: UnsafeMutablePointer<UInt8>
    private var capacity = 1 << 17
    private var start = 0
    private var end = 0
    private var reachedEnd = false

    /// Opens a file, or standard input for `-`.
    ///
    /// - Throws: ``DatasetError`` of kind `missingInput`.
    package convenience init(path: String, maximumLineBytes: Int) throws(DatasetError) {
        if path == Self.standardInput {
            self.init(
                descriptor: STDIN_FILENO, name: "standard input", closesDescriptor: false,
                maximumLineBytes: maximumLineBytes)
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
        self.init(
            descriptor: descriptor, name: path, closesDescriptor: true,
            maximumLineBytes: maximumLineBytes)
    }

    /// Reads from an open file.
    init(descriptor: Int32, name: String, closesDescriptor: Bool, maximumLineBytes: Int) {
        self.descriptor = descriptor
        self.name = name
        self.closesDescriptor = closesDescriptor
        self.maximumLineBytes = maximumLineBytes
        buffer = .allocate(capacity: capacity)
    }

    deinit {
        buffer.deallocate()
        if closesDescriptor { close(descriptor) }
    }

    /// The next line, or `nil` after the last one.
    ///
    /// Returns as soon as a whole line has arrived, so that a pipe's rows are seen at once.
    ///
    /// - Throws: ``DatasetError`` when the file cannot be read, or the line is too long, is not
    ///   UTF-8 or holds NUL.
    package func next() throws(DatasetError) -> Line? {
        var scanned = 0
        while true {
            if let found = memchr(buffer + start + scanned, 0x0A, end - start - scanned) {
                let newline = found.assumingMemoryBound(to: UInt8.self)
                return try take(length: newline - (buffer + start), lineBreak: .lineFeed)
            }
            scanned = end - start
            if reachedEnd {
                return scanned == 0 ? nil : try take(length: scanned, lineBreak: .none)
            }
            guard scanned <= maximumLineBytes else { throw tooLong(at: line + 1) }
            try fill()
        }
    }

    /// Whether `next` would have to wait: no whole line is at hand and none is arriving, as in a
    /// pipe whose writer pauses. A file never makes its reader wait.
    package var mustWait: Bool {
        guard !reachedEnd, memchr(buffer + start, 0x0A, end - start) == nil else { return false }
        var request = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&request, 1, 0) == 0
    }

    /// The error for a row that starts at a line and does not end within the limit.
    func tooLong(at line: Int) -> DatasetError {
        DatasetError(
            .badData, at: SourceLocation(file: name, line: line),
            "the row is longer than \(maximumLineBytes) bytes; "
                + "expected a document a row: check the line breaks and the quotes")
    }

    private func take(length: Int, lineBreak: LineBreak) throws(DatasetError) -> Line {
        var bytes = UnsafeBufferPointer(start: buffer + start, count: length)
        start += length + (lineBreak == .none ? 0 : 1)
        line += 1
        guard length <= maximumLineBytes else { throw tooLong(at: line) }
        if line == 1, bytes.starts(with: [0xEF, 0xBB, 0xBF]) {
            bytes = UnsafeBufferPointer(rebasing: bytes[3...])
        }
        var lineBreak = lineBreak
        if lineBreak == .lineFeed && bytes.last == 0x0D {
            bytes = UnsafeBufferPointer(rebasing: bytes.dropLast())
            lineBreak = .carriageReturnLineFeed
        }
        if let flaw = TextFlaw(in: bytes) { throw flaw.error(at: location) }
        return Line(bytes: bytes, lineBreak: lineBreak)
    }

    private func fill() throws(DatasetError) {
        if start > 0 {
            memmove(buffer, buffer + start, end - start)
            end -= start
            start = 0
        }
        if end == capacity {
            let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity * 2)
            larger.update(from: buffer, count: end)
            buffer.deallocate()
            buffer = larger
            capacity *= 2
        }
        var count = read(descriptor, buffer + end, capacity - end)
        while count < 0 && errno == EINTR {
            count = read(descriptor, buffer + end, capacity - end)
        }
        guard count >= 0 else {
            throw DatasetError(
                .missingInput, at: SourceLocation(file: name),
                errno == EISDIR
                    ? "is a folder; name a file, or an ERASER folder and its split"
                    : "cannot be read (\(systemMessage())); check the file and its disk")
        }
        reachedEnd = count == 0
        end += count
    }
}

/// The system's words for the last error.
private func systemMessage() -> String { String(cString: strerror(errno)) }

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Reads a file or a stream line by line through one buffer that holds a single line at least; gzip's
/// are unpacked.
///
/// Lines end with LF or CR LF, or with CR alone where the file has no LF at all.
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

        /// CR alone.
        case carriageReturn

        /// The break itself.
        var bytes: [UInt8] {
            switch self {
            case .none: []
            case .lineFeed: [0x0A]
            case .carriageReturnLineFeed: [0x0D, 0x0A]
            case .carriageReturn: [0x0D]
            }
        }
    }

    /// The path that means standard input.
    package static let standardInput = "-"

    /// What errors call the file.
    package var name: String { input.name }

    /// The number of the line last returned, counted from 1.
    package private(set) var line = 0

    /// Where the line last returned stands.
    package var location: SourceLocation { SourceLocation(file: name, line: line) }

    /// Where the line last returned begins, in bytes from the beginning of the unpacked file.
    private(set) var lineOffset = 0

    /// Whether lines end with CR alone.
    var endsLinesWithCarriageReturn: Bool { lineEnd == 0x0D }

    /// Whether nothing more can be read because reading has failed.
    var hasFailed: Bool { input.hasFailed }

    /// Whether the file is gzip's.
    var isPacked: Bool { input.isPacked }

    let maximumLineBytes: Int
    private let input: ByteInput
    private var buffer: UnsafeMutablePointer<UInt8>
    private var capacity = 1 << 17
    /// Where the buffer begins, in bytes from the beginning of the unpacked file.
    private var bufferOffset = 0
    private var start = 0
    private var end = 0
    private var reachedEnd = false
    private var lineEnd: UInt8 = 0x0A
    /// Whether it is known what ends a line.
    private var knowsLineEnd = false
    /// Whether the rest of a line has to be left out that was too long.
    private var isInsideLongLine = false
    /// How much of a file is looked at for a line feed before lines may end with CR alone.
    private static let lineEndProbe = 1 << 20

    /// Opens a file, or standard input for `-`.
    ///
    /// - Throws: ``DatasetError`` of kind `missingInput`.
    package convenience init(path: String, maximumLineBytes: Int) throws(DatasetError) {
        self.init(try ByteInput(path: path), maximumLineBytes: maximumLineBytes)
    }

    /// Reads from an open file.
    init(_ input: ByteInput, maximumLineBytes: Int) {
        self.input = input
        self.maximumLineBytes = maximumLineBytes
        buffer = .allocate(capacity: capacity)
    }

    deinit { buffer.deallocate() }

    /// The next line, or `nil` after the last one.
    ///
    /// Returns as soon as a whole line has arrived, so that a pipe's rows are seen at once.
    ///
    /// - Throws: ``DatasetError`` when the file cannot be read, or the line is too long, is not
    ///   UTF-8 or holds NUL.
    package func next() throws(DatasetError) -> Line? {
        if isInsideLongLine { try skipLongLine() }
        var scanned = 0
        while true {
            if let found = memchr(buffer + start + scanned, Int32(lineEnd), end - start - scanned) {
                knowsLineEnd = true
                let newline = found.assumingMemoryBound(to: UInt8.self)
                return try take(
                    length: newline - (buffer + start),
                    lineBreak: endsLinesWithCarriageReturn ? .carriageReturn : .lineFeed)
            }
            scanned = end - start
            if !knowsLineEnd, reachedEnd || scanned >= Self.lineEndProbe {
                knowsLineEnd = true
                if hasInnerCarriageReturn {
                    lineEnd = 0x0D
                    scanned = 0
                    continue
                }
            }
            if reachedEnd {
                return scanned == 0 ? nil : try take(length: scanned, lineBreak: .none)
            }
            guard scanned <= maximumLineBytes else {
                isInsideLongLine = true
                throw tooLong(at: line + 1)
            }
            try fill()
        }
    }

    /// The first byte that is not blank, left to be read, past blank lines, which are counted; nil at the
    /// end.
    ///
    /// - Throws: as `next`.
    func firstByte() throws(DatasetError) -> UInt8? {
        if isInsideLongLine { try skipLongLine() }
        var scanned = 0
        while true {
            while start + scanned < end {
                switch buffer[start + scanned] {
                case 0x0A:
                    start += scanned + 1
                    scanned = 0
                    line += 1
                case 0x20, 0x09, 0x0D: scanned += 1
                default: return buffer[start + scanned]
                }
            }
            if reachedEnd { return nil }
            guard scanned <= maximumLineBytes else {
                isInsideLongLine = true
                throw tooLong(at: line + 1)
            }
            try fill()
        }
    }

    /// The bytes at hand, at least one unless the file has ended; they are gone after the next call, and
    /// stay to be read but for those that are given to `consume`.
    ///
    /// - Throws: ``DatasetError`` when the file cannot be read.
    func piece() throws(DatasetError) -> UnsafeBufferPointer<UInt8> {
        if start == end, !reachedEnd { try fill() }
        return pieceAtHand
    }

    /// The bytes that can be had without reading.
    var pieceAtHand: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: buffer + start, count: end - start)
    }

    /// Leaves out bytes of a `piece`.
    func consume(_ count: Int) {
        precondition(count <= end - start, "more bytes than there are")
        start += count
    }

    /// Whether reading on would have to wait, as for a pipe whose writer pauses.
    var mustWaitForBytes: Bool { !reachedEnd && input.mustWait }

    /// Whether `next` would have to wait: no whole line is at hand and none is arriving, as in a
    /// pipe whose writer pauses. A file never makes its reader wait.
    package var mustWait: Bool {
        memchr(buffer + start, Int32(lineEnd), end - start) == nil && mustWaitForBytes
    }

    /// The error for a row that starts at a line and does not end within the limit.
    func tooLong(at line: Int) -> DatasetError {
        DatasetError(
            .badData, at: SourceLocation(file: name, line: line),
            "the row is longer than \(maximumLineBytes) bytes; "
                + "expected a document a row: check the line breaks and the quotes")
    }

    /// Whether a carriage return stands before the last byte at hand.
    private var hasInnerCarriageReturn: Bool {
        end - start > 1 && memchr(buffer + start, 0x0D, end - start - 1) != nil
    }

    private func take(length: Int, lineBreak: LineBreak) throws(DatasetError) -> Line {
        var bytes = UnsafeBufferPointer(start: buffer + start, count: length)
        lineOffset = bufferOffset + start
        start += length + (lineBreak == .none ? 0 : 1)
        line += 1
        guard length <= maximumLineBytes else { throw tooLong(at: line) }
        var lineBreak = lineBreak
        if lineBreak == .lineFeed && bytes.last == 0x0D {
            bytes = UnsafeBufferPointer(rebasing: bytes.dropLast())
            lineBreak = .carriageReturnLineFeed
        }
        if let flaw = TextFlaw(in: bytes) { throw flaw.error(at: location) }
        return Line(bytes: bytes, lineBreak: lineBreak)
    }

    private func skipLongLine() throws(DatasetError) {
        while true {
            if let found = memchr(buffer + start, Int32(lineEnd), end - start) {
                start = found.assumingMemoryBound(to: UInt8.self) - buffer + 1
                break
            }
            start = end
            if reachedEnd { break }
            try fill()
        }
        line += 1
        isInsideLongLine = false
    }

    private func fill() throws(DatasetError) {
        if start > 0 {
            memmove(buffer, buffer + start, end - start)
            bufferOffset += start
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
        let count = try input.read(
            into: UnsafeMutableBufferPointer(start: buffer + end, count: capacity - end))
        reachedEnd = count == 0
        end += count
        // A byte order mark is no text.
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        if bufferOffset == 0, end == count, pieceAtHand.starts(with: mark) { start = mark.count }
    }
}

extension LineReader {
    /// A file of text as a whole.
    ///
    /// - Throws: ``DatasetError`` for a file that is missing, too long, or no text.
    static func text(ofFile path: String, maximumBytes: Int) throws(DatasetError) -> String {
        var bytes: [UInt8] = []
        let lines = try LineReader(path: path, maximumLineBytes: maximumBytes)
        while let line = try lines.next() {
            bytes.append(contentsOf: line.bytes)
            bytes.append(contentsOf: line.lineBreak.bytes)
            guard bytes.count <= maximumBytes else { throw lines.tooLong(at: 1) }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Whether a path is a regular file, so that what is read of it can be read again.
    package static func isRegularFile(_ path: String) -> Bool {
        var information = stat()
        return stat(path, &information) == 0 && information.st_mode & S_IFMT == S_IFREG
    }
}

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Cuts a table's lines into records of fields, with quotes (RFC 4180) or without.
final class DelimitedRecords {
    /// Where the current record starts.
    private(set) var location: SourceLocation

    /// The number of fields of the current record.
    var count: Int { ends.count }

    private let lines: LineReader
    private var separator: UInt8
    private let hasQuotes: Bool
    /// The separator by the first line that is not empty, and whether that line is a row.
    private var choose: ((LineReader.Line) -> (Delimiter, isRow: Bool))?

    /// The current record's fields end to end, unquoted, and where each of them ends.
    private var bytes: [UInt8] = []
    private var ends: [Int] = []

    /// Whether rows may follow after an error: not where a quote that never closes has taken them all.
    var canContinue: Bool { !lines.hasFailed }

    /// Cuts lines into fields.
    ///
    /// - Parameters:
    ///   - hasQuotes: whether a field may stand in quotes.
    ///   - choose: what parts fields by the first line that is not empty, and whether that line is a row.
    init(
        lines: LineReader, hasQuotes: Bool,
        choose: @escaping (LineReader.Line) -> (Delimiter, isRow: Bool)
    ) {
        self.lines = lines
        location = lines.location
        self.hasQuotes = hasQuotes
        separator = Delimiter.comma.byte
        self.choose = choose
    }

    /// Moves to the next record, past empty lines.
    ///
    /// - Returns: whether there is one.
    /// - Throws: ``DatasetError`` from the lines, or about quotes.
    func advance() throws(DatasetError) -> Bool {
        bytes.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
        while let line = try lines.next() {
            guard !line.bytes.isEmpty else { continue }
            if let choose {
                let (delimiter, isRow) = choose(line)
                self.choose = nil
                separator = delimiter.byte
                guard isRow else { continue }
            }
            location = lines.location
            try cut(line)
            return true
        }
        return false
    }

    /// A field of the current record.
    subscript(index: Int) -> String {
        String(decoding: bytes[(index == 0 ? 0 : ends[index - 1])..<ends[index]], as: UTF8.self)
    }

    private func cut(_ first: LineReader.Line) throws(DatasetError) {
        var line = first
        var position = 0
        while true {
            if hasQuotes, position < line.bytes.count, line.bytes[position] == UInt8(ascii: "\"") {
                try appendQuoted(from: &line, at: &position)
            } else {
                let end = offset(of: separator, in: line.bytes, from: position) ?? line.bytes.count
                bytes.append(contentsOf: line.bytes[position..<end])
                position = end
            }
            ends.append(bytes.count)
            guard position < line.bytes.count else { return }
            position += 1
        }
    }

    /// Appends the field whose opening quote is at `position`; leaves the position at the
    /// separator after it or at the end of the line in which it closes.
    private func appendQuoted(
        from line: inout LineReader.Line, at position: inout Int
    ) throws(DatasetError) {
        let opening = lines.location
        position += 1
        while true {
            if let quote = offset(of: UInt8(ascii: "\""), in: line.bytes, from: position) {
                bytes.append(contentsOf: line.bytes[position..<quote])
                position = quote + 1
                guard position < line.bytes.count else { return }
                let next = line.bytes[position]
                if next == separator { return }
                guard next == UInt8(ascii: "\"") else {
                    throw DatasetError(
                        .badData, at: lines.location,
                        "text follows a closing quote at byte \(position + 1) of the line; expected"
                            + " \(expectedSeparator): double the quotes inside a quoted field")
                }
                bytes.append(next)
                position += 1
            } else {
                bytes.append(contentsOf: line.bytes[position...])
                bytes.append(contentsOf: line.lineBreak.bytes)
                guard bytes.count <= lines.maximumLineBytes else {
                    throw lines.tooLong(at: location.line)
                }
                guard let next = try lines.next() else {
                    throw DatasetError(
                        .badData, at: opening,
                        "a quote that opens here is never closed; "
                            + "close it, or use --format tsv if quotes are plain characters")
                }
                line = next
                position = 0
            }
        }
    }

    private var expectedSeparator: String {
        separator == Delimiter.comma.byte
            ? "a comma" : DatasetError.quote(String(Unicode.Scalar(separator)))
    }

    private func offset(
        of byte: UInt8, in bytes: UnsafeBufferPointer<UInt8>, from position: Int
    ) -> Int? {
        guard let base = bytes.baseAddress, position < bytes.count,
            let found = memchr(base + position, Int32(byte), bytes.count - position)
        else { return nil }
        return UnsafePointer(found.assumingMemoryBound(to: UInt8.self)) - base
    }
}

import Warrant

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Whether standard input is a terminal.
var isTerminalInput: Bool { isatty(STDIN_FILENO) == 1 }

/// Whether standard output is a terminal.
var isTerminalOutput: Bool { isatty(STDOUT_FILENO) == 1 }

/// What hands out rows one after another.
protocol DocumentSource {
    /// The next row; nil after the last.
    mutating func next() throws -> Example?
    /// Whether the next row has not arrived yet.
    var mustWait: Bool { get }
    /// Whether rows may follow after an error.
    var canContinue: Bool { get }
}

/// Rows of a file or a stream.
struct FileSource: DocumentSource {
    private var reader: ExampleReader

    init(_ reader: ExampleReader) { self.reader = reader }

    mutating func next() throws -> Example? { try reader.next() }
    var mustWait: Bool { reader.mustWait }
    var canContinue: Bool { reader.canContinue }
}

/// Texts that were given as arguments.
struct ArgumentSource: DocumentSource {
    private var rest: [(offset: Int, element: String)]

    private let query: String?

    init(_ texts: [String], query: String?) {
        rest = texts.enumerated().reversed()
        self.query = query
    }

    mutating func next() -> Example? {
        rest.popLast().map {
            Example(
                text: $0.element, query: query,
                location: SourceLocation(file: "argument", line: $0.offset + 1))
        }
    }
    var mustWait: Bool { false }
    var canContinue: Bool { true }
}

/// A row with its name in the output.
struct NumberedRow {
    /// The row's id, or its number among the rows, from 1.
    let id: String
    let example: Example
}

/// Cuts a source into batches, so that memory stays bounded whatever its length.
struct DocumentBatches {
    /// The most rows in a batch.
    static let size = 256
    /// How many bytes of text a batch holds before it takes no more rows.
    static let bytes = 4 << 20

    private var source: any DocumentSource
    private let check: (Example) throws -> Void
    private let skip: ((DatasetError) -> Void)?
    private var count = 0
    private var failure: (any Error)?

    /// - Parameters:
    ///   - check: complains about a row that cannot be answered.
    ///   - skip: receives the error of a row that cannot be read or answered, which then is left out;
    ///     nil for such a row to be the end.
    init(
        _ source: any DocumentSource, check: @escaping (Example) throws -> Void,
        skip: ((DatasetError) -> Void)? = nil
    ) {
        self.source = source
        self.check = check
        self.skip = skip
    }

    /// The rows that are there, at most a batch's; nil after the last.
    ///
    /// Rows before one that cannot be read are handed out first; the error follows with the next
    /// call, unless such rows are left out.
    mutating func next() throws -> [NumberedRow]? {
        if let failure { throw failure }
        var batch: [NumberedRow] = []
        var bytes = 0
        do {
            while batch.count < Self.size, bytes < Self.bytes, batch.isEmpty || !source.mustWait {
                guard let row = try row() else { break }
                bytes += row.example.text.utf8.count
                batch.append(row)
            }
        } catch {
            failure = error
            if batch.isEmpty { throw error }
        }
        return batch.isEmpty ? nil : batch
    }

    /// The next row that can be answered; nil after the last.
    private mutating func row() throws -> NumberedRow? {
        while true {
            var isRead = false
            do {
                guard let example = try source.next() else { return nil }
                isRead = true
                count += 1
                try check(example)
                return NumberedRow(id: example.id ?? String(count), example: example)
            } catch let error as DatasetError {
                guard let skip, isRead || source.canContinue else { throw error }
                // Rows are numbered as they stand in the data.
                if !isRead { count += 1 }
                skip(error)
            }
        }
    }
}

import Warrant

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The texts that were classified, found by their ids: each row must have one answer, and each answer
/// one row.
///
/// Both files are usually in the same order; then no text is held, but 16 bytes for each id. At the
/// first line that is out of order, the rows without an answer so far are read into memory.
struct SourceTexts {
    private let path: String
    private let options: DatasetOptions
    private var reader: ExampleReader
    private var count = 0
    /// The ids of the rows that were read.
    private var seen: Set<RowName> = []
    /// The ids that lines asked for.
    private var asked: Set<RowName> = []
    /// Ids that several rows have.
    private var repeated: [RowName: String] = [:]
    /// Rows by their ids, once a line was out of order.
    private var rows: [RowName: Example]?

    /// What is found of a line's text.
    enum Found {
        case row(Example)
        /// There is none, or the line is not its only answer; in words.
        case problem(String)
    }

    /// Opens a dataset.
    ///
    /// - Throws: `DatasetError`.
    init(_ path: String, _ options: DatasetOptions) throws {
        self.path = path
        self.options = options
        reader = try ExampleReader(path: path, options: options)
    }

    private var name: String { path == "-" ? "standard input" : path }

    /// Finds the row that a line answers.
    ///
    /// - Throws: `DatasetError` for a source that cannot be read.
    mutating func row(of line: CertifiedLine) throws -> Found {
        let wanted = RowName(line.id)
        guard asked.insert(wanted).inserted else {
            return .problem("id: a line before this one has it too, and a row has one answer")
        }
        if rows == nil {
            let row = try next()
            if let row, row.name == wanted, repeated[wanted] == nil { return .row(row.example) }
            try readAll(after: row)
        }
        if repeated[wanted] != nil {
            return .problem(
                "id: several rows of \(name) have it, so that an answer could be of any of them")
        }
        guard let row = rows?.removeValue(forKey: wanted) else {
            return .problem("source: \(name) has no row with this id")
        }
        return .row(row)
    }

    /// A row of the source and its id, or its number where it has none.
    private struct Row {
        let name: RowName
        let example: Example
    }

    private mutating func next() throws -> Row? {
        guard let example = try reader.next() else { return nil }
        count += 1
        let id = example.id ?? String(count)
        let name = RowName(id)
        if !seen.insert(name).inserted { repeated[name] = id }
        return Row(name: name, example: example)
    }

    /// Reads the rows that no line has asked for into memory, from the source's beginning where it has
    /// one still.
    ///
    /// - Parameter pending: the row that was read last and is not answered.
    private mutating func readAll(after pending: Row?) throws {
        var all: [RowName: Example] = [:]
        let isAnswered = asked
        let inOrder = count - (pending == nil ? 0 : 1)
        if canBeReadAgain {
            reader = try ExampleReader(path: path, options: options)
            (count, seen, repeated) = (0, [], [:])
        } else if let pending {
            all[pending.name] = pending.example
        }
        while let row = try next() {
            // Those in order were answered; the line at hand asks for one that is not.
            if canBeReadAgain, count <= inOrder, isAnswered.contains(row.name) { continue }
            all[row.name] = row.example
        }
        rows = all
    }

    /// Whether the source is no pipe.
    private var canBeReadAgain: Bool {
        var status = stat()
        guard path != "-", stat(path, &status) == 0 else { return false }
        let kind = status.st_mode & S_IFMT
        return kind == S_IFREG || kind == S_IFDIR
    }

    /// What is left when all lines were read: how many rows no line answers, and an id that several
    /// rows have.
    mutating func rest() throws -> (unanswered: Int, repeated: String?) {
        var unanswered = 0
        if let rows {
            unanswered = rows.keys.count { repeated[$0] == nil }
        } else {
            while let row = try next() { unanswered += repeated[row.name] == nil ? 1 : 0 }
        }
        return (unanswered, repeated.values.min())
    }
}

/// An id in 128 bits: two of the process's own keyed hashes of its bytes, which nobody can aim at.
struct RowName: Hashable {
    private let first: Int
    private let second: Int

    init(_ id: String) {
        func hash(_ number: Int) -> Int {
            var hasher = Hasher()
            hasher.combine(number)
            for byte in id.utf8 { hasher.combine(byte) }
            return hasher.finalize()
        }
        (first, second) = (hash(0), hash(1))
    }
}

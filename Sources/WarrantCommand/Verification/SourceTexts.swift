import Warrant

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The texts that were classified, found by their ids.
///
/// Both files are usually in the same order; then nothing is held in memory. At the first line that
/// is out of order, or does not fit its row, the source is read into memory as a whole.
struct SourceTexts {
    private let path: String
    private let options: DatasetOptions
    private let wordRule: WordRule
    private let isPredictable: (Document) throws -> Bool
    private var reader: ExampleReader
    private var count = 0
    /// How many rows were found in order.
    private var answered = 0
    /// Rows by the bytes of their ids, once a line was out of order. Ids need not be unique.
    private var rows: [[UInt8]: [Example]]?
    /// How many of the rows with an id no line has asked for.
    private var unanswered: [[UInt8]: Int] = [:]

    /// Opens a dataset.
    ///
    /// - Parameters:
    ///   - words: what the model takes for words.
    ///   - isPredictable: whether the model predicts something of a text.
    /// - Throws: `DatasetError`.
    init(
        _ path: String, _ options: DatasetOptions, words: WordRule,
        isPredictable: @escaping (Document) throws -> Bool
    ) throws {
        self.path = path
        self.options = options
        wordRule = words
        self.isPredictable = isPredictable
        reader = try ExampleReader(path: path, options: options)
    }

    /// What differs between a line and its text.
    ///
    /// - Throws: `DatasetError` for a source that cannot be read.
    mutating func differences(from line: CertifiedLine) throws -> [String] {
        let found = try differences(line, among: rows(line.id))
        // The row in order has the line's id by chance, if another one fits.
        if found?.isEmpty == false, rows == nil, canBeReadAgain {
            try readAll(after: nil)
            let fitting = try differences(line, among: rows?[Array(line.id.utf8)] ?? [])
            if fitting?.isEmpty == true { return [] }
        }
        let name = path == "-" ? "standard input" : path
        return found ?? [
            "source: \(name) has no row with this id"
                + (canBeReadAgain ? "" : " after those already read: give both in the same order")
        ]
    }

    /// What differs from the first of several rows; nothing where one of them fits, nil where there
    /// is none.
    private func differences(_ line: CertifiedLine, among rows: [Example]) throws -> [String]? {
        var first: [String]?
        for row in rows {
            let found = try differences(line, row)
            if found.isEmpty { return [] }
            first = first ?? found
        }
        return first
    }

    private func differences(_ line: CertifiedLine, _ row: Example) throws -> [String] {
        var found: [String] = []
        // Or any answer could be replaced by none.
        if line.certificate == nil, line.isWithoutPrediction, try isPredictable(row.document) {
            found.append("error: the text in \(row.location) has words to predict from")
        }
        if let certificate = line.certificate, !same(row.query, certificate.query) {
            found.append("query: \(row.location) has another one")
        }
        let text = Array(row.text.utf8)
        let words = wordRule.ranges(in: row.text)
        for snippet in line.rationale ?? [] where !stands(snippet, in: text, words) {
            found.append(
                "rationale: \(quoted(snippet.text)) does not stand at bytes \(snippet.start) to "
                    + "\(snippet.end) of the text in \(row.location)")
        }
        return found
    }

    /// Whether a snippet stands at its offsets, verbatim, and is made of the words that it names.
    private func stands(
        _ snippet: CertifiedLine.Snippet, in text: [UInt8], _ words: [Range<Int>]
    ) -> Bool {
        guard snippet.start >= 0, snippet.start < snippet.end, snippet.end <= text.count,
            text[snippet.start..<snippet.end].elementsEqual(snippet.text.utf8)
        else { return false }
        guard snippet.words.count == 2, snippet.words[0] >= 0,
            snippet.words[0] < snippet.words[1], snippet.words[1] <= words.count
        else { return false }
        return words[snippet.words[0]].lowerBound == snippet.start
            && words[snippet.words[1] - 1].upperBound == snippet.end
    }

    /// The rows with an id: one in order, or all of them.
    private mutating func rows(_ id: String) throws -> [Example] {
        if rows == nil {
            let row = try next()
            if let row, same(row.id, id) {
                answered += 1
                return [row.example]
            }
            try readAll(after: row)
        }
        let key = Array(id.utf8)
        if let left = unanswered[key] { unanswered[key] = max(0, left - 1) }
        return rows?[key] ?? []
    }

    /// Reads the source into memory, from its beginning where it has one still.
    ///
    /// - Parameter pending: the row that was read last and is not answered.
    private mutating func readAll(after pending: NumberedRow?) throws {
        var all: [[UInt8]: [Example]] = [:]
        func add(_ row: NumberedRow, isAnswered: Bool) {
            let key = Array(row.id.utf8)
            all[key, default: []].append(row.example)
            unanswered[key, default: 0] += isAnswered ? 0 : 1
        }
        if canBeReadAgain {
            reader = try ExampleReader(path: path, options: options)
            count = 0
        } else if let pending {
            add(pending, isAnswered: false)
        }
        while let row = try next() {
            add(row, isAnswered: canBeReadAgain && count <= answered)
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

    /// How many rows no line was found for; to be asked at the end.
    mutating func unansweredRows() throws -> Int {
        guard rows == nil else { return unanswered.values.reduce(0, +) }
        var rest = 0
        while try next() != nil { rest += 1 }
        return rest
    }

    private mutating func next() throws -> NumberedRow? {
        guard let example = try reader.next() else { return nil }
        count += 1
        return NumberedRow(id: example.id ?? String(count), example: example)
    }
}

import Warrant

/// The texts that were classified, found by their ids without being held in memory.
///
/// Both files are usually in the same order: a row is looked for from the last one found onwards, and
/// then once more from the beginning, where the source is a file.
struct SourceTexts {
    private let path: String
    private let options: DatasetOptions
    private var reader: ExampleReader
    private var count = 0

    /// Opens a dataset.
    ///
    /// - Throws: `DatasetError`.
    init(_ path: String, _ options: DatasetOptions) throws {
        self.path = path
        self.options = options
        reader = try ExampleReader(path: path, options: options)
    }

    /// What differs between a line and its text.
    ///
    /// - Throws: `DatasetError` for a source that cannot be read.
    mutating func differences(from line: CertifiedLine) throws -> [String] {
        guard let row = try row(line.id) else {
            return ["source: \(path) has no row with this id"]
        }
        var found: [String] = []
        if row.query != line.certificate?.query {
            found.append("query: \(row.location) has another one")
        }
        let text = Array(row.text.utf8)
        let words = wordRanges(in: row.text)
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

    /// The row with an id, after the last one found or else before it.
    private mutating func row(_ id: String) throws -> Example? {
        let start = count
        while let row = try next() {
            if row.id == id { return row.example }
        }
        guard path != "-" else { return nil }
        reader = try ExampleReader(path: path, options: options)
        count = 0
        while count < start, let row = try next() {
            if row.id == id { return row.example }
        }
        return nil
    }

    private mutating func next() throws -> NumberedRow? {
        guard let example = try reader.next() else { return nil }
        count += 1
        return NumberedRow(id: example.id ?? String(count), example: example)
    }
}

extension DatasetFormat {
    /// One document a line.
    public static let text = DatasetFormat("text", endings: ["txt"]) { input throws(DatasetError) in
        try PlainTextReader(lines: input.lines())
    }
}

/// Reads plain text, a document a line; an empty line is an empty document, so that the output's
/// lines can be laid beside the input's.
final class PlainTextReader: ExampleSource {
    private let lines: LineReader

    init(lines: LineReader) { self.lines = lines }

    var mustWait: Bool { lines.mustWait }
    var canContinue: Bool { !lines.hasFailed }

    func next() throws(DatasetError) -> Example? {
        guard let line = try lines.next() else { return nil }
        return Example(
            text: String(decoding: line.bytes, as: UTF8.self), location: lines.location)
    }
}

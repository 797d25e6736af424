import Tokenization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads a dataset's rows one after another, from a file, an ERASER folder or standard input.
///
///     var reader = try ExampleReader(path: "train.tsv")
///     while let example = try reader.next() {
///         print(example.location, example.label ?? "?", example.text)
///     }
///
/// One buffer is in memory, whatever the length of the source, and a row is handed out as soon as
/// it has arrived. Copies of a reader share one place in the file.
public struct ExampleReader {
    /// The format that is read.
    public let format: DatasetFormat

    /// What errors call the source.
    public let name: String

    private let lines: LineReader
    private let source: any ExampleSource
    private let options: DatasetOptions
    private var isEmpty = true

    /// Opens a source.
    ///
    /// - Parameters:
    ///   - path: a file, `-` for standard input, or an ERASER folder or split.
    ///   - options: how rows are to be read.
    /// - Throws: ``DatasetError`` when the source is missing or its format cannot be told.
    public init(path: String, options: DatasetOptions = DatasetOptions()) throws(DatasetError) {
        let origin = try DatasetOrigin(path: path, options: options)
        let lines = try LineReader(path: origin.file, maximumLineBytes: options.maximumRowBytes)
        try self.init(lines: lines, origin: origin, options: options)
    }

    /// Reads from an open file, such as a pipe, which the caller closes.
    ///
    /// - Parameters:
    ///   - descriptor: the open file.
    ///   - name: what errors call it.
    ///   - options: how rows are to be read; the default format is JSON lines.
    /// - Throws: ``DatasetError`` of kind `wrongUsage` for options that do not fit together.
    public init(
        descriptor: Int32, name: String, options: DatasetOptions = DatasetOptions()
    ) throws(DatasetError) {
        let origin = try DatasetOrigin(path: LineReader.standardInput, options: options)
        let lines = LineReader(
            descriptor: descriptor, name: name, closesDescriptor: false,
            maximumLineBytes: options.maximumRowBytes)
        try self.init(lines: lines, origin: origin, options: options)
    }

    private init(
        lines: LineReader, origin: DatasetOrigin, options: DatasetOptions
    ) throws(DatasetError) {
        self.lines = lines
        format = origin.format
        name = lines.name
        self.options = options
        switch origin.format {
        case .jsonLines: source = try JSONLinesReader(lines: lines, options: options)
        case .csv, .tsv:
            source = DelimitedReader(lines: lines, format: origin.format, options: options)
        case .text: source = PlainTextReader(lines: lines)
        case .eraser:
            source = EraserReader(
                lines: lines,
                documents: EraserDocuments(
                    folder: origin.documents, maximumBytes: options.maximumRowBytes))
        }
    }

    /// The next row, or `nil` after the last one.
    ///
    /// - Throws: ``DatasetError`` that names the line, what was expected and what to do; after an
    ///   error the reader's place is undefined.
    /// - Complexity: O(bytes of the row), amortised.
    public mutating func next() throws(DatasetError) -> Example? {
        guard let example = try source.next() else {
            if isEmpty && !options.allowsNoRows {
                throw DatasetError(
                    .badData, at: SourceLocation(file: name),
                    "there are no rows; expected at least one: check that the file is complete")
            }
            return nil
        }
        isEmpty = false
        if options.requiresLabel, wordRanges(in: example.label ?? "").isEmpty {
            throw DatasetError(
                .badData, at: example.location,
                format == .text
                    ? "plain text has no labels; expected \(DatasetFormat.names) with labels"
                    : "the label is missing or empty; expected one in every row: add it or drop "
                        + "the row")
        }
        return example
    }

    /// Whether `next` would have to wait for a pipe or a terminal, so that whoever gathers rows
    /// does better to work on those that are there.
    public var mustWait: Bool { lines.mustWait }

    /// Reads all rows.
    ///
    /// - Throws: ``DatasetError`` about the first row that cannot be read.
    public static func examples(
        path: String, options: DatasetOptions = DatasetOptions()
    ) throws(DatasetError) -> [Example] {
        var reader = try ExampleReader(path: path, options: options)
        var examples: [Example] = []
        while let example = try reader.next() { examples.append(example) }
        return examples
    }
}

/// What hands out the rows of one format.
protocol ExampleSource: AnyObject {
    /// The next row, or `nil` after the last one.
    func next() throws(DatasetError) -> Example?
}

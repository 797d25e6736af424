import Tokenization

/// Reads a dataset's rows one after another, from a file, a folder or standard input.
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

    private let source: any ExampleSource
    private let options: DatasetOptions
    private let report: (String) -> Void
    private var isEmpty = true
    private var hasEnded = false
    private var unlabelled = UnlabelledRows()

    /// Opens a source.
    ///
    /// - Parameters:
    ///   - path: a file, `-` for standard input, an ERASER folder or split, or a folder of classes.
    ///   - options: how rows are to be read.
    ///   - report: receives, in a line each, what was found out about the source and what was left out.
    /// - Throws: ``DatasetError`` when the source is missing or its format cannot be told.
    public init(
        path: String, options: DatasetOptions = DatasetOptions(),
        report: @escaping (String) -> Void = { _ in }
    ) throws(DatasetError) {
        let origin = try DatasetOrigin(path: path, options: options)
        try self.init(
            origin, name: path == LineReader.standardInput ? "standard input" : origin.file,
            options, report
        ) { () throws(DatasetError) in
            try LineReader(path: origin.file, maximumLineBytes: options.maximumRowBytes)
        }
    }

    /// Reads from an open file, such as a pipe, which the caller closes.
    ///
    /// - Parameters:
    ///   - descriptor: the open file.
    ///   - name: what errors call it.
    ///   - options: how rows are to be read; the default format is JSON lines.
    ///   - report: as for a path.
    /// - Throws: ``DatasetError`` of kind `wrongUsage` for options that do not fit together.
    public init(
        descriptor: Int32, name: String, options: DatasetOptions = DatasetOptions(),
        report: @escaping (String) -> Void = { _ in }
    ) throws(DatasetError) {
        let origin = try DatasetOrigin(path: LineReader.standardInput, options: options)
        try self.init(origin, name: name, options, report) {
            LineReader(
                ByteInput(descriptor: descriptor, name: name),
                maximumLineBytes: options.maximumRowBytes)
        }
    }

    private init(
        _ origin: DatasetOrigin, name: String, _ options: DatasetOptions,
        _ report: @escaping (String) -> Void,
        lines: @escaping () throws(DatasetError) -> LineReader
    ) throws(DatasetError) {
        source = try origin.format.open(
            DatasetInput(origin: origin, options: options, report: report, lines: lines))
        format = origin.format
        self.name = name
        self.options = options
        self.report = report
    }

    /// The next row, or `nil` after the last one.
    ///
    /// Where rows must have labels, all of those that have none are counted before the error.
    ///
    /// - Throws: ``DatasetError`` that names the line, what was expected and what to do. While
    ///   ``canContinue`` is true the reader is then at the row behind the one at fault.
    /// - Complexity: O(bytes of the row), amortised.
    public mutating func next() throws(DatasetError) -> Example? {
        while true {
            let row: Example?
            do throws(DatasetError) { row = try source.next() } catch {
                isEmpty = false
                throw error
            }
            guard let row else {
                try end()
                return nil
            }
            isEmpty = false
            guard options.requiresLabel, wordRanges(in: row.label ?? "").isEmpty else {
                unlabelled.hasLabels = true
                return row
            }
            guard format != .text else {
                throw DatasetError(
                    .badData, at: row.location,
                    "plain text has no labels; expected \(DatasetFormat.names) with labels")
            }
            unlabelled.add(row.location)
            if !options.dropsUnlabelled { throw countUnlabelled() }
        }
    }

    /// Whether rows may follow after an error was thrown: it was about one row and not about the file.
    public var canContinue: Bool { source.canContinue }

    /// Reads on to the end and counts all rows without a label.
    private mutating func countUnlabelled() -> DatasetError {
        while let row = try? source.next() {
            if wordRanges(in: row.label ?? "").isEmpty {
                unlabelled.add(row.location)
            } else {
                unlabelled.hasLabels = true
            }
        }
        return unlabelled.error(missingLabel: source.missingLabel)
    }

    /// Says at the end what was left out, and complains where nothing was there.
    private mutating func end() throws(DatasetError) {
        guard !hasEnded else { return }
        hasEnded = true
        if unlabelled.count > 0, !unlabelled.hasLabels {
            throw unlabelled.error(missingLabel: source.missingLabel)
        }
        if isEmpty && !options.allowsNoRows {
            throw DatasetError(
                .badData, at: SourceLocation(file: name),
                "there are no rows; expected at least one: check that the file is complete")
        }
        for notice in source.notices { report(notice) }
        if unlabelled.count > 0 { report(unlabelled.notice) }
    }

    /// Whether `next` would have to wait for a pipe or a terminal, so that whoever gathers rows
    /// does better to work on those that are there.
    package var mustWait: Bool { source.mustWait }

    /// Reads all rows.
    ///
    /// - Parameter report: as for ``init(path:options:report:)``.
    /// - Throws: ``DatasetError`` about the first row that cannot be read.
    public static func examples(
        path: String, options: DatasetOptions = DatasetOptions(),
        report: @escaping (String) -> Void = { _ in }
    ) throws(DatasetError) -> [Example] {
        var reader = try ExampleReader(path: path, options: options, report: report)
        var examples: [Example] = []
        while let example = try reader.next() { examples.append(example) }
        return examples
    }
}

/// What hands out the rows of one format.
protocol ExampleSource: AnyObject {
    /// The next row, or `nil` after the last one.
    func next() throws(DatasetError) -> Example?

    /// Whether `next` would have to wait for a pipe or a terminal.
    var mustWait: Bool { get }

    /// Whether rows may follow after an error.
    var canContinue: Bool { get }

    /// What people should know of the rows that were read, in a line each.
    var notices: [String] { get }

    /// What is wrong with the first row that has no field for a label, rather than none in it.
    var missingLabel: DatasetError? { get }
}

extension ExampleSource {
    var notices: [String] { [] }
    var missingLabel: DatasetError? { nil }
}

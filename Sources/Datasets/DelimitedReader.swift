extension DatasetFormat {
    /// Columns separated by commas or another delimiter, with quotes (RFC 4180).
    public static let csv = DatasetFormat("csv", endings: ["csv"]) { input throws(DatasetError) in
        try DelimitedReader(input, hasQuotes: true)
    }

    /// Columns separated by tabs; quotes are plain characters.
    public static let tsv = DatasetFormat("tsv", endings: ["tsv", "tab"]) {
        input throws(DatasetError) in
        try DelimitedReader(input, hasQuotes: false)
    }
}

/// Reads a CSV or TSV table's rows.
final class DelimitedReader: ExampleSource {
    private let records: DelimitedRecords
    private let lines: LineReader
    private let options: DatasetOptions
    private var layout: ColumnLayout?
    private var hasFailed = false

    /// Reports which delimiter was chosen where it is no comma and nobody gave one.
    ///
    /// - Parameter hasQuotes: whether it is CSV; else TSV.
    init(_ input: DatasetInput, hasQuotes: Bool) throws(DatasetError) {
        let (lines, options) = (try input.lines(), input.options)
        self.lines = lines
        self.options = options
        records = DelimitedRecords(lines: lines, hasQuotes: hasQuotes) { line in
            if !hasQuotes { return (.tab, isRow: true) }
            if let given = options.delimiter { return (given, isRow: true) }
            if let declared = Delimiter.declared(by: line.bytes) { return (declared, isRow: false) }
            guard ColumnLayout.expectsHeader(options) else { return (.comma, isRow: true) }
            let told = Delimiter.told(by: line.bytes) { delimiter in
                Self.fits(delimiter, line.bytes, options)
            }
            if told != .comma {
                input.report(
                    "\(lines.name): columns are parted by \(told), as the header shows; --delimiter comma "
                        + "for commas")
            }
            return (told, isRow: true)
        }
    }

    var mustWait: Bool { lines.mustWait }
    var canContinue: Bool { !hasFailed && records.canContinue }

    func next() throws(DatasetError) -> Example? {
        var isAtRow = false
        if layout == nil {
            do throws(DatasetError) { isAtRow = try begin() } catch {
                // Without its columns no row can be read.
                hasFailed = true
                throw error
            }
        }
        if !isAtRow {
            guard try records.advance() else { return nil }
        }
        guard let layout else { return nil }
        guard records.count == layout.count else {
            throw DatasetError(
                .badData, at: records.location,
                "the row has \(records.count) columns; expected \(layout.count) as in the first "
                    + "row: check its separators and quotes")
        }
        return Example(
            id: layout.id.map { records[$0] }, text: records[layout.text],
            query: layout.query.map { records[$0] }, label: try label(layout),
            location: records.location)
    }

    /// Finds the columns in the first line.
    ///
    /// - Returns: whether that line is a row.
    private func begin() throws(DatasetError) -> Bool {
        guard try records.advance() else { return false }
        let hasHeader = ColumnLayout.expectsHeader(options)
        layout = try ColumnLayout(
            options: options, header: hasHeader ? (0..<records.count).map { records[$0] } : nil,
            count: records.count, location: records.location)
        return !hasHeader
    }

    private func label(_ layout: ColumnLayout) throws(DatasetError) -> String? {
        guard let column = layout.label else { return nil }
        do throws(JSONRowProblem) { return try RowLabel.label(ofCell: records[column]) } catch {
            guard options.requiresLabel else { return records[column] }
            throw DatasetError(.badData, at: records.location, error.message)
        }
    }

    /// Whether the columns that a delimiter gives are those that are wanted.
    private static func fits(
        _ delimiter: Delimiter, _ line: UnsafeBufferPointer<UInt8>, _ options: DatasetOptions
    ) -> Bool {
        let header = String(decoding: line, as: UTF8.self)
            .split(
                separator: String(Unicode.Scalar(delimiter.byte)), omittingEmptySubsequences: false
            )
            .map {
                String($0.hasPrefix("\"") && $0.hasSuffix("\"") ? $0.dropFirst().dropLast() : $0)
            }
        let layout = try? ColumnLayout(
            options: options, header: header, count: header.count,
            location: SourceLocation(file: ""))
        return layout != nil
    }
}

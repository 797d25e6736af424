/// Reads a CSV or TSV table's rows.
final class DelimitedReader: ExampleSource {
    private let records: DelimitedRecords
    private let options: DatasetOptions
    private var layout: ColumnLayout?

    init(lines: LineReader, format: DatasetFormat, options: DatasetOptions) {
        records = DelimitedRecords(lines: lines, format: format)
        self.options = options
    }

    func next() throws(DatasetError) -> Example? {
        guard try records.advance() else { return nil }
        let layout: ColumnLayout
        if let known = self.layout {
            layout = known
        } else {
            let hasHeader = ColumnLayout.expectsHeader(options)
            layout = try ColumnLayout(
                options: options, header: hasHeader ? (0..<records.count).map { records[$0] } : nil,
                count: records.count, location: records.location)
            self.layout = layout
            if hasHeader {
                guard try records.advance() else { return nil }
            }
        }
        guard records.count == layout.count else {
            throw DatasetError(
                .badData, at: records.location,
                "the row has \(records.count) columns; expected \(layout.count) as in the first "
                    + "row: check its separators and quotes")
        }
        return Example(
            id: layout.id.map { records[$0] }, text: records[layout.text],
            query: layout.query.map { records[$0] }, label: layout.label.map { records[$0] },
            location: records.location)
    }
}

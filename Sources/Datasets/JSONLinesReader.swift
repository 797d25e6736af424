extension DatasetFormat {
    /// One JSON object a line, or an array of them:
    /// `{"id"?, "text", "query"?, "label"?, "rationale"?: [[start, end]…] in words}`.
    public static let jsonLines = DatasetFormat("jsonl", endings: ["jsonl", "json", "ndjson"]) {
        input throws(DatasetError) in
        try JSONLinesReader(lines: input.lines(), options: input.options)
    }
}

/// Reads JSON rows: an object a line, blank lines between them left out, or an array of objects.
final class JSONLinesReader: ExampleSource {
    private let rows: JSONRows
    private let fields: RowFields
    private let options: DatasetOptions
    private var rationales: RationaleReader
    private(set) var missingLabel: DatasetError?
    /// How many rows have their spans' name for a label.
    private var labelledBySpans = 0

    /// - Throws: ``DatasetError`` of kind `wrongUsage` when a field is given by number.
    init(lines: LineReader, options: DatasetOptions) throws(DatasetError) {
        rows = JSONRows(lines: lines)
        fields = try RowFields(options: options, file: lines.name)
        rationales = RationaleReader(file: lines.name, unit: options.rationaleUnit)
        self.options = options
    }

    var mustWait: Bool { rows.mustWait }
    var canContinue: Bool { rows.canContinue }

    var notices: [String] {
        (options.readsRationales ? rationales.notices : [])
            + (labelledBySpans > 0
                ? [
                    "\(rows.location.file): the name of a row's spans is taken for its label where it has no "
                        + "other, in \(labelledBySpans == 1 ? "1 row" : "\(labelledBySpans) rows")"
                ] : [])
    }

    func next() throws(DatasetError) -> Example? {
        try rows.next { bytes throws(DatasetError) in
            do throws(JSONRowProblem) { return try example(JSONFields(bytes)) } catch {
                var location = rows.location
                if rows.isArray, let offset = error.offset {
                    location.line += bytes.prefix(offset).count { $0 == 0x0A }
                }
                throw DatasetError(.badData, at: location, error.message)
            }
        }
    }

    private func example(_ row: JSONFields) throws(JSONRowProblem) -> Example {
        let task = row.first(of: fields.text) == nil ? try LabelStudioTask(row) : nil
        let values = task?.data ?? row
        let text = try RowText.text(values, fields.text, isNamed: options.textColumn != nil)
        var marks: RationaleReader.Marks?
        var rationale: (words: [Range<Int>], marks: [Range<Int>]?)?
        if options.readsRationales {
            marks = try rationales.marks(row, task: task, at: rows.location)
            if let marks { rationale = try rationales.words(marks, in: text) }
        }
        var example = Example(
            id: try RowText.id(values.first(of: fields.id) ?? row.first(of: fields.id)),
            text: text, query: try RowText.query(values.first(of: fields.query)),
            label: try label(values, task: task, marks: marks), rationale: rationale?.words,
            location: rows.location)
        example.marks = rationale?.marks
        return example
    }

    private func label(
        _ row: JSONFields, task: LabelStudioTask?, marks: RationaleReader.Marks?
    ) throws(JSONRowProblem) -> String? {
        do throws(JSONRowProblem) {
            if let task, let choice = try RowLabel.label(ofChoices: task.choices) { return choice }
            for field in fields.label.compactMap({ row[$0] }) {
                if let label = try RowLabel.label(of: field) { return label }
            }
        } catch {
            // A label that nobody asks for need not be one.
            guard options.requiresLabel else { return nil }
            throw error
        }
        if case .spans(let spans)? = marks, let name = spans.name {
            labelledBySpans += 1
            return name
        }
        if missingLabel == nil, !fields.label.contains(where: { row.contains($0) }) {
            missingLabel = DatasetError(
                .badData, at: rows.location, fields.missingLabel(row))
        }
        return nil
    }
}

/// The names of the fields to read, in the order in which they are tried.
private struct RowFields: Sendable {
    var text = DatasetOptions.textColumns
    var label = DatasetOptions.labelColumns
    var query = DatasetOptions.queryColumns
    var id = DatasetOptions.idColumns

    init(options: DatasetOptions, file: String) throws(DatasetError) {
        text = try Self.names(options.textColumn, else: text, "text", file)
        label = try Self.names(options.labelColumn, else: label, "label", file)
        query = try Self.names(options.queryColumn, else: query, "query", file)
        id = try Self.names(options.idColumn, else: id, "id", file)
        guard Set(text).isDisjoint(with: label), Set(text).isDisjoint(with: query) else {
            throw DatasetError(
                .wrongUsage, at: SourceLocation(file: file),
                "the text is also the label or the query; "
                    + "check --text-column, --label-column and --query-column")
        }
    }

    /// What to do where no row has a field for the label.
    func missingLabel(_ row: JSONFields) -> String {
        let severalLabels =
            row["labels"]?.kind == .array && !label.contains("labels")
            ? "; \"labels\" holds lists, and several labels for one text (multi-label) are not supported"
            : ""
        return
            "there is no field \(label.joined(separator: ", ")); the fields are \(row.listing): name "
            + "the label's field with --label-column\(severalLabels)"
    }

    private static func names(
        _ column: ColumnName?, else defaults: [String], _ role: String, _ file: String
    ) throws(DatasetError) -> [String] {
        switch column {
        case nil: return defaults
        case .name(let name): return [name]
        case .number(let number):
            throw DatasetError(
                .wrongUsage, at: SourceLocation(file: file),
                "JSON fields have names, not numbers such as \(number); "
                    + "give --\(role)-column a name, or --format csv or tsv")
        }
    }
}

/// Where a table's text, label, query and id stand.
struct ColumnLayout {
    let text: Int
    let label: Int?
    let query: Int?
    let id: Int?

    /// The number of columns that every row has.
    let count: Int

    /// Whether the options make the first row name the columns.
    ///
    /// Named columns need the names, and so does a text column that is not given; columns given
    /// by number alone do not.
    static func expectsHeader(_ options: DatasetOptions) -> Bool {
        if let hasHeader = options.hasHeader { return hasHeader }
        guard case .number = options.textColumn else { return true }
        return [options.labelColumn, options.queryColumn, options.idColumn].contains {
            if case .name = $0 { true } else { false }
        }
    }

    private static func holdsLoneCarriageReturn(_ name: String) -> Bool {
        zip(name.utf8, name.utf8.dropFirst()).contains { $0 == 0x0D && $1 != 0x0A }
    }

    /// Finds the columns.
    ///
    /// - Parameters:
    ///   - header: the column names, or `nil` when the first row is data.
    ///   - count: the number of columns of the first row.
    ///   - location: the first row's place, for errors.
    /// - Throws: ``DatasetError`` that lists the columns there are.
    init(
        options: DatasetOptions, header: [String]?, count: Int, location: SourceLocation
    ) throws(DatasetError) {
        let columns = Columns(header: header, count: count, location: location)
        if let name = header?.first(where: Self.holdsLoneCarriageReturn) {
            throw DatasetError(
                .badData, at: location,
                "the column \(DatasetError.quote(name)) holds a carriage return; the file's lines seem to "
                    + "end with it, and some with a line feed: make them alike with tr '\\r' '\\n'")
        }
        guard
            let text = try columns.find(
                options.textColumn, "text", defaults: DatasetOptions.textColumns)
        else {
            let defaults = DatasetOptions.textColumns.joined(separator: ", ")
            throw DatasetError(
                .badData, at: location,
                "no column is named \(defaults); \(columns.listing): "
                    + "name the text's column with --text-column, by number if there is no header")
        }
        self.text = text
        label = try columns.find(
            options.labelColumn, "label", defaults: DatasetOptions.labelColumns,
            isRead: options.requiresLabel)
        query = try columns.find(
            options.queryColumn, "query", defaults: DatasetOptions.queryColumns)
        id = try columns.find(options.idColumn, "id", defaults: DatasetOptions.idColumns)
        self.count = count

        // A text that holds the label would make every score look perfect.
        if label == text || query == text || (query != nil && query == label) {
            throw DatasetError(
                .wrongUsage, at: location,
                "text, label and query are not three different columns; \(columns.listing): "
                    + "check --text-column, --label-column and --query-column")
        }
        if options.requiresLabel && label == nil {
            let defaults = DatasetOptions.labelColumns.joined(separator: ", ")
            throw DatasetError(
                .badData, at: location,
                "no column is named \(defaults); \(columns.listing): "
                    + "name the label's column with --label-column")
        }
    }
}

/// The columns of a first row, and how to find one.
private struct Columns {
    let header: [String]?
    let count: Int
    let location: SourceLocation

    /// What there is to choose from.
    var listing: String {
        guard let header else {
            return count == 1
                ? "the first row has 1 column (if it is several, give --delimiter; none is told from a "
                    + "table without a header)" : "the first row has \(count) columns"
        }
        let names = header.prefix(20).map { DatasetError.quote($0) }.joined(separator: ", ")
        if header.count == 1 {
            return
                "the only column is \(names) (if it is several, give --format csv and --delimiter)"
        }
        return "the columns are \(names)" + (header.count > 20 ? ", …" : "")
    }

    /// The column asked for, else the one that has the first default name, else `nil`.
    ///
    /// - Parameter isRead: whether it matters which of several that have the name is taken.
    func find(
        _ column: ColumnName?, _ role: String, defaults: [String], isRead: Bool = true
    ) throws(DatasetError) -> Int? {
        switch column {
        case nil:
            for name in defaults {
                let matches = (header ?? []).indices.filter { header?[$0].lowercased() == name }
                guard matches.count < 2 || !isRead else {
                    throw DatasetError(
                        .badData, at: location,
                        "more than one column is named \(DatasetError.quote(name)); \(listing): "
                            + "name the one that counts with --\(role)-column, or rename the others"
                    )
                }
                if let match = matches.first { return match }
            }
            return nil
        case .number(let number):
            guard (1...count).contains(number) else {
                throw DatasetError(
                    .badData, at: location,
                    "the \(role) is to be in column \(number); \(listing): "
                        + "give --\(role)-column a number from 1 to \(count)")
            }
            return number - 1
        case .name(let name):
            let matches = (header ?? []).indices.filter { header?[$0] == name }
            guard let match = matches.first, matches.count == 1 else {
                throw DatasetError(
                    .badData, at: location,
                    (matches.isEmpty ? "no column" : "more than one column")
                        + " is named \(DatasetError.quote(name)); \(listing): give"
                        + " --\(role)-column one of these names, or a number if there is no header")
            }
            return match
        }
    }
}

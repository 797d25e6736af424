import ArgumentParser
import Warrant

/// How rows are read: shared by every command that reads texts.
struct DataOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Format of the rows: \(DatasetFormat.names). Told from the file's name by default; gzip files "
                + "are unpacked.",
            valueName: "format"))
    var format: DatasetFormat?

    @Option(
        help: ArgumentHelp(
            "What parts the columns of CSV: tab, comma, semicolon, pipe or one character. Told from the "
                + "header by default.", valueName: "character"),
        transform: { argument in
            guard let delimiter = Delimiter(argument) else {
                throw ValidationError(
                    "expected tab, comma, semicolon, pipe, or one ASCII character that is no quote")
            }
            return delimiter
        })
    var delimiter: Delimiter?

    @Option(help: ArgumentHelp("The text's column, by name or number.", valueName: "column"))
    var textColumn: ColumnName?

    @Option(help: ArgumentHelp("The label's column, by name or number.", valueName: "column"))
    var labelColumn: ColumnName?

    @Option(help: ArgumentHelp("The query's column, by name or number.", valueName: "column"))
    var queryColumn: ColumnName?

    @Option(help: ArgumentHelp("The id's column, by name or number.", valueName: "column"))
    var idColumn: ColumnName?

    @Option(
        help: ArgumentHelp(
            "What the numbers of human rationales count: \(RationaleUnit.names) (a 0 or 1 for each word). "
                + "Told from their form by default, and words where that does not tell.",
            valueName: "unit"))
    var rationaleUnit: RationaleUnit?

    /// The library's options.
    ///
    /// - Parameter path: what is read; a pipe may hold no row, a file must have one.
    func options(for path: String) -> DatasetOptions {
        var options = DatasetOptions()
        options.format = format
        options.delimiter = delimiter
        options.textColumn = textColumn
        options.labelColumn = labelColumn
        options.queryColumn = queryColumn
        options.idColumn = idColumn
        options.rationaleUnit = rationaleUnit
        options.allowsNoRows = path == "-"
        return options
    }
}

/// How labels are read: for the commands that need them.
struct LabelOptions: ParsableArguments {
    @Flag(
        help:
            "Leave out rows without a label, and say how many there are, instead of refusing them.")
    var dropUnlabelled = false

    /// The options of rows that must have a label.
    func options(for path: String, _ data: DataOptions) -> DatasetOptions {
        var options = data.options(for: path)
        options.requiresLabel = true
        options.dropsUnlabelled = dropUnlabelled
        options.allowsNoRows = false
        return options
    }
}

extension DatasetFormat: ExpressibleByArgument {}

extension RationaleUnit: ExpressibleByArgument {}

extension ColumnName: ExpressibleByArgument {
    /// Digits alone are a position, anything else is a name; an empty argument is none.
    public init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        self.init(argument)
    }
}

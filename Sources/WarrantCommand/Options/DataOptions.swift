import ArgumentParser
import Warrant

/// How rows are read: shared by every command that reads texts.
struct DataOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Format of the rows: \(DatasetFormat.names). Told from the file's name by default.",
            valueName: "format"))
    var format: DatasetFormat?

    @Option(help: ArgumentHelp("The text's column, by name or number.", valueName: "column"))
    var textColumn: ColumnName?

    @Option(help: ArgumentHelp("The label's column, by name or number.", valueName: "column"))
    var labelColumn: ColumnName?

    @Option(help: ArgumentHelp("The query's column, by name or number.", valueName: "column"))
    var queryColumn: ColumnName?

    @Option(help: ArgumentHelp("The id's column, by name or number.", valueName: "column"))
    var idColumn: ColumnName?

    /// The library's options.
    ///
    /// - Parameter path: what is read; a pipe may hold no row, a file must have one.
    func options(for path: String) -> DatasetOptions {
        var options = DatasetOptions()
        options.format = format
        options.textColumn = textColumn
        options.labelColumn = labelColumn
        options.queryColumn = queryColumn
        options.idColumn = idColumn
        options.allowsNoRows = path == "-"
        return options
    }
}

extension DatasetFormat: ExpressibleByArgument {}

extension ColumnName: ExpressibleByArgument {
    /// Digits alone are a position, anything else is a name; an empty argument is none.
    public init?(argument: String) {
        guard !argument.isEmpty else { return nil }
        self.init(argument)
    }
}

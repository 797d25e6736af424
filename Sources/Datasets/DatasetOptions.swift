/// How rows are to be read.
public struct DatasetOptions: Sendable, Hashable {
    /// The column names looked for when no text column is named, in this order.
    package static let textColumns = ["text", "sentence", "document", "review"]

    /// The column names looked for when no label column is named, in this order.
    package static let labelColumns = ["label", "class", "class_index"]

    /// The column names looked for when no query column is named.
    package static let queryColumns = ["query"]

    /// The column names looked for when no id column is named.
    package static let idColumns = ["id", "annotation_id"]

    /// The format; `nil` to tell it from the name. Standard input is taken for JSON lines, or with a
    /// delimiter for CSV.
    public var format: DatasetFormat?

    /// What parts the columns of CSV; `nil` for commas, or what the header has instead.
    public var delimiter: Delimiter?

    /// The column, or for JSON lines the field, that holds the text.
    public var textColumn: ColumnName?

    /// The column, or for JSON lines the field, that holds the label.
    public var labelColumn: ColumnName?

    /// The column, or for JSON lines the field, that holds the query.
    public var queryColumn: ColumnName?

    /// The column, or for JSON lines the field, that holds the id.
    public var idColumn: ColumnName?

    /// Whether a table's first row names the columns; `nil` to decide: it does unless the text
    /// column is given by number and no column by name.
    public var hasHeader: Bool?

    /// The split of an ERASER folder, such as `train`; `nil` when the path names the split's file.
    public var split: String?

    /// Whether a row without a label is an error; where it is none, a field that is no label is left
    /// alone.
    public var requiresLabel = false

    /// Whether rows without a label are left out, where labels are required.
    public var dropsUnlabelled = false

    /// Whether human rationales are read.
    public var readsRationales = true

    /// What the numbers of human rationales count; `nil` to tell it from their form, or words.
    public var rationaleUnit: RationaleUnit?

    /// Whether a source without any row is fine, as in a pipe, or an error.
    public var allowsNoRows = false

    /// The longest row, in bytes; a longer one is an error, so that memory stays bounded.
    public var maximumRowBytes = 64 << 20

    /// Reads rows in a format told from the name, in columns told from their names.
    public init() {}
}

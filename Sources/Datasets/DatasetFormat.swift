/// The formats in which rows can be given.
public enum DatasetFormat: String, CaseIterable, Sendable {
    /// One JSON object a line, or an array of them:
    /// `{"id"?, "text", "query"?, "label"?, "rationale"?: [[start, end]…] in words}`.
    case jsonLines = "jsonl"

    /// Columns separated by commas or another delimiter, with quotes (RFC 4180).
    case csv

    /// Columns separated by tabs; quotes are plain characters.
    case tsv

    /// One document a line.
    case text

    /// A split of an ERASER dataset: `train.jsonl` and the like beside a folder `docs` or a file
    /// `docs.jsonl`.
    case eraser

    /// A folder for each class, named after it, with a file for each document.
    case folders

    /// The formats' names, for messages and help.
    package static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

    /// Looks a format up by its name.
    ///
    /// - Throws: ``DatasetError`` of kind `wrongUsage` that lists the known names.
    package init(named name: String) throws(DatasetError) {
        guard let known = Self(rawValue: name) else {
            throw DatasetError(
                .wrongUsage, at: SourceLocation(file: "--format"),
                "unknown format \(DatasetError.quote(name)); choose one of: \(Self.names)")
        }
        self = known
    }

    /// Tells the format from a file's name: `.jsonl`, `.json`, `.ndjson`, `.csv`, `.tsv`, `.tab`,
    /// `.txt`, before an ending such as `.gz` if it is packed; `nil` for any other.
    package init?(fileName: String) {
        var name = fileName.split(separator: "/").last ?? ""
        if let ending = [".gz", ".xz", ".zst", ".bz2"].first(where: name.lowercased().hasSuffix) {
            name = name.dropLast(ending.count)
        }
        guard let dot = name.lastIndex(of: ".") else { return nil }
        switch name[name.index(after: dot)...].lowercased() {
        case "jsonl", "json", "ndjson": self = .jsonLines
        case "csv": self = .csv
        case "tsv", "tab": self = .tsv
        case "txt": self = .text
        default: return nil
        }
    }
}

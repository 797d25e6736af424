/// A format in which rows can be given.
///
/// A format is one file, with its reader and a constant such as `DatasetFormat.csv`, and one entry of
/// `allCases`; nothing else depends on which it is.
public struct DatasetFormat: RawRepresentable, Sendable {
    /// The name, as `--format` takes it.
    public let rawValue: String
    /// What the names of files in this format end with, after the last dot.
    let endings: [String]
    /// What it is, where it is a folder: `an ERASER dataset is`; nil: a file or a stream of lines.
    let folder: String?
    /// Begins to read the rows.
    let open: @Sendable (DatasetInput) throws(DatasetError) -> any ExampleSource

    /// A format.
    init(
        _ name: String, endings: [String] = [], folder: String? = nil,
        open: @escaping @Sendable (DatasetInput) throws(DatasetError) -> any ExampleSource
    ) {
        rawValue = name
        self.endings = endings
        self.folder = folder
        self.open = open
    }

    /// The format of this name; nil where there is none.
    public init?(rawValue: String) {
        guard let format = Self.allCases.first(where: { $0.rawValue == rawValue }) else {
            return nil
        }
        self = format
    }

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

    /// Tells the format from how a file's name ends, before an ending such as `.gz` if it is packed;
    /// `nil` where no format has the ending.
    package init?(fileName: String) {
        var name = fileName.split(separator: "/").last ?? ""
        if let ending = [".gz", ".xz", ".zst", ".bz2"].first(where: name.lowercased().hasSuffix) {
            name = name.dropLast(ending.count)
        }
        guard let dot = name.lastIndex(of: ".") else { return nil }
        let ending = name[name.index(after: dot)...].lowercased()
        guard let format = Self.allCases.first(where: { $0.endings.contains(ending) }) else {
            return nil
        }
        self = format
    }
}

extension DatasetFormat: CaseIterable {
    /// Every format.
    public static let allCases: [DatasetFormat] = [
        .jsonLines, .csv, .tsv, .text, .eraser, .folders,
    ]

    /// The formats' names, for messages and help.
    package static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}

extension DatasetFormat: Hashable {
    /// Whether two are the same format.
    public static func == (first: Self, second: Self) -> Bool { first.rawValue == second.rawValue }

    /// Hashes the name.
    public func hash(into hasher: inout Hasher) { hasher.combine(rawValue) }
}

/// What a format's reader is opened with.
struct DatasetInput {
    /// The file or folder.
    let origin: DatasetOrigin
    /// How rows are to be read.
    let options: DatasetOptions
    /// Receives, in a line each, what was found out about the source.
    let report: (String) -> Void
    /// Opens the file's lines; called once, and not for a format that has no file of rows.
    let lines: () throws(DatasetError) -> LineReader
}

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a path means: the file or folder that holds the rows, its format, and where documents lie.
package struct DatasetOrigin {
    let format: DatasetFormat

    /// The file that holds the rows, `-`, or the folder of the classes' folders.
    let file: String

    /// The documents of an ERASER dataset, a folder or a file; empty for other formats.
    let documents: String

    /// Tells them from the path and the options.
    ///
    /// - Throws: ``DatasetError`` when the format cannot be told, or parts of a folder are missing.
    init(path: String, options: DatasetOptions) throws(DatasetError) {
        (format, file, documents) = try Self.origin(path, options)
        if options.delimiter != nil, format != .csv {
            throw DatasetError(
                .wrongUsage, at: SourceLocation(file: path),
                "--delimiter goes with --format csv, and this is read as \(format.rawValue): leave one of "
                    + "them out")
        }
    }

    private static func origin(
        _ path: String, _ options: DatasetOptions
    ) throws(DatasetError) -> (DatasetFormat, file: String, documents: String) {
        let location = SourceLocation(file: path)
        // A delimiter parts columns: nothing but CSV has one to choose.
        let given = options.format ?? (options.delimiter == nil ? nil : .csv)
        if path == LineReader.standardInput {
            if let folder = given?.folder {
                throw DatasetError(
                    .wrongUsage, at: SourceLocation(file: "standard input"),
                    "\(folder) a folder and cannot be read from standard input; give its path")
            }
            return (given ?? .jsonLines, path, "")
        }
        guard FileManager.default.fileExists(atPath: path) else {
            throw DatasetError(.missingInput, at: location, "no such file; check the path")
        }
        if isFolder(path), given?.folder != nil || given == nil {
            return try DatasetFolder(path).origin(format: given, split: options.split)
        }
        guard let format = given ?? Self.format(ofFile: path) else {
            throw DatasetError(
                .wrongUsage, at: location,
                "the name does not tell the format; give --format, one of \(DatasetFormat.names)")
        }
        guard format != .folders else {
            throw DatasetError(
                .wrongUsage, at: location,
                "is a file; --format folders goes with a folder that has a folder for each class")
        }
        guard format == .eraser else { return (format, path, "") }
        let folder = DatasetFolder(Self.folder(of: path))
        return (format, path, try folder.requireDocuments(for: location))
    }

    /// JSON lines beside ERASER's documents are ERASER's when their first row has evidences.
    private static func format(ofFile path: String) -> DatasetFormat? {
        let format = DatasetFormat(fileName: path)
        // What is read of a pipe would be lost to the reader of the rows.
        guard format == .jsonLines, LineReader.isRegularFile(path),
            DatasetFolder(folder(of: path)).documents != nil,
            let lines = try? LineReader(path: path, maximumLineBytes: 64 << 20),
            let line = try? lines.next(), let row = try? JSONFields(line.bytes),
            row.contains("annotation_id"), row.contains("evidences")
        else { return format }
        return .eraser
    }

    private static func folder(of path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "." }
        return slash == path.startIndex ? "/" : String(path[..<slash])
    }

    package static func isFolder(_ path: String) -> Bool {
        var isFolder = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder
    }
}

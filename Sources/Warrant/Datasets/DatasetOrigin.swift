#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a path means: the file that holds the rows, its format, and where documents lie.
struct DatasetOrigin {
    let format: DatasetFormat

    /// The file that holds the rows, or `-`.
    let file: String

    /// The folder of an ERASER dataset's documents; empty for other formats.
    let documents: String

    /// Tells them from the path and the options.
    ///
    /// - Throws: ``DatasetError`` when the format cannot be told, or an ERASER dataset's parts are
    ///   missing.
    init(path: String, options: DatasetOptions) throws(DatasetError) {
        let location = SourceLocation(file: path)
        if path == LineReader.standardInput {
            guard options.format != .eraser else {
                throw DatasetError(
                    .wrongUsage, at: SourceLocation(file: "standard input"),
                    "an ERASER dataset is a folder and cannot be read from standard input; "
                        + "give its path")
            }
            (format, file, documents) = (options.format ?? .jsonLines, path, "")
            return
        }
        var isFolder = false
        guard Self.exists(path, isFolder: &isFolder) else {
            throw DatasetError(.missingInput, at: location, "no such file; check the path")
        }
        if isFolder, options.format == nil || options.format == .eraser {
            (format, file, documents) = try Self.eraser(folder: path, split: options.split)
            return
        }
        let format = options.format ?? Self.format(ofFile: path)
        guard let format else {
            throw DatasetError(
                .wrongUsage, at: location,
                "the name does not tell the format; give --format, one of \(DatasetFormat.names)")
        }
        let documents = format == .eraser ? Self.documents(beside: path) : ""
        if format == .eraser { try Self.checkDocuments(documents, for: location) }
        (self.format, file, self.documents) = (format, path, documents)
    }

    private static func eraser(
        folder: String, split: String?
    ) throws(DatasetError) -> (DatasetFormat, String, String) {
        let location = SourceLocation(file: folder)
        let documents = folder + "/docs"
        try checkDocuments(documents, for: location)
        guard let split else {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
            let splits = names.filter { $0.hasSuffix(".jsonl") }.sorted()
                .map { "\(folder)/\($0)" }.joined(separator: ", ")
            throw DatasetError(
                .wrongUsage, at: location,
                "a folder holds several splits; give one of its files"
                    + (splits.isEmpty ? "" : ": \(splits)"))
        }
        return (.eraser, "\(folder)/\(split).jsonl", documents)
    }

    private static func checkDocuments(
        _ documents: String, for location: SourceLocation
    ) throws(DatasetError) {
        var isFolder = false
        guard exists(documents, isFolder: &isFolder), isFolder else {
            throw DatasetError(
                .missingInput, at: location,
                "there is no folder \(documents); expected an ERASER dataset's documents there: "
                    + "check the path, or give --format if this is no ERASER dataset")
        }
    }

    /// JSON lines beside a folder `docs` are ERASER's when their first row has evidences.
    private static func format(ofFile path: String) -> DatasetFormat? {
        let format = DatasetFormat(fileName: path)
        var isFolder = false
        guard format == .jsonLines, exists(documents(beside: path), isFolder: &isFolder), isFolder,
            let lines = try? LineReader(path: path, maximumLineBytes: 64 << 20),
            let line = try? lines.next(),
            (try? JSONDecoder().row(
                EvidenceProbe.self, from: line, at: lines.location, like: EraserReader.exampleRow))
                != nil
        else { return format }
        return .eraser
    }

    private static func documents(beside path: String) -> String {
        guard let slash = path.lastIndex(of: "/") else { return "docs" }
        return path[...slash] + "docs"
    }

    private static func exists(_ path: String, isFolder: inout Bool) -> Bool {
        var result: Bool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &result)
        isFolder = result
        return exists
    }
}

/// A row that has evidences and an annotation's id, whatever they hold.
private struct EvidenceProbe: Decodable {
    init(from decoder: any Decoder) throws {
        let object = try decoder.container(keyedBy: JSONFieldName.self)
        guard ["annotation_id", "evidences"].allSatisfy({ object.contains(JSONFieldName($0)) })
        else { throw JSONRowProblem(message: "not an ERASER row") }
    }
}

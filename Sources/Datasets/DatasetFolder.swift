#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// A folder of rows: an ERASER dataset with its splits, or classes' folders, which may stand in a folder
/// for each split.
package struct DatasetFolder {
    private let path: String

    /// Names that people give to a split's folder, by the split's name.
    private static let splitNames = [
        "train": ["train"], "val": ["val", "valid", "validation", "dev"], "test": ["test"],
    ]

    package init(_ path: String) {
        self.path = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    }

    /// Whether rows of a split are there.
    package func has(split: String) -> Bool {
        guard DatasetOrigin.isFolder(path) else { return false }
        if documents != nil {
            return FileManager.default.fileExists(atPath: "\(path)/\(split).jsonl")
        }
        return classes(ofSplit: split) != nil
    }

    /// Where the documents of an ERASER dataset are, the folder `docs` or the file `docs.jsonl`; nil where
    /// there are none.
    var documents: String? {
        if DatasetOrigin.isFolder(inside("docs")) { return inside("docs") }
        let file = inside(EraserDocuments.fileName)
        return LineReader.isRegularFile(file) ? file : nil
    }

    private func inside(_ name: String) -> String {
        path == "." ? name : path == "/" ? "/\(name)" : "\(path)/\(name)"
    }

    /// Where the documents of an ERASER dataset are.
    ///
    /// - Throws: ``DatasetError`` where there are none.
    func requireDocuments(for location: SourceLocation) throws(DatasetError) -> String {
        if let documents { return documents }
        throw DatasetError(
            .missingInput, at: location,
            "there is no folder \(inside("docs")) and no file \(inside(EraserDocuments.fileName)); expected "
                + "an ERASER dataset's documents there: check the path, or give --format if this is no "
                + "ERASER dataset")
    }

    /// What is read of the folder.
    ///
    /// - Parameters:
    ///   - format: what the user says it is; nil to tell it from what lies in it.
    ///   - split: the split that is wanted; nil where the path must name it.
    func origin(
        format: DatasetFormat?, split: String?
    ) throws(DatasetError) -> (DatasetFormat, file: String, documents: String) {
        let location = SourceLocation(file: path)
        if format == .folders || (format == nil && documents == nil) {
            if let split, let folder = classes(ofSplit: split) { return (.folders, folder, "") }
            let splits = Self.splitNames.keys.compactMap { classes(ofSplit: $0) }.sorted()
            if !splits.isEmpty { throw severalSplits(splits) }
            if ClassFolderReader.isClassFolder(path) { return (.folders, path, "") }
            throw DatasetError(
                .missingInput, at: location,
                "the folder holds no rows that are known; expected a folder for each class with a file for "
                    + "each text, or an ERASER dataset with \(inside("docs")) or "
                    + "\(inside(EraserDocuments.fileName)): check the path, or name a file")
        }
        let documents = try requireDocuments(for: location)
        guard let split else {
            let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
            throw severalSplits(
                names.filter { $0.hasSuffix(".jsonl") && $0 != EraserDocuments.fileName }.sorted()
                    .map(inside))
        }
        return (.eraser, inside("\(split).jsonl"), documents)
    }

    private func severalSplits(_ splits: [String]) -> DatasetError {
        DatasetError(
            .wrongUsage, at: SourceLocation(file: path),
            "a folder holds several splits; give one of them"
                + (splits.isEmpty ? "" : ": \(splits.joined(separator: ", "))"))
    }

    /// The folder of a split's classes; nil where there is none.
    private func classes(ofSplit split: String) -> String? {
        (Self.splitNames[split] ?? [split]).map(inside).first(
            where: ClassFolderReader.isClassFolder)
    }
}

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Reads a folder of folders: each is a class, named after it, and each file in it a document, as in
/// `aclImdb/train/pos/0_9.txt`. Classes and files are in the order of their names' bytes.
final class ClassFolderReader: ExampleSource {
    private let folder: String
    private let options: DatasetOptions
    /// The classes that are left, the next one last.
    private var classes: [String]
    /// The files that are left in the class that is read, the next one last.
    private var files: [String] = []
    private var current = ""
    private var leftOut: [String] = []

    /// Names of folders that hold texts nobody has labelled.
    private static let unlabelled: Set = ["unsup", "unlabeled", "unlabelled", "unsupervised"]

    init(folder: String, options: DatasetOptions) {
        self.folder = folder
        self.options = options
        classes = Self.names(in: folder).filter { Self.isFolder("\(folder)/\($0)") }.reversed()
    }

    var mustWait: Bool { false }
    var canContinue: Bool { true }

    var notices: [String] {
        leftOut.isEmpty
            ? []
            : [
                "\(folder): \(leftOut.joined(separator: ", ")) holds texts without a label: left out"
            ]
    }

    func next() throws(DatasetError) -> Example? {
        while files.isEmpty {
            guard let name = classes.popLast() else { return nil }
            if options.requiresLabel, Self.unlabelled.contains(name) {
                leftOut.append(name)
                continue
            }
            current = name
            files = Self.names(in: "\(folder)/\(name)")
                .filter { LineReader.isRegularFile("\(folder)/\(name)/\($0)") }.reversed()
        }
        let name = "\(current)/\(files.removeLast())"
        let path = "\(folder)/\(name)"
        return Example(
            id: name,
            text: try LineReader.text(ofFile: path, maximumBytes: options.maximumRowBytes),
            label: Self.unlabelled.contains(current) ? nil : current,
            location: SourceLocation(file: path))
    }

    /// Whether a folder has a folder with a file in it, and so may be read as classes.
    static func isClassFolder(_ path: String) -> Bool {
        names(in: path).contains { name in
            let folder = "\(path)/\(name)"
            return isFolder(folder)
                && names(in: folder).contains { LineReader.isRegularFile("\(folder)/\($0)") }
        }
    }

    /// The names in a folder that are not hidden, sorted.
    private static func names(in folder: String) -> [String] {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { !$0.hasPrefix(".") }
            .sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    private static func isFolder(_ path: String) -> Bool { DatasetOrigin.isFolder(path) }
}

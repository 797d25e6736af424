import Files

extension DatasetFormat {
    /// A folder for each class, named after it, with a file for each document.
    public static let folders = DatasetFormat("folders", folder: "classes are") { input in
        ClassFolderReader(folder: input.origin.file, options: input.options)
    }
}

/// Reads a folder of folders: each is a class, named after it, and each file in it a document, as in
/// `aclImdb/train/pos/0_9.txt`. Classes and files are in the order of their names' bytes; hidden ones
/// are passed over.
final class ClassFolderReader: ExampleSource {
    private let folder: String
    private let options: DatasetOptions
    /// The entries that are left in the folder, the next one last; nil: it was not read yet.
    private var classes: [FolderEntry]?
    /// The entries that are left in the class that is read, the next one last.
    private var files: [FolderEntry] = []
    private var current = ""
    private var leftOut: [String] = []
    private var empty: [String] = []
    private var innerFolders: [String] = []
    private var hasFailed = false

    /// Names of folders that hold texts nobody has labelled.
    private static let unlabelled: Set = ["unsup", "unlabeled", "unlabelled", "unsupervised"]

    init(folder: String, options: DatasetOptions) {
        self.folder = folder
        self.options = options
    }

    var mustWait: Bool { false }
    var canContinue: Bool { !hasFailed }

    var notices: [String] {
        var notices: [String] = []
        if !leftOut.isEmpty {
            notices.append(
                "\(folder): \(leftOut.joined(separator: ", ")) holds texts without a label: left out"
            )
        }
        if !empty.isEmpty {
            notices.append("\(folder): \(empty.joined(separator: ", ")) holds no texts")
        }
        if let first = innerFolders.first {
            let others = innerFolders.count - 1
            notices.append(
                "\(folder): \(first)\(others == 0 ? "" : " and \(others) more") is a folder inside a "
                    + "class's folder: not read")
        }
        return notices
    }

    func next() throws(DatasetError) -> Example? {
        while true {
            guard let entry = files.popLast() else {
                guard try advance() else { return nil }
                continue
            }
            let path = "\(folder)/\(current)/\(entry.shownName)"
            switch entry.kind {
            case .folder: innerFolders.append("\(current)/\(entry.shownName)")
            case .danglingLink, .special: throw Self.unsuitable(entry, path)
            case .file:
                guard let name = entry.name else { throw Self.unsuitable(entry, path) }
                let path = "\(folder)/\(current)/\(name)"
                return Example(
                    id: "\(current)/\(name)",
                    text: try LineReader.text(
                        ofFile: path, maximumBytes: options.maximumRowBytes),
                    label: Self.unlabelled.contains(current) ? nil : current,
                    location: SourceLocation(file: path))
            }
        }
    }

    /// Goes on to the next class.
    ///
    /// - Returns: whether there is one.
    private func advance() throws(DatasetError) -> Bool {
        if classes == nil {
            do throws(DatasetError) { classes = try Self.entries(folder).reversed() } catch {
                hasFailed = true
                throw error
            }
        }
        guard let entry = classes?.popLast() else { return false }
        let path = "\(folder)/\(entry.shownName)"
        // Other files beside the classes are no texts; a link to nothing may have been a class.
        guard entry.kind == .folder || entry.kind == .danglingLink else { return true }
        guard entry.kind == .folder, let name = entry.name else {
            throw Self.unsuitable(entry, path)
        }
        if options.requiresLabel, Self.unlabelled.contains(name) {
            leftOut.append(name)
            return true
        }
        current = name
        files = try Self.entries("\(folder)/\(name)").reversed()
        if files.isEmpty { empty.append(name) }
        return true
    }

    /// Whether a folder has a folder with a file in it, and so may be read as classes.
    static func isClassFolder(_ path: String) -> Bool {
        let entries = (try? entries(path)) ?? []
        return entries.contains { entry in
            guard entry.kind == .folder else { return false }
            // What cannot be read is named when it is read.
            guard let name = entry.name, let files = try? self.entries("\(path)/\(name)") else {
                return true
            }
            return files.contains { $0.kind != .folder }
        }
    }

    /// The entries of a folder that are not hidden.
    private static func entries(_ path: String) throws(DatasetError) -> [FolderEntry] {
        do throws(FileError) {
            return try FolderEntry.all(in: path).filter { !$0.shownName.hasPrefix(".") }
        } catch {
            throw DatasetError(
                .missingInput, at: SourceLocation(file: path),
                error.explanation)
        }
    }

    private static func unsuitable(_ entry: FolderEntry, _ path: String) -> DatasetError {
        let problem =
            switch entry.kind {
            case .danglingLink: "is a link to nothing; mend or remove it"
            case .special: "is no regular file; remove it, or put its text into a file"
            case .file, .folder: "the name is not UTF-8; rename it"
            }
        return DatasetError(.badData, at: SourceLocation(file: path), problem)
    }
}

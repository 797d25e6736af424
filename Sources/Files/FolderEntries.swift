import Errors

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// One name in a folder, and what stands behind it.
package struct FolderEntry: Sendable, Equatable {
    /// What a name stands for, links followed.
    package enum Kind: Sendable, Equatable {
        case file, folder
        /// A link whose target is not there.
        case danglingLink
        /// A pipe, a socket or a device.
        case special
    }

    /// The name; nil where it is not UTF-8, so that no text can name it.
    package let name: String?
    /// The name for people: on one line, with U+FFFD for bytes that are not UTF-8.
    package let shownName: String
    /// What the name stands for.
    package let kind: Kind

    /// The entries of the folder at `path`, in the order of their names' bytes.
    ///
    /// - Throws: `FileError` of kind `unreadable`.
    package static func all(in path: String) throws(FileError) -> [FolderEntry] {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { throw FileError.unreadable(path, "cannot be opened") }
        defer { close(folder) }
        return FileTree.names(folder)
            .sorted { name, other in
                name.lazy.map { UInt8(bitPattern: $0) }
                    .lexicographicallyPrecedes(other.lazy.map { UInt8(bitPattern: $0) })
            }
            .map { FolderEntry($0, in: folder) }
    }

    private init(_ bytes: [CChar], in folder: Int32) {
        name = String(validating: bytes.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
        shownName = printable(FileTree.text(bytes))
        var status = stat()
        if fstatat(folder, bytes, &status, 0) == 0 {
            switch status.st_mode & S_IFMT {
            case S_IFREG: kind = .file
            case S_IFDIR: kind = .folder
            default: kind = .special
            }
        } else {
            kind = .danglingLink
        }
    }
}

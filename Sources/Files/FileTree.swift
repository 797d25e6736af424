#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What lies in a folder, at any depth. No link is followed.
enum FileTree {
    /// Waits until a folder's files and the folders themselves are on the disk.
    ///
    /// - Throws: `FileError` naming a file that could not be written.
    static func sync(_ path: String) throws(FileError) {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard folder >= 0 else { throw FileError.unwritable(path, "cannot be written") }
        defer { close(folder) }
        for name in names(folder) {
            let inner = path + "/" + text(name)
            var status = stat()
            guard fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 else { continue }
            switch status.st_mode & S_IFMT {
            case S_IFDIR: try sync(inner)
            case S_IFREG:
                let file = openat(folder, name, O_RDONLY | O_NOFOLLOW | O_CLOEXEC)
                guard file >= 0 else { throw FileError.unwritable(inner, "cannot be written") }
                defer { close(file) }
                guard fsync(file) == 0 else {
                    throw FileError.unwritable(inner, "cannot be written")
                }
            default: break
            }
        }
        // Some file systems cannot; then it is only as safe as they are.
        fsync(folder)
    }

    /// Makes what was renamed in a folder outlive a power cut, where the file system can.
    static func syncFolder(_ path: String) {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return }
        fsync(folder)
        close(folder)
    }

    /// Removes a file, or a folder with all that it holds.
    ///
    /// - Returns: whether nothing is left of it.
    @discardableResult
    static func remove(_ path: String) -> Bool {
        path.withCString { remove($0, in: AT_FDCWD) }
    }

    private static func remove(_ name: UnsafePointer<CChar>, in parent: Int32) -> Bool {
        if unlinkat(parent, name, 0) == 0 || errno == ENOENT { return true }
        let folder = openat(parent, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard folder >= 0 else { return errno == ENOENT }
        for name in names(folder) { _ = remove(name, in: folder) }
        close(folder)
        return unlinkat(parent, name, AT_REMOVEDIR) == 0 || errno == ENOENT
    }

    /// The names in the folder at `path`, in order; none where it cannot be read.
    static func names(at path: String) -> [String] {
        let folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard folder >= 0 else { return [] }
        defer { close(folder) }
        return names(folder).map(text).sorted()
    }

    /// A name with its closing zero as text; bytes that are not UTF-8 are replaced.
    static func text(_ name: [CChar]) -> String {
        String(decoding: name.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    /// The names in an open folder, with the closing zero, as the system has them.
    static func names(_ folder: Int32) -> [[CChar]] {
        // The stream closes its descriptor.
        let copy = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard copy >= 0 else { return [] }
        guard let stream = fdopendir(copy) else {
            close(copy)
            return []
        }
        defer { closedir(stream) }
        var names: [[CChar]] = []
        while let entry = readdir(stream) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                Array(bytes.prefix { $0 != 0 }).map { CChar(bitPattern: $0) } + [0]
            }
            if name == [46, 0] || name == [46, 46, 0] { continue }
            names.append(name)
        }
        return names
    }
}

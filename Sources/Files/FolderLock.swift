#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Holds a folder for one process, as long as this object lives.
package final class FolderLock: Sendable {
    private let descriptor: Int32

    /// Locks a folder; no link is followed.
    ///
    /// - Returns: nil where another process holds it. Where a file system has no locks, runs are on
    ///   their own.
    /// - Throws: `FileError` of kind `unwritable` where it cannot be opened.
    package init?(_ path: String) throws(FileError) {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        guard descriptor >= 0 else { throw FileError.unwritable(path, "cannot be opened") }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            guard errno == EWOULDBLOCK else { break }
            close(descriptor)
            return nil
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }
}

/// Makes a folder, unless there is one, and waits until its name is on the disk.
///
/// - Throws: `FileError` of kind `unwritable`.
package func makeFolder(_ path: String) throws(FileError) {
    guard mkdir(path, 0o777) != 0 else {
        FileTree.syncFolder(TemporaryName.split(path).folder)
        return
    }
    var status = stat()
    guard errno == EEXIST, lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
        throw FileError.unwritable(path, "cannot be made")
    }
}

/// Removes files of a folder, and the folder where nothing is left in it then.
package func removeFolder(_ path: String, files: [String]) {
    for name in files { unlink(path + "/" + name) }
    if rmdir(path) == 0 { FileTree.syncFolder(TemporaryName.split(path).folder) }
}

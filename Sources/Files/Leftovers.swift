import Errors

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// What runs that were killed left beside a place, and what became of it.
package enum Leftover: Equatable, Sendable {
    /// It was this package's and stale, and was removed.
    case removed(String)
    /// It is complete, and nothing stands at the place: it was kept.
    case finished(String)
    /// Another run is writing it.
    case inUse(String)
    /// It may be another program's, or in use where there are no locks: it was left.
    case uncertain(String)

    /// One line for people.
    ///
    /// - Parameter place: where it was to stand.
    package func notice(of place: String) -> String {
        switch self {
        case .removed(let path): "removed \(path), which a run that was killed had left"
        case .finished(let path):
            "\(path) is complete, left by a run that was killed, and nothing stands at \(place): to keep "
                + "it, stop this run and give: mv \(shellQuoted(path)) \(shellQuoted(place))"
        case .inUse: "another run is writing \(place) at this moment"
        case .uncertain(let path):
            "\(path) may be what a run that was killed left; it carries no proof of that and is kept: "
                + "remove it if no other run needs it"
        }
    }
}

/// Finds what killed runs left.
package enum Leftovers {
    /// Removes what is provably stale beside `place`: what bears a name that this package gives,
    /// belongs to this user, and is locked by nobody.
    ///
    /// - Parameter isFinished: whether a folder is so complete that a user would want it; asked where
    ///   nothing stands at `place`.
    package static func clear(
        beside place: String, isFinished: (_ path: String) -> Bool = { _ in false }
    ) -> [Leftover] {
        let (folder, owner) = TemporaryName.split(place)
        var status = stat()
        let isFree = lstat(place, &status) != 0
        return FileTree.names(at: folder).compactMap { name in
            let path = folder + name
            if TemporaryName.isOurs(name, of: owner) {
                return clear(path) { isFree && isFinished(path) }
            }
            guard TemporaryName.isOlder(name, of: owner) else { return nil }
            return isFree && isFinished(path) ? .finished(path) : .uncertain(path)
        }
    }

    /// Removes what is provably stale anywhere in a folder, not in those within it.
    ///
    /// - Parameter isKept: whether a folder may be another command's work, which is left alone.
    package static func clear(
        in folder: String, except isKept: (_ path: String) -> Bool = { _ in false }
    ) -> [Leftover] {
        FileTree.names(at: folder).compactMap { name in
            let path = "\(folder)/\(name)"
            guard TemporaryName.isOurs(name, of: nil), !isKept(path) else { return nil }
            return clear(path) { false }
        }
    }

    private static func clear(_ path: String, isFinished: () -> Bool) -> Leftover? {
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return errno == ENOENT ? nil : .uncertain(path) }
        // Closing it gives the lock back.
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_uid == geteuid(),
            [S_IFREG, S_IFDIR].contains(status.st_mode & S_IFMT)
        else { return .uncertain(path) }
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            return errno == EWOULDBLOCK ? .inUse(path) : .uncertain(path)
        }
        // Its owner may have put it in its place meanwhile.
        guard PendingItem.isSame(descriptor, path) else { return nil }
        if isFinished() { return .finished(path) }
        return FileTree.remove(path) ? .removed(path) : .uncertain(path)
    }
}

/// A path as a word of a shell's line.
package func shellQuoted(_ text: String) -> String {
    let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+=:@%,".utf8)
    if !text.isEmpty, text.utf8.allSatisfy(plain.contains) { return text }
    var quoted = "'"
    for scalar in text.unicodeScalars {
        if scalar == "'" { quoted += "'\\''" } else { quoted.unicodeScalars.append(scalar) }
    }
    return quoted + "'"
}

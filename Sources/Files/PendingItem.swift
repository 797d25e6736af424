import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// A file or a folder that is written beside its place under a random name, and put there in one
/// step when it is complete.
///
/// The name is made exclusively and no link is followed. As long as the process lives it holds a
/// lock on what it writes, so that others can tell what a killed one left (`Leftovers`). The name's
/// change is made to outlive a power cut: first all that was written is synced, then the folder that
/// holds the name.
package final class PendingItem: Sendable {
    /// What may stand at the place when it is taken.
    package enum Replacement {
        /// Nothing: what appeared there meanwhile is kept.
        case nothing
        /// A file, which is replaced.
        case file
        /// A folder that the function accepts; it is removed when the new one stands there.
        case folder((_ path: String) -> Bool)
    }

    /// The steps of a commit.
    package enum Step: String, CaseIterable, Sendable {
        case synced, movedAside, placed, folderSynced, removed
    }

    /// What tests look at, and change, in a commit.
    package struct Probe: Sendable {
        /// Called after each step: what lies on the disk then is what a process leaves that is killed
        /// there.
        package var afterStep: @Sendable (Step) -> Void
        /// Whether to do without the system's exchange, as on file systems that have none.
        package var withoutExchange: Bool

        /// A probe of a commit.
        package init(
            withoutExchange: Bool = false, afterStep: @escaping @Sendable (Step) -> Void = { _ in }
        ) {
            self.withoutExchange = withoutExchange
            self.afterStep = afterStep
        }
    }

    /// Where it is to stand.
    package let place: String
    /// Where it is written.
    package let path: String
    /// The open file or folder, closed when this object goes.
    package let descriptor: Int32

    private let isFolder: Bool
    private enum State { case pending, ended }
    private let state = Mutex(State.pending)

    /// Makes an empty file beside `place`.
    ///
    /// - Throws: `FileError` of kind `unwritable`.
    package convenience init(file place: String, mode: mode_t = 0o666) throws(FileError) {
        try self.init(place, isFolder: false) { path in
            open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode)
        }
    }

    /// Makes an empty folder beside `place`.
    ///
    /// - Throws: `FileError` of kind `unwritable`.
    package convenience init(folder place: String) throws(FileError) {
        try self.init(place, isFolder: true) { path in
            guard mkdir(path, 0o777) == 0 else { return -1 }
            return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        }
    }

    private init(
        _ place: String, isFolder: Bool, _ create: (String) -> Int32
    ) throws(FileError) {
        self.place = place
        self.isFolder = isFolder
        // Only where a name is taken, or another run takes the new item for a stale one in the
        // moment before it is locked.
        for _ in 0..<100 {
            let path = TemporaryName.beside(place)
            let descriptor = create(path)
            if descriptor >= 0 {
                if Self.claim(descriptor, path) {
                    self.path = path
                    self.descriptor = descriptor
                    return
                }
                close(descriptor)
            } else if ![EEXIST, ELOOP, ENOENT].contains(errno) || !Self.hasFolder(place) {
                break
            }
        }
        throw FileError.unwritable(place, "cannot be created")
    }

    deinit { close(descriptor) }

    /// Locks a new item.
    ///
    /// - Returns: whether it is this process's own, also where the file system has no locks.
    private static func claim(_ descriptor: Int32, _ path: String) -> Bool {
        while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
            if errno == EINTR { continue }
            return errno != EWOULDBLOCK
        }
        return isSame(descriptor, path)
    }

    /// Whether an open file or folder is what stands at a path.
    static func isSame(_ descriptor: Int32, _ path: String) -> Bool {
        var (opened, named) = (stat(), stat())
        return fstat(descriptor, &opened) == 0 && lstat(path, &named) == 0
            && opened.st_ino == named.st_ino && opened.st_dev == named.st_dev
    }

    /// Whether the folder of `place` is there; keeps the error number.
    private static func hasFolder(_ place: String) -> Bool {
        let code = errno
        defer { errno = code }
        return access(TemporaryName.split(place).folder, F_OK) == 0
    }

    /// Puts the file or folder in its place.
    ///
    /// A folder changes places with the one that stands there, in one step: at any moment a whole one
    /// stands at `place`. Where the file system has no such step, the old one is moved aside first, and
    /// moved back if the new one cannot take its place; a process that is killed between the two leaves
    /// both beside `place`, and the next run says how to get them back.
    ///
    /// - Throws: `FileError` of kind `unwritable`; then what stands at `place` is as it was, and what
    ///   was written is under `path` still.
    package func commit(
        replacing: Replacement, probe: Probe = Probe()
    ) throws(FileError) {
        let hasExchange = !probe.withoutExchange
        if isFolder {
            try FileTree.sync(path)
        } else {
            guard fsync(descriptor) == 0 else {
                throw FileError.unwritable(place, "cannot be written")
            }
        }
        probe.afterStep(.synced)
        let hasOld: Bool
        switch replacing {
        case .nothing:
            try check(Renaming.place(path, place, hasExchange: hasExchange))
            hasOld = false
        case .file:
            try check(Renaming.replace(path, place))
            hasOld = false
        case .folder(let isReplaceable): hasOld = try exchange(isReplaceable, probe)
        }
        state.withLock { $0 = .ended }
        probe.afterStep(.placed)
        FileTree.syncFolder(TemporaryName.split(place).folder)
        probe.afterStep(.folderSynced)
        if hasOld { FileTree.remove(path) }
        probe.afterStep(.removed)
    }

    /// - Returns: whether what stood at `place` is under `path` now.
    private func exchange(
        _ isReplaceable: (String) -> Bool, _ probe: Probe
    ) throws(FileError) -> Bool {
        let hasExchange = !probe.withoutExchange
        let refusal = FileError(
            .unwritable, path: place, problem: "is no longer what was to be replaced",
            remedy: "it is left as it is: give another place")
        // What stands there may go or come meanwhile.
        for _ in 0..<10 {
            let free = Renaming.place(path, place, hasExchange: hasExchange)
            if free == 0 { return false }
            guard [EEXIST, ENOTEMPTY, ENOTDIR].contains(free) else { throw failure(free) }
            guard isReplaceable(place) else { throw refusal }
            let code = Renaming.exchange(path, place, hasExchange: hasExchange)
            if code == ENOENT { continue }
            if Renaming.isUnknown(code) { return try replaceInTwoSteps(probe) }
            try check(code)
            guard isReplaceable(path) else {
                // Another took its place in the very moment.
                try check(Renaming.exchange(path, place))
                throw refusal
            }
            return true
        }
        throw refusal
    }

    private func replaceInTwoSteps(_ probe: Probe) throws(FileError) -> Bool {
        let old = TemporaryName.beside(place)
        try check(Renaming.place(place, old))
        probe.afterStep(.movedAside)
        let code = Renaming.place(path, place)
        guard code == 0 else {
            _ = Renaming.place(old, place)
            throw failure(code)
        }
        FileTree.remove(old)
        return false
    }

    private func check(_ code: Int32) throws(FileError) {
        guard code == 0 else { throw failure(code) }
    }

    private func failure(_ code: Int32) -> FileError {
        FileError.unwritable(place, "cannot be put in place", code)
    }

    /// Gives what was written another name, which no run takes for a left-over.
    ///
    /// - Returns: the new path; nil where it cannot be renamed.
    package func keep(at kept: String) -> String? {
        guard Renaming.place(path, kept) == 0 else { return nil }
        state.withLock { $0 = .ended }
        return kept
    }

    /// Removes what was written, unless it stands in its place already; nothing is left, even while
    /// another thread is still writing into a folder.
    package func discard() {
        state.withLock { state in
            guard state == .pending else { return }
            state = .ended
            // Under another name first: a thread that still writes finds no folder to make a file in.
            let discarded = TemporaryName.beside(place)
            guard Renaming.place(path, discarded) == 0 else { return }
            FileTree.remove(discarded)
        }
    }
}

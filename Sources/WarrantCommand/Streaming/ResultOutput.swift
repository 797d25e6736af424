import Files
import JSON
import Warrant

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Where a command's data go: standard output, or a file that appears only when it is complete.
struct ResultOutput {
    /// What is written to.
    let bytes: ByteOutput
    private let commit: () throws -> Void

    /// Standard output.
    static var standard: ResultOutput {
        ResultOutput(
            bytes: ByteOutput(descriptor: STDOUT_FILENO, name: "standard output"), commit: {})
    }

    private init(bytes: ByteOutput, commit: @escaping () throws -> Void) {
        self.bytes = bytes
        self.commit = commit
    }

    /// Opens standard output for nil, else a temporary sibling of the file, or a device as it is.
    ///
    /// - Throws: `WarrantError` of kind `unwritable`.
    init(_ path: String?) throws {
        guard let path else {
            self = .standard
            return
        }
        var status = stat()
        let exists = stat(path, &status) == 0
        let isRegular = exists && status.st_mode & S_IFMT == S_IFREG
        if exists, !isRegular {
            // A rename would put a plain file in the place of a device or a pipe.
            let descriptor = open(path, O_WRONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw WarrantError.unwritable(path, errno) }
            self.init(bytes: ByteOutput(descriptor: descriptor, name: path), commit: {})
            return
        }
        if isRegular, access(path, W_OK) != 0 { throw WarrantError.unwritable(path, errno) }
        // What a link points to is replaced, not the link.
        let target = exists ? URL(filePath: path).resolvingSymlinksInPath().path : path
        for leftover in Leftovers.clear(beside: target) {
            Messages.say(leftover.notice(of: target))
        }
        let item: PendingItem
        do { item = try PendingItem(file: target) } catch {
            throw WarrantError.unwritable(path, errno)
        }
        if isRegular { fchmod(item.descriptor, status.st_mode & 0o777) }
        Interruption.guarding { item.discard() }
        self.init(bytes: ByteOutput(descriptor: item.descriptor, name: path)) {
            do { try item.commit(replacing: .file) } catch {
                throw WarrantError(.unwritable, "\(error)")
            }
        }
    }

    /// Writes what is left and puts the file in its place.
    ///
    /// - Throws: `WarrantError` of kind `unwritable`, `ClosedPipe`.
    func finish() throws {
        try bytes.flush()
        try Interruption.finish(commit)
    }
}

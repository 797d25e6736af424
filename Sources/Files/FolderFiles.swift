import Synchronization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The files of a folder, each opened and read at most once: a digest and a parser that are given
/// the same `FolderFiles` get the same bytes, whatever happens to the folder in between. A file that
/// was not there when it was first asked for stays absent.
///
/// - SeeAlso: `MappedFile`, for what is promised of a file that is written into meanwhile.
package final class FolderFiles: Sendable {
    /// The folder as it was named by the caller.
    package let path: String

    private let opened = Mutex<[String: Result<MappedFile?, FileError>]>([:])
    private let isOnDisk: Bool

    /// The files of the folder at `path`, none of which is opened yet.
    package init(_ path: String) {
        self.path = path
        isOnDisk = true
    }

    /// Files that lie in memory alone.
    ///
    /// - Parameters:
    ///   - contents: their bytes by name.
    ///   - name: what errors call their folder.
    package init(contents: [String: [UInt8]], called name: String) {
        path = name
        isOnDisk = false
        opened.withLock { opened in
            for (file, bytes) in contents {
                opened[file] = .success(MappedFile(bytes: bytes, called: "\(name)/\(file)"))
            }
        }
    }

    /// The path of a file.
    package func path(of name: String) -> String {
        path.hasSuffix("/") ? path + name : "\(path)/\(name)"
    }

    /// A file; nil where there is none.
    ///
    /// - Throws: `FileError` for a file that cannot be read, is not a regular one, or is what Git
    ///   LFS put in its place.
    package func file(_ name: String) throws(FileError) -> MappedFile? {
        try opened.withLock { opened in
            if let known = opened[name] { return known }
            let result = open(name)
            opened[name] = result
            return result
        }.get()
    }

    /// Whether there is a file of that name, which is not opened.
    package func has(_ name: String) -> Bool {
        guard isOnDisk else { return opened.withLock { $0[name] != nil } }
        return access(path(of: name), F_OK) == 0
    }

    private func open(_ name: String) -> Result<MappedFile?, FileError> {
        Result { () throws(FileError) -> MappedFile? in
            guard isOnDisk, let file = try MappedFile(ifPresent: path(of: name)) else { return nil }
            try requireContent(file)
            return file
        }
    }

    /// A file's bytes, of which there may be `limit`; nil where there is no such file.
    ///
    /// - Throws: `FileError`, as `file` does, and for a larger file.
    package func bytes(_ name: String, upTo limit: Int = 64 << 20) throws(FileError) -> [UInt8]? {
        try file(name)?.bytes(upTo: limit)
    }

    /// Complains where one of the files was written into after it was opened.
    ///
    /// - Throws: `FileError`.
    package func requireUnchanged() throws(FileError) {
        for result in opened.withLock({ Array($0.values) }) {
            if case .success(let file?) = result { try file.requireUnchanged() }
        }
    }

    /// Git LFS keeps large files elsewhere; where it is not installed, a few lines stand for them.
    private func requireContent(_ file: MappedFile) throws(FileError) {
        guard file.count < 1_024 else { return }
        let isPointer = file.withBytes { bytes in
            ["version https://git-lfs.github.com/spec/", "version https://hawser.github.com/spec/"]
                .contains { bytes.starts(with: $0.utf8) }
        }
        guard isPointer else { return }
        throw FileError(
            .missingInput, path: file.path,
            problem: "is a Git LFS pointer, which stands for the file itself",
            remedy: "get the file: run git lfs pull in its folder (after git lfs install)")
    }
}

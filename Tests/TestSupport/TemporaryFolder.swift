import Foundation

/// A folder that lives as long as its owner.
package final class TemporaryFolder: Sendable {
    /// Where it is.
    package let url: URL
    /// Where it is.
    package var path: String { url.path }

    /// An empty folder.
    package init() throws {
        url = FileManager.default.temporaryDirectory.appendingPathComponent(
            "warrant-tests-" + UUID().uuidString)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(at: url) }

    /// The names of what lies in it, hidden files included, in order.
    package var names: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
    }

    /// Writes a file of text and returns its path.
    @discardableResult
    package func file(_ name: String, _ text: String) throws -> String {
        try file(name, bytes: text.utf8)
    }

    /// Writes a file, and the folders on the way to it, and returns its path.
    @discardableResult
    package func file(_ name: String, bytes: some Collection<UInt8>) throws -> String {
        let file = url.appendingPathComponent(name)
        try FileManager.default.createDirectory(
            at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(bytes).write(to: file)
        return file.path
    }

    /// What a file in it holds.
    package func bytes(of name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: url.appendingPathComponent(name)))
    }
}

/// Calls `body` with a folder of the given files, and removes it after.
package func withFolder<Result>(
    _ files: [String: Data] = [:], _ body: (URL) throws -> Result
) throws -> Result {
    let folder = try TemporaryFolder()
    for (name, content) in files { try folder.file(name, bytes: content) }
    return try withExtendedLifetime(folder) { try body(folder.url) }
}

/// Calls `body` with a folder of the given files of text, and removes it after.
package func withFolder<Result>(
    _ files: [String: String], _ body: (URL) throws -> Result
) throws -> Result {
    try withFolder(files.mapValues { Data($0.utf8) }, body)
}

import AttentionModels
import Errors
import Files
import Training

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a graph remembers where diagnostics are made: the rows, and the model that was used last.
package enum DiagnosticMemory {
    package static var stages: [any Stage.Type] {
        [WordDataStage.self, AttentionModelStage.self]
    }
}

/// The folder of a diagnostic's results. Each file appears in one step, and replaces an older one.
package struct DiagnosticFolder {
    private let folder: URL
    private let writing: (() throws -> Void) throws -> Void

    /// The files of the results.
    package static let names = [
        "summary.json", "texts.jsonl", "summary.md", "tables.csv", "picture.svg",
    ]

    /// A folder of results.
    ///
    /// - Parameter writing: does each write.
    package init(
        _ folder: URL, writing: @escaping (() throws -> Void) throws -> Void = { try $0() }
    ) {
        self.folder = folder
        self.writing = writing
    }

    private func path(_ name: String) -> String { folder.appending(path: name).path }

    /// Makes the folder, and removes what a run that was killed left in it.
    ///
    /// - Returns: what was removed, a line for each.
    /// - Throws: `WarrantError` where it cannot be made.
    package func prepare() throws -> [String] {
        do {
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        } catch {
            throw WarrantError(
                .unwritable, "\(folder.path): cannot be made; check that its place is writable")
        }
        return Self.names.flatMap { name in
            Leftovers.clear(beside: path(name)).map { $0.notice(of: path(name)) }
        }
    }

    /// Writes a report.
    ///
    /// - Throws: `FileError` naming the file.
    package func write(_ report: DiagnosticReport) throws {
        var texts: [UInt8] = []
        for text in report.texts {
            text.append(to: &texts)
            texts.append(UInt8(ascii: "\n"))
        }
        let contents = [
            Array((report.json.write() + "\n").utf8), texts, Array(report.markdown.utf8),
            Array(report.csv.utf8), Array(report.picture.svg().utf8),
        ]
        for (name, bytes) in zip(Self.names, contents) {
            try writing { try replaceFile(at: path(name), with: bytes) }
        }
    }
}

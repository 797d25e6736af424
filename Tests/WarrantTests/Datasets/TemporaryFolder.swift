import Foundation
import Warrant

/// A folder that lives as long as its test.
final class TemporaryFolder {
    let path: String

    init() throws {
        path = NSTemporaryDirectory() + "warrant-datasets-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// Writes a file and returns its path.
    func file(_ name: String, _ text: String) throws -> String {
        try file(name, bytes: Array(text.utf8))
    }

    func file(_ name: String, bytes: [UInt8]) throws -> String {
        let file = path + "/" + name
        let folder = URL(fileURLWithPath: file).deletingLastPathComponent()
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }

    /// Writes a file and reads it as a dataset.
    func examples(
        _ name: String, _ text: String, _ change: (inout DatasetOptions) -> Void = { _ in }
    ) throws -> [Example] {
        var options = DatasetOptions()
        change(&options)
        return try ExampleReader.examples(path: file(name, text), options: options)
    }

    /// Writes a file, reads it as a dataset, and returns the error without the folder's path.
    func error(
        _ name: String, _ text: String, _ change: (inout DatasetOptions) -> Void = { _ in }
    ) throws -> (kind: DatasetError.Kind, description: String)? {
        try error(name, bytes: Array(text.utf8), change)
    }

    func error(
        _ name: String, bytes: [UInt8], _ change: (inout DatasetOptions) -> Void = { _ in }
    ) throws -> (kind: DatasetError.Kind, description: String)? {
        var options = DatasetOptions()
        change(&options)
        let file = try file(name, bytes: bytes)
        return error(path: file, options)
    }

    /// The error of reading a path, without the folder's path.
    func error(
        path file: String, _ options: DatasetOptions = DatasetOptions()
    ) -> (kind: DatasetError.Kind, description: String)? {
        do {
            _ = try ExampleReader.examples(path: file, options: options)
            return nil
        } catch {
            let text = error.description.replacingOccurrences(of: path + "/", with: "")
            return (error.kind, text)
        }
    }
}

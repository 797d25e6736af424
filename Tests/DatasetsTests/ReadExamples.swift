import TestSupport
import Warrant

extension TemporaryFolder {
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

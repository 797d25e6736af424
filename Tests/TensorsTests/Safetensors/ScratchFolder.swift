#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// An empty folder that is removed with the object.
final class ScratchFolder: Sendable {
    let path: String

    init() throws {
        path = FileManager.default.temporaryDirectory.path + "/safetensors-\(UUID().uuidString)"
        try FileManager.default.createDirectory(
            atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    /// The path of `name` inside the folder.
    func file(_ name: String = "model.safetensors") -> String { "\(path)/\(name)" }

    /// Everything in the folder, hidden files included.
    var contents: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
    }

    /// Writes `bytes` under `name` and returns the path.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String = "model.safetensors") throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: file(name)))
        return file(name)
    }

    func bytes(of name: String = "model.safetensors") throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: file(name))))
    }
}

/// A safetensors file's bytes: the header's length, the header, the data.
func safetensorsBytes(header: [UInt8], data: [UInt8] = []) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.count).littleEndian, Array.init) + header + data
}

/// A safetensors file's bytes with a header given as text.
func safetensorsBytes(header: String, data: [UInt8] = []) -> [UInt8] {
    safetensorsBytes(header: Array(header.utf8), data: data)
}

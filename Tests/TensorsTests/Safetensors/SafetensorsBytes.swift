import TestSupport

extension TemporaryFolder {
    /// The path of `name` inside the folder.
    func file(_ name: String = "model.safetensors") -> String { "\(path)/\(name)" }

    /// Writes `bytes` under `name` and returns the path.
    @discardableResult
    func write(_ bytes: [UInt8], to name: String = "model.safetensors") throws -> String {
        try file(name, bytes: bytes)
    }

    /// What the file that most tests write holds.
    func bytes() throws -> [UInt8] { try bytes(of: "model.safetensors") }
}

/// A safetensors file's bytes: the header's length, the header, the data.
func safetensorsBytes(header: [UInt8], data: [UInt8] = []) -> [UInt8] {
    withUnsafeBytes(of: UInt64(header.count).littleEndian, Array.init) + header + data
}

/// A safetensors file's bytes with a header given as text.
func safetensorsBytes(header: String, data: [UInt8] = []) -> [UInt8] {
    safetensorsBytes(header: Array(header.utf8), data: data)
}

import Errors
import Files

/// A memory-mapped safetensors file: named tensors, read without loading the file first.
///
/// Everything is checked before the initializer returns, so a file that opens can be read: the
/// header is well-formed, no name stands twice, and every data byte belongs to one tensor. The
/// file must not be cut shorter while it is open; replacing it by a rename is safe.
///
/// Format: the safetensors specification, <https://github.com/huggingface/safetensors>.
package final class SafetensorsFile: Sendable {
    /// The file as it was named by the caller.
    package let path: String
    /// The names of the tensors, in the header's order.
    package let names: [String]
    /// The text pairs that the writer left, such as `format: pt`; empty when there are none.
    package let metadata: [String: String]

    private let entries: [String: Entry]
    private let file: MappedFile

    /// Maps and checks the file at `path`.
    ///
    /// Takes time and memory in proportion to the header, not to the file.
    ///
    /// - Throws: ``SafetensorsError`` when the file is missing, unreadable, or not a sound
    ///   safetensors file.
    package convenience init(path: String) throws {
        do { try self.init(MappedFile(path: path)) } catch let error as FileError {
            throw error.asSafetensorsError
        }
    }

    /// Checks a file that was opened already.
    ///
    /// - Throws: ``SafetensorsError`` when it is not a sound safetensors file.
    package init(_ file: MappedFile) throws {
        let path = file.path
        let header = try file.withBytes { try SafetensorsHeader(file: $0, path: path) }
        self.path = path
        self.file = file
        self.names = header.entries.map(\.name)
        self.metadata = header.metadata
        self.entries = Dictionary(uniqueKeysWithValues: header.entries.map { ($0.name, $0) })
    }

    /// The tensor named `name`, or nil when the file has none.
    package func entry(_ name: String) -> Entry? { entries[name] }

    /// Copies a tensor as `Float` into `destination`, converting from F16 and BF16.
    ///
    /// - Parameters:
    ///   - name: The tensor.
    ///   - shape: The dimensions that the tensor must have, or nil for any.
    ///   - destination: Room for exactly the tensor's elements.
    /// - Throws: ``SafetensorsError`` when the tensor is missing, has another shape, or is not
    ///   F32, F16 or BF16.
    package func readFloats(
        _ name: String, shape: [Int]?, into destination: UnsafeMutableBufferPointer<Float>
    ) throws {
        let (entry, format) = try floatEntry(name)
        if let shape, shape != entry.shape {
            throw mismatch(name, "has shape \(entry.shape), expected \(shape)")
        }
        guard destination.count == entry.elementCount else {
            throw mismatch(
                name, "has \(entry.elementCount) elements, expected \(destination.count)")
        }
        guard let target = destination.baseAddress else { return }
        file.withBytes { bytes in
            guard let start = bytes.baseAddress else { return }
            format.decode(
                start + entry.byteRange.lowerBound, into: target, count: destination.count)
        }
    }

    /// A tensor's elements as `Float`, in row-major order, converted from F16 and BF16.
    ///
    /// - Throws: ``SafetensorsError`` when the tensor is missing or is not F32, F16 or BF16.
    package func floats(_ name: String) throws -> [Float] {
        let count = try floatEntry(name).entry.elementCount
        return try [Float](unsafeUninitializedCapacity: count) { buffer, initializedCount in
            try readFloats(
                name, shape: nil, into: UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            initializedCount = count
        }
    }

    /// The elements of an I32 tensor, in row-major order.
    ///
    /// - Throws: ``SafetensorsError`` when the tensor is missing or is not I32.
    package func int32s(_ name: String) throws -> [Int] {
        try integers(name, type: .i32) { Int(Int32(littleEndian: $0)) }
    }

    /// The elements of an I64 tensor, in row-major order.
    ///
    /// - Throws: ``SafetensorsError`` when the tensor is missing or is not I64.
    package func int64s(_ name: String) throws -> [Int] {
        try integers(name, type: .i64) { Int(Int64(littleEndian: $0)) }
    }

    private func integers<Stored: FixedWidthInteger & BitwiseCopyable>(
        _ name: String, type: ElementType, _ convert: (Stored) -> Int
    ) throws -> [Int] {
        let entry = try required(name)
        guard entry.type == type else {
            throw mismatch(name, "is \(entry.type.rawValue), expected \(type.rawValue)")
        }
        return file.withBytes { bytes in
            (0..<entry.elementCount).map { index in
                let offset = entry.byteRange.lowerBound + index * MemoryLayout<Stored>.size
                return convert(bytes.loadUnaligned(fromByteOffset: offset, as: Stored.self))
            }
        }
    }

    private func floatEntry(_ name: String) throws -> (entry: Entry, format: FloatFormat) {
        let entry = try required(name)
        guard let format = FloatFormat(entry.type) else {
            throw mismatch(name, "is \(entry.type.rawValue), expected F32, F16 or BF16")
        }
        return (entry, format)
    }

    private func required(_ name: String) throws -> Entry {
        guard let entry = entries[name] else {
            throw mismatch(name, "is missing among \(entries.count) tensors")
        }
        return entry
    }

    private func mismatch(_ name: String, _ text: String) -> SafetensorsError {
        .mismatch(path, "tensor \(SafetensorsError.quoted(name)) \(text)")
    }
}

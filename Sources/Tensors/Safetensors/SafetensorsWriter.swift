import Errors
import Files

/// A tensor to be written: its name, shape, and a way to its values.
package struct SafetensorsTensor {
    /// The name under which the tensor is saved.
    package let name: String
    /// The dimensions, slowest first; empty for a scalar.
    package let shape: [Int]
    fileprivate let withValues: ((UnsafeBufferPointer<Float>) throws -> Void) throws -> Void

    /// A tensor whose values lie in an array, which is not copied.
    package init(name: String, shape: [Int], values: [Float]) {
        self.init(name: name, shape: shape) { try values.withUnsafeBufferPointer($0) }
    }

    /// A tensor whose values lie in memory that stays valid until the file is written.
    package init(name: String, shape: [Int], values: UnsafeBufferPointer<Float>) {
        self.init(name: name, shape: shape) { try $0(values) }
    }

    /// A tensor whose values are produced when their turn comes.
    ///
    /// - Parameter withValues: Calls its argument once with the values, in row-major order.
    package init(
        name: String, shape: [Int],
        withValues: @escaping (_ body: (UnsafeBufferPointer<Float>) throws -> Void) throws -> Void
    ) {
        self.name = name
        self.shape = shape
        self.withValues = withValues
    }
}

/// Writes tensors, in the given order, to a safetensors file that appears only when complete.
///
/// Values are converted and written a megabyte at a time, so nothing is held twice. With the
/// default metadata, `transformers` loads the file as PyTorch weights.
///
/// - Parameters:
///   - tensors: The tensors; names must differ, and shapes must fit the values.
///   - format: How the values are stored; F16 and BF16 round to nearest, ties to even.
///   - metadata: Text pairs for the header's `__metadata__`; none when empty.
///   - path: The file to write or to replace.
/// - Throws: ``SafetensorsError`` when the tensors are not sound or the file cannot be written, and
///   whatever a tensor's `withValues` throws. Then nothing is left behind, and a file that stood at
///   `path` is as it was.
package func writeSafetensors(
    _ tensors: [SafetensorsTensor], as format: FloatFormat = .f32,
    metadata: [String: String] = ["format": "pt"], to path: String
) throws {
    let header = try safetensorsHeader(tensors, as: format, metadata: metadata, path: path)
    do {
        try replaceFile(at: path) { descriptor in
            try appendSafetensors(tensors, header: header, as: format, to: descriptor, path: path)
        }
    } catch let error as FileError { throw error.asSafetensorsError }
}

/// Streams the header, then each tensor in turn, to an open descriptor.
package func appendSafetensors(
    _ tensors: [SafetensorsTensor], header: [UInt8], as format: FloatFormat,
    to descriptor: Int32, path: String
) throws {
    try header.withUnsafeBytes { try append($0, to: descriptor, path: path) }
    let part = 1 << 18
    let buffer = UnsafeMutableRawBufferPointer.allocate(
        byteCount: part * format.byteWidth, alignment: 64)
    defer { buffer.deallocate() }
    for tensor in tensors {
        var calls = 0
        try tensor.withValues { values in
            calls += 1
            let expected = tensor.shape.reduce(1, *)
            guard values.count == expected, calls == 1 else {
                throw SafetensorsError.unwritable(
                    path,
                    "tensor \(SafetensorsError.quoted(tensor.name)) has \(values.count) values, "
                        + "expected \(expected) once for shape \(tensor.shape)")
            }
            guard let source = values.baseAddress, let target = buffer.baseAddress else { return }
            for start in stride(from: 0, to: values.count, by: part) {
                let count = min(part, values.count - start)
                format.encode(source + start, into: target, count: count)
                try append(
                    UnsafeRawBufferPointer(rebasing: buffer[..<(count * format.byteWidth)]),
                    to: descriptor, path: path)
            }
        }
        guard calls == 1 else {
            throw SafetensorsError.unwritable(
                path, "tensor \(SafetensorsError.quoted(tensor.name)) gave no values")
        }
    }
}

private func append(
    _ bytes: UnsafeRawBufferPointer, to descriptor: Int32, path: String
) throws {
    let code = writeAll(bytes, to: descriptor)
    guard code == 0 else {
        throw FileError.unwritable(path, "cannot be written", code).asSafetensorsError
    }
}

/// The bytes before the data: the header's length and the header, padded with spaces so that the
/// data start on a multiple of 8.
package func safetensorsHeader(
    _ tensors: [SafetensorsTensor], as format: FloatFormat, metadata: [String: String],
    path: String
) throws -> [UInt8] {
    var members: [String] = []
    if !metadata.isEmpty {
        // Sorted, so that the same weights give the same bytes.
        let pairs = metadata.sorted { $0.key < $1.key }
            .map { "\(jsonString($0.key)):\(jsonString($0.value))" }
        members.append(
            "\(jsonString(SafetensorsHeader.metadataKey)):{\(pairs.joined(separator: ","))}")
    }
    var names: Set<String> = [SafetensorsHeader.metadataKey]
    var offset = 0
    for tensor in tensors {
        let name = SafetensorsError.quoted(tensor.name)
        guard names.insert(tensor.name).inserted else {
            throw SafetensorsError.unwritable(path, "the tensor name \(name) is taken")
        }
        var size = format.byteWidth
        for dimension in tensor.shape {
            let (product, overflowed) = size.multipliedReportingOverflow(by: dimension)
            guard dimension >= 0, !overflowed else {
                throw SafetensorsError.unwritable(
                    path, "tensor \(name) cannot have shape \(tensor.shape)")
            }
            size = product
        }
        let (end, overflowed) = offset.addingReportingOverflow(size)
        guard !overflowed else {
            throw SafetensorsError.unwritable(path, "tensor \(name) makes the file too large")
        }
        let shape = tensor.shape.map(String.init).joined(separator: ",")
        members.append(
            "\(jsonString(tensor.name)):{\"dtype\":\"\(format.rawValue)\",\"shape\":[\(shape)],"
                + "\"data_offsets\":[\(offset),\(end)]}")
        offset = end
    }
    var text = Array("{\(members.joined(separator: ","))}".utf8)
    text.append(contentsOf: repeatElement(UInt8(ascii: " "), count: (8 - text.count % 8) % 8))
    guard text.count <= SafetensorsHeader.largestSize else {
        throw SafetensorsError.unwritable(path, "the header is too large for the format")
    }
    return withUnsafeBytes(of: UInt64(text.count).littleEndian, Array.init) + text
}

/// `text` as a JSON string.
private func jsonString(_ text: String) -> String {
    var result = "\""
    for scalar in text.unicodeScalars {
        switch scalar {
        case "\"": result += "\\\""
        case "\\": result += "\\\\"
        case "\u{0}"..<" ":
            let digits = String(scalar.value, radix: 16)
            result += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
        default: result.unicodeScalars.append(scalar)
        }
    }
    return result + "\""
}

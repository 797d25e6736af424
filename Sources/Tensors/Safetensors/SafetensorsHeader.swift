import Errors

/// What a safetensors header says, checked against the size of the file.
///
/// The file is 8 bytes of header length (little endian), the header, then the tensors' bytes. The
/// header is one JSON object: `{"name": {"dtype": "F32", "shape": [2, 3], "data_offsets":
/// [0, 24]}, …, "__metadata__": {"format": "pt"}}`, offsets counted from the header's end. Every
/// data byte belongs to exactly one tensor, so nothing can hide in the file.
struct SafetensorsHeader {
    /// The bytes of the leading header length.
    static let prefixSize = 8
    /// The format's own limit, kept by its other readers too.
    static let largestSize = 100_000_000
    /// The one key that does not name a tensor.
    static let metadataKey = "__metadata__"

    /// The tensors in the header's order.
    private(set) var entries: [SafetensorsFile.Entry] = []
    /// The free text under `__metadata__`.
    private(set) var metadata: [String: String] = [:]

    private let path: String
    /// Where the tensors' bytes start and end in the file.
    private let dataRange: Range<Int>

    /// Reads and checks the header of a whole file.
    init(file: UnsafeRawBufferPointer, path: String) throws {
        let size = file.count
        guard size >= Self.prefixSize else {
            throw SafetensorsError.damaged(
                path, "expected 8 bytes of header length, found a file of \(size) bytes")
        }
        let stated = UInt64(littleEndian: file.loadUnaligned(as: UInt64.self))
        guard stated > 0 else { throw SafetensorsError.damaged(path, "the header is empty") }
        guard stated <= UInt64(Self.largestSize) else {
            throw SafetensorsError.damaged(
                path, "expected a header of at most \(Self.largestSize) bytes, found \(stated)")
        }
        guard stated <= UInt64(size - Self.prefixSize) else {
            throw SafetensorsError.damaged(
                path,
                "the header should take \(stated) bytes, and \(size - Self.prefixSize) are there")
        }
        let dataStart = Self.prefixSize + Int(stated)
        self.path = path
        self.dataRange = dataStart..<size

        let text = UnsafeRawBufferPointer(rebasing: file[Self.prefixSize..<dataStart])
        guard text.first == UInt8(ascii: "{") else {
            throw SafetensorsError.damaged(path, "header byte 0: expected '{'")
        }
        var scanner = HeaderScanner(
            bytes: text.bindMemory(to: UInt8.self), path: path)
        try scanner.object { scanner, key in
            if key == Self.metadataKey {
                try scanner.object { scanner, key in metadata[key] = try scanner.string() }
            } else {
                entries.append(try entry(named: key, from: &scanner))
            }
        }
        try scanner.end()
        try checkCoverage()
    }

    private func entry(
        named name: String, from scanner: inout HeaderScanner
    ) throws -> SafetensorsFile.Entry {
        var type: SafetensorsFile.ElementType?
        var shape: [Int]?
        var offsets: [Int]?
        try scanner.object { scanner, key in
            switch key {
            case "dtype":
                let text = try scanner.string()
                type = SafetensorsFile.ElementType(rawValue: text)
                guard type != nil else {
                    throw problem(name, "has the unknown type \(SafetensorsError.quoted(text))")
                }
            case "shape": shape = try scanner.unsignedIntegers()
            case "data_offsets": offsets = try scanner.unsignedIntegers()
            default:
                throw problem(name, "has the unknown key \(SafetensorsError.quoted(key))")
            }
        }
        guard let type else { throw problem(name, "has no dtype") }
        guard let shape else { throw problem(name, "has no shape") }
        guard let offsets else { throw problem(name, "has no data_offsets") }
        return SafetensorsFile.Entry(
            name: name, type: type, shape: shape,
            byteRange: try byteRange(of: name, type: type, shape: shape, offsets: offsets))
    }

    /// Turns `data_offsets` into a range of the file that fits both the file and the shape.
    private func byteRange(
        of name: String, type: SafetensorsFile.ElementType, shape: [Int], offsets: [Int]
    ) throws -> Range<Int> {
        guard offsets.count == 2 else {
            throw problem(name, "has \(offsets.count) data_offsets, expected 2")
        }
        let (begin, end) = (offsets[0], offsets[1])
        guard begin <= end else { throw problem(name, "begins at byte \(begin), ends at \(end)") }
        guard end <= dataRange.count else {
            throw problem(name, "ends at data byte \(end), and the file has \(dataRange.count)")
        }
        var bits = type.bitWidth
        for dimension in shape {
            let (product, overflowed) = bits.multipliedReportingOverflow(by: dimension)
            guard !overflowed else { throw problem(name, "has a shape too large to address") }
            bits = product
        }
        guard bits.isMultiple(of: 8), bits / 8 == end - begin else {
            let expected = "\(bits) bits for \(type.rawValue) \(shape)"
            throw problem(name, "takes \(end - begin) bytes, expected \(expected)")
        }
        return dataRange.lowerBound + begin..<dataRange.lowerBound + end
    }

    /// Every data byte must belong to one tensor: no overlap, no hole, nothing after the last.
    private func checkCoverage() throws {
        let ordered = entries.sorted {
            ($0.byteRange.lowerBound, $0.byteRange.upperBound)
                < ($1.byteRange.lowerBound, $1.byteRange.upperBound)
        }
        var covered = dataRange.lowerBound
        for entry in ordered {
            let start = entry.byteRange.lowerBound
            guard start >= covered else { throw problem(entry.name, "overlaps another tensor") }
            guard start == covered else {
                throw problem(entry.name, "follows \(start - covered) bytes of no tensor")
            }
            covered = entry.byteRange.upperBound
        }
        guard covered == dataRange.upperBound else {
            throw SafetensorsError.damaged(
                path, "\(dataRange.upperBound - covered) bytes of no tensor stand at the end")
        }
    }

    private func problem(_ name: String, _ text: String) -> SafetensorsError {
        .damaged(path, "tensor \(SafetensorsError.quoted(name)) \(text)")
    }
}

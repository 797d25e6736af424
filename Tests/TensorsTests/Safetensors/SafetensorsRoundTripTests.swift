import Tensors
import TestSupport
import Testing

@Suite("Safetensors round trips")
struct SafetensorsRoundTripTests {
    @Test("tensors come back with their names, shapes and values", arguments: FloatFormat.allCases)
    func roundTrip(format: FloatFormat) throws {
        let folder = try TemporaryFolder()
        // Exact in every format, so that equality may be asked for.
        let matrix: [Float] = [0, -0.5, 1, 2.25, -96, 0.0078125]
        try writeSafetensors(
            [
                SafetensorsTensor(name: "b.weight", shape: [2, 3], values: matrix),
                SafetensorsTensor(name: "a \"quoted\"\n\\ é 🜁", shape: [], values: [3]),
                SafetensorsTensor(name: "empty", shape: [0, 5], values: []),
                SafetensorsTensor(name: "odd", shape: [1], values: [-7]),
            ],
            as: format, metadata: ["format": "pt", "note": "tab\tand \u{1}"], to: folder.file())

        let file = try SafetensorsFile(path: folder.file())
        #expect(file.names == ["b.weight", "a \"quoted\"\n\\ é 🜁", "empty", "odd"])
        #expect(file.metadata == ["format": "pt", "note": "tab\tand \u{1}"])
        #expect(file.entry("b.weight")?.shape == [2, 3])
        #expect(file.entry("b.weight")?.type.rawValue == format.rawValue)
        #expect(file.entry("a \"quoted\"\n\\ é 🜁")?.elementCount == 1)
        #expect(try file.floats("b.weight") == matrix)
        #expect(try file.floats("a \"quoted\"\n\\ é 🜁") == [3])
        #expect(try file.floats("empty") == [])
        #expect(try file.floats("odd") == [-7])
        #expect(try folder.names == ["model.safetensors"])
    }

    @Test("a tensor larger than the write buffer comes back whole", arguments: FloatFormat.allCases)
    func manyChunks(format: FloatFormat) throws {
        let folder = try TemporaryFolder()
        let values = (0..<700_001).map { Float($0 % 251) }
        try writeSafetensors(
            [
                SafetensorsTensor(name: "first", shape: [700_001], values: values),
                SafetensorsTensor(name: "second", shape: [1], values: [42]),
            ], as: format, to: folder.file())
        let file = try SafetensorsFile(path: folder.file())
        #expect(try file.floats("first") == values)
        #expect(try file.floats("second") == [42])
    }

    @Test("the header is padded to a multiple of 8 and says that PyTorch weights follow")
    func header() throws {
        let folder = try TemporaryFolder()
        for length in 1...9 {
            let name = String(repeating: "n", count: length)
            try writeSafetensors(
                [SafetensorsTensor(name: name, shape: [1], values: [1])], to: folder.file())
            let bytes = try folder.bytes()
            #expect(bytes[0] % 8 == 0)
            #expect(bytes.count == 8 + Int(bytes[0]) + 4)
            #expect(try SafetensorsFile(path: folder.file()).metadata == ["format": "pt"])
        }
    }

    @Test("the same tensors give the same bytes")
    func reproducible() throws {
        let folder = try TemporaryFolder()
        let metadata = Dictionary(uniqueKeysWithValues: (0..<20).map { ("key\($0)", "\($0)") })
        let tensor = SafetensorsTensor(name: "x", shape: [2], values: [1, 2])
        try writeSafetensors([tensor], metadata: metadata, to: folder.file("a"))
        try writeSafetensors([tensor], metadata: metadata, to: folder.file("b"))
        #expect(try folder.bytes(of: "a") == folder.bytes(of: "b"))
    }

    @Test("an existing file is replaced whole")
    func replaces() throws {
        let folder = try TemporaryFolder()
        try folder.write([UInt8](repeating: 1, count: 5000))
        try writeSafetensors([], to: folder.file())
        #expect(try SafetensorsFile(path: folder.file()).names == [])
    }

    @Test("misaligned tensors are read, integers among them")
    func misaligned() throws {
        let folder = try TemporaryFolder()
        let header = """
            { "byte": {"dtype":"U8","shape":[1],"data_offsets":[0,1]},
              "single":{"shape":[2],"data_offsets":[1,9],"dtype":"F32"},
              "brain":{"dtype":"BF16","shape":[1],"data_offsets":[9,11]},
              "int":{"dtype":"I32","shape":[2],"data_offsets":[11,19]},
              "long":{"dtype":"I64","shape":[1,1],"data_offsets":[19,27]},
              "half":{"dtype":"F16","shape":[1],"data_offsets":[27,29]} }
            """
        let data: [UInt8] =
            [9] + [0, 0, 0x80, 0x3F, 0, 0, 0x20, 0xC1] + [0x40, 0x40]
            + [1, 0, 0, 0, 0xFE, 0xFF, 0xFF, 0xFF] + [0, 0, 0, 0, 0, 0, 0, 0x80] + [0, 0x3E]
        let file = try SafetensorsFile(
            path: folder.write(safetensorsBytes(header: header, data: data)))
        #expect(try file.floats("single") == [1, -10])
        #expect(try file.floats("brain") == [3])
        #expect(try file.floats("half") == [1.5])
        #expect(try file.int32s("int") == [1, -2])
        #expect(try file.int64s("long") == [Int.min])
    }

    @Test("escapes in names are resolved")
    func escapes() throws {
        let folder = try TemporaryFolder()
        let header =
            #"{"\u0061\/\ud83d\uDF01\"\b\f\r":{"dtype":"U8","shape":[0],"#
            + #""data_offsets":[0,0]}}"#
        let file = try SafetensorsFile(path: folder.write(safetensorsBytes(header: header)))
        #expect(file.names == ["a/🜁\"\u{8}\u{C}\r"])
    }

    @Test("reading what is not there says what is there instead")
    func wrongRequests() throws {
        let folder = try TemporaryFolder()
        try writeSafetensors(
            [SafetensorsTensor(name: "x", shape: [2, 2], values: [1, 2, 3, 4])], to: folder.file())
        let file = try SafetensorsFile(path: folder.file())
        var room: [Float] = [0, 0, 0, 0]
        #expect(
            safetensorsMessage { _ = try file.floats("y") }.contains(
                "'y' is missing among 1 tensors"))
        #expect(
            safetensorsMessage { _ = try file.int64s("x") }.contains("'x' is F32, expected I64"))
        let shape = safetensorsMessage {
            try room.withUnsafeMutableBufferPointer {
                try file.readFloats("x", shape: [4], into: $0)
            }
        }
        #expect(shape.contains("'x' has shape [2, 2], expected [4]"))
        let count = safetensorsMessage {
            try room.withUnsafeMutableBufferPointer {
                try file.readFloats(
                    "x", shape: nil, into: UnsafeMutableBufferPointer(rebasing: $0[..<3]))
            }
        }
        #expect(count.contains("'x' has 4 elements, expected 3"))
        #expect(room == [0, 0, 0, 0])
        try room.withUnsafeMutableBufferPointer {
            try file.readFloats("x", shape: [2, 2], into: $0)
        }
        #expect(room == [1, 2, 3, 4])
    }
}

/// The text of the safetensors error that `body` throws; empty when it throws none.
func safetensorsMessage(_ body: () throws -> Void) -> String {
    do {
        try body()
        return ""
    } catch {
        return (error as? SafetensorsError)?.description ?? "another error: \(error)"
    }
}

import Errors
import Tensors
import TestSupport
import Testing

@Suite("Hostile safetensors files")
struct SafetensorsHostileTests {
    /// A header that must be refused, over 8 bytes of data, and a part of the message.
    struct Case: Sendable, CustomTestStringConvertible {
        let header: String
        let message: String
        var testDescription: String { message }

        init(_ message: String, _ header: String) {
            self.header = header
            self.message = message
        }
    }

    static let first = #""a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}"#
    static let second = #""b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}"#

    static func tensor(
        dtype: String = #""F32""#, shape: String = "[2]", offsets: String = "[0,8]"
    ) -> String {
        #"{"a":{"dtype":\#(dtype),"shape":\#(shape),"data_offsets":\#(offsets)}}"#
    }

    static let cases: [Case] = [
        Case("header byte 0: expected '{'", "[]      "),
        Case("header byte 0: expected '{'", " {}"),
        Case("header byte 0: expected '{'", String(repeating: "[", count: 100_000)),
        Case(#""}" was expected"#, "{" + first),
        Case("expected a string", "{" + first + ",}"),
        Case(#""{" was expected"#, #"{"a":null}"#),
        Case("bytes follow the closing brace", "{" + first + "," + second + "} x"),
        Case("the key 'a' stands twice", "{" + first + "," + first + "}"),
        Case("the key 'a' stands twice", "{" + first + #","\u0061":{}}"#),
        Case(
            "the key 'shape' stands twice",
            #"{"a":{"dtype":"F32","shape":[2],"shape":[2],"data_offsets":[0,8]}}"#),
        Case("the key 'k' stands twice", #"{"__metadata__":{"k":"1","k":"2"}}"#),
        Case("the key '__metadata__' stands twice", #"{"__metadata__":{},"__metadata__":{}}"#),
        Case("expected a string", #"{"__metadata__":{"k":1}}"#),
        Case("'a' has the unknown type 'F31'", tensor(dtype: #""F31""#)),
        Case("expected a string", tensor(dtype: "7")),
        Case("'a' has the unknown key 'extra'", #"{"a":{"extra":[0]}}"#),
        Case("'a' has no dtype", #"{"a":{"shape":[2],"data_offsets":[0,8]}}"#),
        Case("'a' has no shape", #"{"a":{"dtype":"F32","data_offsets":[0,8]}}"#),
        Case("'a' has no data_offsets", #"{"a":{"dtype":"F32","shape":[2]}}"#),
        Case("expected a whole number", tensor(shape: "[-2]")),
        Case("expected a whole number", tensor(offsets: "[-0,8]")),
        Case("expected a whole number", tensor(shape: "[2.0]")),
        Case("expected a whole number", tensor(shape: "[2e0]")),
        Case(#""]" was expected"#, tensor(shape: "[02]")),
        Case("expected a whole number", tensor(shape: "[[2]]")),
        Case("expected a whole number", tensor(shape: "[2,]")),
        Case(#""[" was expected"#, tensor(shape: "2")),
        Case("not too large", tensor(shape: "[99999999999999999999]")),
        Case("shape too large to address", tensor(shape: "[4294967296,4294967296]")),
        Case("shape too large to address", tensor(shape: "[4611686018427387904,4,0]")),
        Case("'a' has 1 data_offsets, expected 2", tensor(offsets: "[0]")),
        Case("'a' begins at byte 8, ends at 0", tensor(offsets: "[8,0]")),
        Case("'a' ends at data byte 16, and the file has 8", tensor(offsets: "[8,16]")),
        Case(
            "'a' ends at data byte 9223372036854775807", tensor(offsets: "[0,9223372036854775807]")),
        Case("'a' takes 8 bytes, expected 96 bits for F32 [3]", tensor(shape: "[3]")),
        Case(
            "'a' takes 8 bytes, expected 68 bits for F4 [17]",
            tensor(dtype: #""F4""#, shape: "[17]")),
        Case(
            "'b' overlaps another tensor",
            "{" + first + #","b":{"dtype":"U8","shape":[5],"data_offsets":[3,8]}}"#),
        Case(
            "'b' follows 1 bytes of no tensor",
            "{" + first + #","b":{"dtype":"U8","shape":[3],"data_offsets":[5,8]}}"#),
        Case("'b' follows 4 bytes of no tensor", "{" + second + "}"),
        Case("4 bytes of no tensor stand at the end", "{" + first + "}"),
        Case("8 bytes of no tensor stand at the end", "{}"),
        Case("the end of a string was expected", #"{"a"#),
        Case("the end of an escape was expected", #"{"a\"#),
        Case("a string without bare control characters", "{\"a\n\":{}}"),
        Case("a known escape was expected", #"{"\x":{}}"#),
        Case("one half of a surrogate pair", #"{"\ud800":{}}"#),
        Case("one half of a surrogate pair", #"{"\udc00":{}}"#),
        Case("one half of a surrogate pair", #"{"\ud800\u0041":{}}"#),
        Case("four hexadecimal digits", #"{"\u00g0":{}}"#),
        Case("four hexadecimal digits", #"{"\u00"#),
    ]

    @Test("a header that breaks the format is refused with its reason", arguments: cases)
    func refused(hostile: Case) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(
            safetensorsBytes(header: hostile.header, data: [UInt8](repeating: 0, count: 8)))
        let text = safetensorsMessage { _ = try SafetensorsFile(path: path) }
        #expect(text.contains(hostile.message))
        #expect(text.hasPrefix(path + ": "))
        #expect(text.hasSuffix("truncated or damaged: download or export it again"))
        #expect(!text.contains("\n"))
    }

    @Test(
        "a header length that cannot be is refused",
        arguments: [
            ([], "expected 8 bytes of header length, found a file of 0 bytes"),
            ([2, 0, 0, 0, 0, 0, 0], "found a file of 7 bytes"),
            ([0, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D], "the header is empty"),
            ([3, 0, 0, 0, 0, 0, 0, 0, 0x7B, 0x7D], "should take 3 bytes, and 2 are there"),
            ([0, 0, 0, 7, 0, 0, 0, 0, 0x7B, 0x7D], "at most 100000000 bytes, found 117440512"),
            (
                [255, 255, 255, 255, 255, 255, 255, 255, 0x7B, 0x7D],
                "at most 100000000 bytes, found 18446744073709551615"
            ),
        ] as [([UInt8], String)])
    func headerLength(bytes: [UInt8], expected: String) throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(bytes)
        #expect(safetensorsMessage { _ = try SafetensorsFile(path: path) }.contains(expected))
    }

    @Test("names that are not UTF-8 are refused")
    func notUTF8() throws {
        let folder = try TemporaryFolder()
        let path = try folder.write(
            safetensorsBytes(header: Array("{\"".utf8) + [0xC3, 0x28] + Array("\":{}}".utf8)))
        #expect(
            safetensorsMessage { _ = try SafetensorsFile(path: path) }.contains(
                "a string is not UTF-8"))
    }

    @Test("a name cannot break the message's line, nor flood it")
    func hostileNames() throws {
        let folder = try TemporaryFolder()
        let name = #"\n\u001b[31m"# + String(repeating: "x", count: 100_000)
        let path = try folder.write(safetensorsBytes(header: #"{"\#(name)":{}}"#))
        let text = safetensorsMessage { _ = try SafetensorsFile(path: path) }
        #expect(text.contains(#"'\u{a}\u{1b}[31mxxx"#))
        #expect(text.contains("has no dtype"))
        #expect(text.utf8.count < 700)
    }

    @Test("every cut of a sound file is refused")
    func truncated() throws {
        let folder = try TemporaryFolder()
        try writeSafetensors(
            [SafetensorsTensor(name: "x", shape: [3], values: [1, 2, 3])], to: folder.file())
        let bytes = try folder.bytes()
        for length in 0..<bytes.count {
            let path = try folder.write(Array(bytes[..<length]), to: "cut")
            #expect(throws: SafetensorsError.self) { try SafetensorsFile(path: path) }
        }
    }

    @Test("folders, devices and missing files are refused")
    func notAFile() throws {
        let folder = try TemporaryFolder()
        #expect(
            safetensorsMessage { _ = try SafetensorsFile(path: folder.path) }
                .contains("expected a regular file"))
        #expect(
            safetensorsMessage { _ = try SafetensorsFile(path: "/dev/null") }
                .contains("expected a regular file"))
        #expect(
            safetensorsMessage { _ = try SafetensorsFile(path: folder.file("missing")) }
                .contains("cannot be opened (No such file or directory)"))
        // So that programs can tell a file that is not there from one that is damaged.
        for (path, kind) in [
            (folder.file("missing"), FailureKind.missingInput), ("/dev/null", .badData),
        ] {
            let error = #expect(throws: SafetensorsError.self) { try SafetensorsFile(path: path) }
            #expect(error?.kind == kind, "\(path)")
        }
    }

    @Test("seeded byte flips in the header are refused or leave a consistent file")
    func fuzzed() throws {
        let folder = try TemporaryFolder()
        let tensors = [
            SafetensorsTensor(name: "weight", shape: [2, 3], values: [1, 2, 3, 4, 5, 6]),
            SafetensorsTensor(name: "bias", shape: [2], values: [7, 8]),
            SafetensorsTensor(name: "scale", shape: [], values: [9]),
        ]
        try writeSafetensors(tensors, as: .bf16, to: folder.file())
        let sound = try folder.bytes()
        let headerEnd = 8 + Int(sound[0])
        var random = PatternGenerator(seed: 1)
        var refused = 0
        for _ in 0..<4000 {
            var bytes = sound
            for _ in 0..<Int.random(in: 1...4, using: &random) {
                // Half of the flips swap in a byte that means something to the format.
                let meaningful = Array(#"{}[]",:\0123456789FBI"#.utf8)
                bytes[Int.random(in: 0..<headerEnd, using: &random)] =
                    Bool.random(using: &random)
                    ? UInt8.random(in: 0...255, using: &random)
                    : meaningful[Int.random(in: 0..<meaningful.count, using: &random)]
            }
            do {
                let file = try SafetensorsFile(path: folder.write(bytes, to: "flipped"))
                var covered = 0
                for name in file.names {
                    let entry = try #require(file.entry(name))
                    #expect(entry.byteRange.upperBound <= bytes.count)
                    #expect(entry.byteRange.count * 8 == entry.elementCount * entry.type.bitWidth)
                    covered += entry.byteRange.count
                    if FloatFormat(rawValue: entry.type.rawValue) != nil {
                        #expect(try file.floats(name).count == entry.elementCount)
                    }
                }
                #expect(covered == sound.count - headerEnd)
            } catch is SafetensorsError {
                refused += 1
            }
        }
        // Flips in names and in the metadata are harmless, most others are not.
        #expect(refused > 2000 && refused < 4000)
    }
}

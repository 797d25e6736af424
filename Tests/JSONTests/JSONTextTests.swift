import Foundation
import Testing
import JSON

@Suite struct JSONTextTests {
    @Test func keysKeepTheirOrder() {
        let keys = (0..<50).map { "key\(($0 * 37) % 50)" }
        let object = JSONText.object(keys.map { ($0, .bool(true)) })
        #expect(object.write() == "{" + keys.map { "\"\($0)\":true" }.joined(separator: ",") + "}")
    }

    @Test func valuesNest() {
        let row: JSONText = [
            "id": "7", "empty": [:], "none": [], "rationale": [["words": [0, -5]], nil, false],
        ]
        #expect(
            row.write()
                == #"{"id":"7","empty":{},"none":[],"rationale":[{"words":[0,-5]},null,false]}"#)
    }

    @Test func numbersAreTheShortestTextOfTheirOwnType() {
        #expect(JSONText.number(Float(0.1)).write() == "0.1")
        #expect(JSONText.number(0.1).write() == "0.1")
        #expect(JSONText.number(Double(Float(0.1))).write() == "0.10000000149011612")
        #expect(JSONText.number(Float(1)).write() == "1.0")
        #expect(JSONText.number(Float(1e-7)).write() == "1e-07")
        #expect(JSONText.number(Int.min).write() == "-9223372036854775808")
    }

    @Test func whatIsNoNumberBecomesNull() {
        let values: [JSONText] = [
            .number(Float.nan), .number(-Float.infinity), .number(Double.infinity),
            .number(Double.signalingNaN),
        ]
        #expect(JSONText.array(values).write() == "[null,null,null,null]")
    }

    @Test func textIsEscapedOnOneLine() {
        #expect(
            JSONText.string("\"\\/\n\r\t\u{8}\u{C}\u{0}\u{1F}é🙂").write()
                == "\"\\\"\\\\/\\n\\r\\t\\b\\f\\u0000\\u001fé🙂\"")
        #expect(JSONText.object([("a\"b", .null)]).write() == #"{"a\"b":null}"#)
    }

    @Test func whatSteersATerminalOrTurnsALineIsEscaped() {
        let escaped: [ClosedRange<UInt32>] = [
            0x00...0x1F, 0x7F...0x9F, 0x61C...0x61C, 0x200E...0x200F, 0x2028...0x202E,
            0x2066...0x2069,
        ]
        for value in UInt32(0)...0x2FFF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let written = JSONText.string("a\(scalar)b").write()
            let isEscaped =
                escaped.contains { $0.contains(value) } || scalar == "\"" || scalar == "\\"
            #expect(
                (written == "\"a\(scalar)b\"") != isEscaped,
                "U+\(String(value, radix: 16)): \(written.debugDescription)")
            #expect(!isEscaped || written.utf8.allSatisfy { $0 < 0x80 }, "\(written)")
        }
        #expect(JSONText.string("\u{9B}31m\u{7F}\u{202E}").write() == #""\u009b31m\u007f\u202e""#)
    }

    @Test func everyScalarReadsBackAsItself() throws {
        let scalars = (UInt32(0)...0x10FFFF).compactMap(Unicode.Scalar.init)
            .filter { $0.value < 0x3000 || $0.value % 97 == 0 }
        let text = String(String.UnicodeScalarView(scalars))
        let data = Data(JSONText.array([.string(text)]).write().utf8)
        let read = try JSONDecoder().decode([String].self, from: data)
        #expect(read.map { Array($0.utf8) } == [Array(text.utf8)])
    }

    @Test func everyFloatReadsBackAsItself() throws {
        var generator = SystemRandomNumberGenerator()
        let values = (0..<2_000).map { _ in
            Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &generator))
        }.filter(\.isFinite)
        let data = Data(JSONText.array(values.map { .number($0) }).write().utf8)
        #expect(try JSONDecoder().decode([Float].self, from: data) == values)
    }

    @Test func elementsThatAreMadeWhenWrittenAreAnArray() {
        let lazy = JSONText.elements(count: 3) { ["n": .integer($0)] }
        #expect(lazy.write() == #"[{"n":0},{"n":1},{"n":2}]"#)
        #expect(JSONText.elements(count: 0) { _ in nil }.write() == "[]")
    }

    @Test func appendingLeavesWhatIsThere() {
        var bytes = Array("x".utf8)
        JSONText.array([1]).append(to: &bytes)
        #expect(String(decoding: bytes, as: UTF8.self) == "x[1]")
    }
}

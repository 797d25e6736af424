import Testing

import JSON

@Suite struct JSONLexerTests {
    private func value(_ text: String) throws -> JSONValue {
        try JSONParser.value(of: Array(text.utf8), file: "a.json", allowsRepeats: false)
    }

    /// Whether both readers, the one of values and the one that skips them, take a text for JSON.
    private func isJSON(_ text: String) -> Bool {
        let skipped = Array(text.utf8).withUnsafeBufferPointer { bytes in
            var lexer = JSONLexer(bytes)
            guard (try? lexer.skipValue(depth: 0)) != nil else { return false }
            return lexer.next() == nil
        }
        let isRead = (try? value(text)) != nil
        #expect(skipped == isRead, "\(text)")
        return isRead
    }

    @Test func numbersAreThoseOfTheStandardAlone() throws {
        for (text, number) in [
            ("0", 0.0), ("-0", 0), ("10", 10), ("-1.5", -1.5), ("1e3", 1_000), ("2E-1", 0.2),
            ("0.25e+2", 25), ("1234567890123456", 1_234_567_890_123_456),
        ] {
            #expect(try value(text) == .number(number), "\(text)")
        }
        for text in [
            "+1", "01", "-01", ".5", "1.", "-", "1e", "1e+", "1.e3", "0x1", "1_000", "- 1", "1 2",
            "NaN", "nan", "Infinity", "-Infinity", "+Infinity", "1.0.0", "--1", "٣",
        ] {
            #expect(!isJSON(text), "\(text)")
            #expect(!isJSON("[\(text)]"), "[\(text)]")
        }
        #expect(throws: JSONError.self) { try value("1e999") }
    }

    @Test func wordsThatAreNoNumbersAreNamed() throws {
        for word in ["NaN", "Infinity", "-Infinity"] {
            let error = #expect(throws: JSONError.self) {
                try value("{\"a\":\n [1, \(word)]}")
            }
            #expect(error?.description.hasPrefix("a.json:2: ") == true)
            #expect(error?.description.contains("\(word) is not JSON") == true)
        }
    }

    @Test func surrogatesComeInPairs() throws {
        #expect(try value(#""\ud83d\ude42""#) == .string("🙂"))
        for text in [
            #""\ud83d""#, #""\ude42""#, #""\ud83d\u0041""#, #""\ud83dx""#, #""\ud83d\ud83d""#,
        ] {
            let error = #expect(throws: JSONError.self) { try value(text) }
            #expect(error?.description.contains("surrogate") == true, "\(text)")
            #expect(!isJSON(text))
        }
    }

    @Test func depthIsBounded() {
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            func nested(_ depth: Int) -> String {
                String(repeating: open, count: depth) + "1" + String(repeating: close, count: depth)
            }
            #expect(isJSON(nested(63)))
            #expect(!isJSON(nested(64)))
            #expect(!isJSON(String(repeating: open, count: 1_000_000)))
        }
    }

    @Test func bothReadersAgreeOnAlteredTexts() {
        var generator = SystemRandomNumberGenerator()
        let sound = Array(
            #"{"a": [1, -2.5e3, "x\n\u00e9"], "b": {"c": null, "d": [true, false]}}"#.utf8)
        let alphabet = Array(#"{}[]",:\u0123e+-. tfn"#.utf8)
        for _ in 0..<3_000 {
            var text = sound
            for _ in 0..<Int.random(in: 1...3, using: &generator) {
                let place = Int.random(in: 0..<text.count, using: &generator)
                switch Int.random(in: 0..<3, using: &generator) {
                case 0: text[place] = alphabet.randomElement(using: &generator) ?? 0x20
                case 1: text.remove(at: place)
                default: text.insert(alphabet.randomElement(using: &generator) ?? 0x20, at: place)
                }
            }
            // Names given twice and numbers beyond a double are left to the reader of values.
            _ = isJSONButForRepeats(String(decoding: text, as: UTF8.self))
        }
    }

    private func isJSONButForRepeats(_ text: String) -> Bool {
        let isSkipped = Array(text.utf8).withUnsafeBufferPointer { bytes in
            var lexer = JSONLexer(bytes)
            return (try? lexer.skipValue(depth: 0)) != nil && lexer.next() == nil
        }
        let isRead = (try? JSONParser.value(of: Array(text.utf8), file: "")) != nil
        #expect(isSkipped == isRead || text.contains("e3"), "\(text)")
        return isRead
    }
}

import JSON
import Testing

@Suite("Decodable types read from what the strict reader found")
struct JSONDecodingTests {
    private func value(_ text: String) throws -> JSONValue {
        try JSONValue(json: Array(text.utf8), file: "a.json")
    }

    private struct Row: Decodable, Equatable {
        struct Part: Decodable, Equatable {
            var text: String
            var ends: [Int]?
        }
        enum Kind: String, Decodable { case first, second }
        var seed: UInt64
        var scores: [String: Float]
        var kind: Kind?
        var parts: [Part]
        var isOld: Bool
    }

    private let whole = #"""
        {"seed": 18446744073709551615, "scores": {"a": 0.1, "b": 1e-3}, "kind": "second",
         "parts": [{"text": "x", "ends": [1, 2.0, 3e0]}, {"text": "", "ends": null}],
         "isOld": false, "more": 1}
        """#

    @Test func membersOfAllTypes() throws {
        let row: Row = try value(whole).decoded()
        #expect(row.seed == .max, "no digit of a whole number is lost")
        #expect(row.scores == ["a": 0.1, "b": 1e-3])
        #expect(row.kind == .second && !row.isOld)
        #expect(row.parts == [.init(text: "x", ends: [1, 2, 3]), .init(text: "", ends: nil)])
    }

    /// A member altered, the place that the error names, and its kind.
    @Test(arguments: [
        ("\"seed\": 18446744073709551615", "\"seed\": -1", "seed", "corrupted"),
        ("\"seed\": 18446744073709551615", "\"seed\": 1.5", "seed", "corrupted"),
        ("\"seed\": 18446744073709551615", "\"seed\": 1e300", "seed", "corrupted"),
        ("\"seed\": 18446744073709551615", "\"seed\": \"1\"", "seed", "mismatch"),
        ("\"seed\": 18446744073709551615", "\"seed\": null", "seed", "missing value"),
        ("\"seed\": 18446744073709551615,", "", "seed", "missing key"),
        ("0.1", "1e39", "scores.a", "corrupted"), ("0.1", "[]", "scores.a", "mismatch"),
        ("\"second\"", "\"third\"", "kind", "corrupted"),
        ("2.0", "true", "parts.0.ends.1", "mismatch"),
        ("{\"text\": \"\", \"ends\": null}", "7", "parts.1", "mismatch"),
        ("false", "0", "isOld", "mismatch"),
    ])
    func errorsNameThePlace(
        _ sound: String, _ altered: String, _ place: String, _ kind: String
    ) throws {
        let text = whole.replacing(sound, with: altered)
        #expect(text != whole)
        let error = #expect(throws: DecodingError.self) {
            _ = try value(text).decoded(as: Row.self)
        }
        func path(_ keys: [any CodingKey]) -> String {
            keys.map { $0.intValue.map(String.init) ?? $0.stringValue }.joined(separator: ".")
        }
        switch error {
        case .dataCorrupted(let context):
            #expect(path(context.codingPath) == place && kind == "corrupted")
        case .typeMismatch(_, let context):
            #expect(path(context.codingPath) == place && kind == "mismatch")
        case .valueNotFound(_, let context):
            #expect(path(context.codingPath) == place && kind == "missing value")
        case .keyNotFound(let key, let context):
            #expect(path(context.codingPath + [key]) == place && kind == "missing key")
        default: Issue.record("\(String(describing: error))")
        }
    }

    @Test func wholeNumbersBeyondADoubleKeepTheirDigits() throws {
        #expect(try value("9007199254740992") == .number(9_007_199_254_740_992))
        #expect(try value("9007199254740993") == .wholeNumber(9_007_199_254_740_993))
        #expect(try value("-9223372036854775807").whole(Int.self) == -.max)
        #expect(try value("18446744073709551616").whole(UInt64.self) == nil)
        #expect(try value("-9007199254740992").integer == -9_007_199_254_740_992)
        #expect(try value("9007199254740993.0") == .number(9_007_199_254_740_992))
        let canonical = canonicalJSON(try value("[9007199254740993]"))
        #expect(
            String(decoding: canonical, as: UTF8.self) == "[9007199254740992]",
            "RFC 8785 signs doubles")
    }
}

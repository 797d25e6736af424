import Foundation
import TestSupport
import Testing
import Warrant

@Suite struct RowTextTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func error(
        _ row: String, _ change: (inout DatasetOptions) -> Void = { _ in }
    ) throws -> String {
        let error = try #require(try folder.error("rows.jsonl", "\n" + row + "\n", change))
        #expect(error.kind == .badData && error.description.hasPrefix("rows.jsonl:2: "))
        return error.description
    }

    @Test func nullIsATextWithoutWords() throws {
        let examples = try folder.examples(
            "rows.jsonl",
            #"{"text": null}"# + "\n" + #"{"text": null, "review": "a"}"# + "\n"
                + #"{"tokens": null}"#)
        #expect(examples.map(\.text) == ["", "a", ""])
    }

    @Test func tokensAreJoinedWhereThereIsNoText() throws {
        let examples = try folder.examples(
            "rows.jsonl",
            #"{"tokens": ["a", "dull", "\u00e9"], "rationale": [[1, 2]]}"# + "\n"
                + #"{"tokens": ["x"], "text": "a b"}"# + "\n" + #"{"tokens": []}"#)
        #expect(examples.map(\.text) == ["a dull é", "a b", ""])
        #expect(examples[0].rationale == [1..<2])
        #expect(
            try folder.examples("rows.jsonl", #"{"words": ["a", "b"]}"#) {
                $0.textColumn = .name("words")
            }.map(\.text) == ["a b"])
        for (token, said) in [
            (#""""#, "is empty"), (#""a b""#, "white space"), (#""a\u00a0""#, "white space"),
            ("3", "holds 3"), ("null", "holds null"), (#"["a"]"#, "holds an array"),
        ] {
            let message = try error(#"{"tokens": ["a", "b", \#(token)]}"#)
            #expect(message.contains("position 2") && message.contains(said), "\(message)")
        }
    }

    @Test func aTextThatIsNoneIsAnErrorThatNamesTheField() throws {
        for value in ["42", "true", #"{"a": "b"}"#] {
            #expect(
                try error(#"{"text": \#(value)}"#).contains(#"the field "text" is not a string"#))
        }
        #expect(try error(#"{"text": ["a", "b"]}"#).contains("--text-column text"))
        #expect(
            try error(#"{"body": "a", "stars": 1}"#).contains(#"the fields are "body", "stars""#))
        #expect(try error("{}").contains("the fields are none"))
    }

    @Test func halfASurrogateIsNamedWithItsPlace() throws {
        let message = try error(#"{"id": 1, "text": "a \ud83d b"}"#)
        #expect(message.contains(#"the field "text" holds \ud83d"#))
        #expect(message.contains("surrogate") && message.contains("byte 22"), "\(message)")
    }

    @Test func wordsThatAreNoNumbersAreNamedWithTheirField() throws {
        for word in ["NaN", "Infinity", "-Infinity"] {
            let message = try error(#"{"text": "a", "unread": {"x": [\#(word)]}}"#)
            #expect(message.contains(#"the field "unread" holds \#(word), which is not JSON"#))
        }
    }

    @Test func idsAreTextsAndNumbers() throws {
        let ids = ["2", "2.0", "2.5", #""2.0""#, "1234567890123456789012", "null"]
        let examples = try folder.examples(
            "rows.jsonl", ids.map { #"{"text": "a", "id": \#($0)}"# }.joined(separator: "\n"))
        #expect(examples.map(\.id) == ["2", "2", "2.5", "2.0", "1234567890123456789012", nil])
        let fresh = try folder.examples(
            "rows.jsonl",
            #"{"annotation_id": "x0", "document": "a dull film", "query": "", "label": "neg", "rationale": [[1, 2]]}"#
        )
        #expect(fresh.map(\.id) == ["x0"] && fresh.map(\.text) == ["a dull film"])
        #expect(fresh[0].query == nil && fresh[0].rationale == [1..<2])
    }

    @Test func linesMayEndWithCarriageReturnsAlone() throws {
        #expect(
            try folder.examples("a.txt", "one\rtwo\rthree").map(\.text) == ["one", "two", "three"])
        #expect(
            try folder.examples("a.jsonl", "{\"text\": \"a\"}\r\r{\"text\": \"b\"}\r").map(
                \.location.line)
                == [1, 3])
        let cells = try folder.examples("a.csv", "text,label\r\"a\rb\",1\rc,2\r")
        #expect(cells.map(\.text) == ["a\rb", "c"] && cells.map(\.label) == ["1", "2"])
        // A line feed anywhere at the beginning ends lines; a carriage return is then part of a text.
        #expect(
            try folder.examples("a.txt", "one\rtwo\nthree").map(\.text) == ["one\rtwo", "three"])
        let mixed = try folder.error("a.csv", "text,label\ra,1\r\nb,2\n")
        #expect(mixed?.description.contains(#"tr '\r' '\n'"#) == true)
    }

    @Test func aLongFileMayEndItsLinesWithCarriageReturns() throws {
        let rows = (0..<60_000).map { "a row of some words, the number \($0)" }
        #expect(try folder.examples("a.txt", rows.joined(separator: "\r")).map(\.text) == rows)
    }

    @Test func rowsBehindOneThatIsNoneCanBeRead() throws {
        let long = String(repeating: "x", count: 3_000)
        let files: [(name: String, text: String)] = [
            (
                "a.jsonl",
                "{\"text\": \"a\"}\n{\"text\":\n\(long)\n{\"text\": 1}\n{\"text\": \"b\"}\n"
            ),
            ("a.json", "[{\"text\": \"a\"}, {\"text\": 1}, {\"text\": NaN}, {\"text\": \"b\"}]"),
            ("a.csv", "text,label\na,1\nx\n\"x\"y,1\n\(long),1\nb,2\n"),
            ("a.txt", "a\n\u{0}\n\(long)\nb"),
            (
                "b.jsonl",
                String(repeating: " ", count: 400_000) + "\n{\"text\": \"a\"}\n{\"text\": \"b\"}"
            ),
        ]
        for (name, text) in files {
            var options = DatasetOptions()
            options.maximumRowBytes = 2_000
            var reader = try ExampleReader(path: folder.file(name, text), options: options)
            var texts: [String] = []
            var lines: [Int] = []
            while true {
                do {
                    guard let row = try reader.next() else { break }
                    texts.append(row.text)
                } catch {
                    lines.append(error.location.line)
                    #expect(reader.canContinue, "\(name): \(error)")
                }
            }
            #expect(texts == ["a", "b"], "\(name)")
            let expected = [
                "a.jsonl": [2, 3, 4], "a.json": [1, 1], "a.csv": [3, 4, 5], "a.txt": [2, 3],
                "b.jsonl": [1],
            ]
            #expect(lines == expected[name], "\(name)")
        }
    }

    @Test func errorsOfTheFileAreTheEnd() throws {
        let packed = Array(gzip("{\"text\": \"a\"}\n{\"text\": \"b\"}\n".utf8).dropLast(9))
        let files: [(String, [UInt8])] = [
            ("a.jsonl", packed), ("a.json", Array("[{\"text\": \"a\"} {\"text\": \"b\"}]".utf8)),
            ("a.csv", Array("body,label\na,1\nb,2\n".utf8)),
        ]
        for (name, bytes) in files {
            var reader = try ExampleReader(path: folder.file(name, bytes: bytes))
            let error = #expect(throws: DatasetError.self) { while try reader.next() != nil {} }
            #expect(error != nil && !reader.canContinue, "\(name)")
        }
    }

    @Test func hostileRowsStayErrors() throws {
        for row in [
            String(repeating: "[", count: 200_000),
            "{\"a\":" + String(repeating: "[", count: 200_000),
            "{" + (0..<50_000).map { "\"a\($0)\":1" }.joined(separator: ",") + "}",
            "{\"text\": \"" + String(repeating: "\\u0041", count: 50_000)
                + "\", \"tokens\": {}, \"text\": 1}",
            "{\"text\": \"a\", \"rationale\": [" + String(repeating: "[0,0],", count: 2_000_000)
                + "[0,0]]}",
        ] {
            let error = try folder.error("rows.jsonl", "{\"text\": \"a\"}\n" + row)
            #expect(error?.kind == .badData && error?.description.utf8.count ?? 0 < 4_000)
        }
    }
}

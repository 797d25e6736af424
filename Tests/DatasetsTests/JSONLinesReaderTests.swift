import TestSupport
import Testing
import Warrant

@Suite struct JSONLinesReaderTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func readsEveryField() throws {
        let fields = [
            #""id": "7", "text": "a dull , lifeless film", "query": "good ?""#,
            #""label": "negative", "rationale": [[3, 5], [1, 2]], "other": {"deep": [1, null]}"#,
        ]
        let examples = try folder.examples("rows.jsonl", "{\(fields.joined(separator: ", "))}\n")

        #expect(examples.count == 1)
        let example = try #require(examples.first)
        #expect(example.id == "7")
        #expect(example.text == "a dull , lifeless film")
        #expect(example.query == "good ?")
        #expect(example.label == "negative")
        #expect(example.rationale == [1..<2, 3..<5])
        #expect(example.location.line == 1)
    }

    @Test func absentAndNullFieldsAreNil() throws {
        let examples = try folder.examples(
            "rows.jsonl", #"{"text": "a"}"# + "\n" + #"{"text":"b","query":null,"label":null}"#)
        for example in examples {
            #expect(example.query == nil && example.label == nil && example.id == nil)
            #expect(example.rationale == nil)
        }
        #expect(examples.map(\.text) == ["a", "b"])
    }

    @Test func labelsMayBeStringsWholeNumbersOrBooleans() throws {
        let examples = try folder.examples(
            "rows.ndjson",
            ["\"x\"", "1", "-3", "true", "\"\""]
                .map { #"{"text":"t","label":\#($0)}"# }.joined(separator: "\n"))
        #expect(examples.map(\.label) == ["x", "1", "-3", "true", ""])
    }

    @Test func escapesAreResolved() throws {
        let examples = try folder.examples(
            "rows.jsonl", #"{"text":"\"a\"\n\t\u00e9\ud83d\ude42\\"}"#)
        #expect(examples.map(\.text) == ["\"a\"\n\té🙂\\"])
    }

    @Test func blankLinesAreLeftOutAndCounted() throws {
        let examples = try folder.examples(
            "rows.jsonl", "\n{\"text\":\"a\"}\r\n \t\n{\"text\":\"b\"}")
        #expect(examples.map(\.location.line) == [2, 4])
    }

    @Test func aByteOrderMarkIsSkipped() throws {
        #expect(try folder.examples("rows.jsonl", "\u{FEFF}{\"text\":\"a\"}").map(\.text) == ["a"])
    }

    @Test func fieldsCanBeNamed() throws {
        let examples = try folder.examples("rows.jsonl", #"{"body":"a","text":"no","y":3}"#) {
            $0.textColumn = .name("body")
            $0.labelColumn = .name("y")
        }
        #expect(examples.map(\.text) == ["a"])
        #expect(examples.map(\.label) == ["3"])
    }

    @Test(arguments: [
        (#"{"text": "a""#, "not valid JSON"),
        (#"{"text": "a"} x"#, "not valid JSON"),
        (#"{"text": "a", "text": "b"}"#, #"the field "text" is given twice"#),
        (#"{"text": "a", "score": 01}"#, "not valid JSON"),
        (
            #"{"text": "a", "rationale": [[1e999, 1]]}"#,
            #""rationale" holds a number that is too large"#
        ),
        ("[1]", "not a JSON object"),
        ("text", "not a JSON object"),
        (#"{"txt": "a", "label": 1}"#, #"the fields are "label", "txt""#),
        (#"{"text": 3}"#, #"the field "text" is not a string"#),
        (#"{"text": ["a", "b"]}"#, "--text-column text"),
        (#"{"text": {"a": 1}}"#, #"the field "text" is not a string"#),
        (#"{"text": "a", "query": 3}"#, #"the field "query" is not a string"#),
        (#"{"text": "a", "id": true}"#, #"the field "id" is not a string or a number"#),
        (#"{"text": "a", "rationale": 1}"#, #"the field "rationale" is not an array"#),
        (#"{"text": "a", "rationale": [[0.5, 1]]}"#, "expected pairs of whole numbers"),
        (#"{"text": "a", "rationale": [[0]]}"#, "expected pairs of whole numbers"),
        (#"{"text": "a b", "rationale": [[0, 3]]}"#, "[0, 3] is outside the text, which has 2"),
        (#"{"text": "a b", "rationale": [[-1, 1]]}"#, "[-1, 1] is outside the text"),
        (#"{"text": "a b", "rationale": [[1, 0]]}"#, "[1, 0] is inverted"),
    ])
    func aBadRowIsAnErrorOnOneLineThatNamesItsPlace(row: String, expected: String) throws {
        let error = try #require(
            try folder.error("rows.jsonl", "{\"text\":\"fine\"}\n" + row + "\n"))
        #expect(error.kind == .badData)
        #expect(error.description.hasPrefix("rows.jsonl:2: "))
        #expect(error.description.contains(expected), "\(error.description)")
        #expect(!error.description.utf8.contains(0x0A))
    }

    @Test func fieldsByNumberAreWrongUsage() throws {
        let error = try folder.error("rows.jsonl", "{}") { $0.textColumn = .number(1) }
        #expect(error?.kind == .wrongUsage)
    }

    @Test func theLabelMayNotBeTheText() throws {
        let error = try folder.error("rows.jsonl", "{}") { $0.labelColumn = .name("text") }
        #expect(error?.kind == .wrongUsage)
    }

    @Test func aNormalisedRationaleIsAscendingMergedAndWithoutEmptyRanges() throws {
        let examples = try folder.examples(
            "rows.jsonl",
            #"{"text": "a b c d e f g", "rationale": [[5,7],[0,2],[1,3],[3,4],[4,4],[5,6]]}"#)
        #expect(examples.map(\.rationale) == [[0..<3, 3..<4, 5..<7]])
    }
}

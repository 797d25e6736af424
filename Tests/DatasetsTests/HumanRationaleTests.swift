import TestSupport
import Testing
import Tokenization

import Warrant

@Suite struct HumanRationaleTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func read(
        _ rows: [String], _ unit: RationaleUnit? = nil, name: String = "rows.jsonl"
    ) throws -> (rows: [Example], notices: [String]) {
        var options = DatasetOptions()
        options.rationaleUnit = unit
        var notices: [String] = []
        let path = try folder.file(name, rows.joined(separator: "\n"))
        let examples = try ExampleReader.examples(path: path, options: options) {
            notices.append($0)
        }
        return (examples, notices)
    }

    private let text = #""text": "a dull 😀 film that wastes its cast""#

    @Test func eachFormIsToldAndSaid() throws {
        let forms: [(fields: String, words: [Range<Int>], said: String)] = [
            (#""rationale": [[1, 3]]"#, [1..<3], "as words"),
            (#""rationale": [0, 1, 0, 0, 0, 1, 1, 0]"#, [1..<2, 5..<7], "as masks"),
            (
                #""rationale": [false, true, false, false, false, false, false, false]"#, [1..<2],
                "as masks"
            ),
            (
                #""rationales": [[0, 1, 0, 0, 0, 0, 0, 0], [0, 1, 1, 0, 0, 0, 0, 0], [1, 1, 1, 0, 0, 0, 0, 1]]"#,
                [1..<3], "more than half"
            ),
            (#""label": [[2, 6, "neg"], [9, 13, "neg"]]"#, [1..<2, 3..<4], "as characters"),
            (
                #""entities": [{"id": 7, "label": "neg", "start_offset": 2, "end_offset": 6}]"#,
                [1..<2],
                "as characters"
            ),
            (#""entities": [{"start": 10, "end": 12}]"#, [3..<4], "as characters"),
            (#""entities": [{"start": 10, "end": 14, "text": "film"}]"#, [3..<4], "as UTF-16"),
            (
                #""entities": [{"entity_group": "why", "word": "film", "start": 9, "end": 13}]"#,
                [3..<4], "as characters"
            ),
            (#""rationale": [[2, 6, "neg"]]"#, [1..<2], "as characters"),
        ]
        for form in forms {
            let (rows, notices) = try read(["{\(text), \(form.fields)}"])
            #expect(rows.map(\.rationale) == [form.words], "\(form.fields)")
            #expect(notices.contains { $0.contains(form.said) }, "\(form.fields): \(notices)")
        }
        let (none, notices) = try read([
            "{\(text)}", "{\(text), \"rationale\": []}", "{\(text), \"rationales\": []}",
            "{\(text), \"entities\": []}", "{\(text), \"rationale\": null, \"label\": [\"a\"]}",
        ])
        #expect(none.allSatisfy { $0.rationale == nil } && notices.isEmpty)
    }

    @Test func theUnitThatIsGivenCounts() throws {
        let row = "{\(text), \"rationale\": [[2, 8]]}"
        for (unit, words) in [
            (RationaleUnit.words, [2..<8]), (.characters, [1..<3]), (.utf16, [1..<3]),
            (.bytes, [1..<3]),
        ] {
            #expect(try read([row], unit).rows.map(\.rationale) == [words], "\(unit)")
        }
        // "film" behind a character of two UTF-16 code units and four bytes.
        for (unit, span) in [
            (RationaleUnit.characters, [9, 13]), (.utf16, [10, 14]), (.bytes, [12, 16]),
        ] {
            let row = "{\(text), \"rationale\": [\(span)]}"
            #expect(try read([row], unit).rows.map(\.rationale) == [[3..<4]], "\(unit)")
        }
        // A span selects each word that it overlaps, and none where it covers only spaces.
        let parts = try read(["{\(text), \"rationale\": [[5, 10], [6, 7], [14, 14]]}"], .characters)
        #expect(parts.rows.map(\.rationale) == [[1..<4]])
        #expect(
            try read(["{\(text), \"rationale\": [[6, 7]]}"], .characters).rows.map(\.rationale) == [
                nil
            ])
        #expect(
            try read([#"{"text": "a b", "rationale": [[0, 1]]}"#], .mask).rows.map(\.rationale) == [
                [1..<2]
            ])
        #expect(
            try read([#"{"text": "a b", "rationale": [[0, 1]]}"#]).rows.map(\.rationale) == [
                [0..<1]
            ])
    }

    @Test func charactersThatWereTakenForWordsAreNotSilent() throws {
        let rows = [
            #"{"text": "a dull film that wastes its cast", "rationale": [[2, 6]]}"#,
            #"{"text": "a warm film, long and moving and full of heart to its end", "rationale": [[2, 6], [7, 11]]}"#,
        ]
        let assumed = try read(rows)
        #expect(assumed.notices.count == 1)
        #expect(
            assumed.notices[0].contains("2 of 2")
                && assumed.notices[0].contains("--rationale-unit characters"))
        for unit in [RationaleUnit.words, .characters] {
            let given = try read(rows, unit)
            #expect(given.notices.count == 1 && !given.notices[0].contains("--rationale-unit"))
        }
        let words = try read([
            #"{"text": "a dull film that wastes its cast", "rationale": [[1, 2]]}"#,
            #"{"text": "a warm film , long and moving", "rationale": [[1, 3]]}"#,
        ])
        #expect(words.notices.count == 1 && !words.notices[0].contains("--rationale-unit"))
    }

    @Test(arguments: [
        (
            #""rationale": [[2, 13]]"#,
            "has 8 words; counted in characters it is within: give --rationale-unit"
        ),
        (#""rationale": [[2, 400]]"#, "is outside the text"),
        (#""rationale": [[-1, 2]]"#, "is outside the text"),
        (#""rationale": [[3, 2]]"#, "inverted"),
        (#""label": [[2, 40, "x"]]"#, "which has 34 characters"),
        (#""rationale": [0, 1, 0]"#, "has 3 entries; expected 8"),
        (#""rationales": [[0, 1, 0], [0, 1, 1]]"#, "has 3 entries; expected 8"),
        (#""rationale": [2, 6]"#, "expected pairs"), (#""rationale": ["dull"]"#, "expected pairs"),
        (#""rationale": [[0, 9223372036854775807]]"#, "expected pairs"),
        (#""rationale": "dull""#, "is not an array"),
    ])
    func whatDoesNotFitIsAnError(fields: String, said: String) throws {
        let row = "{\(text), \(fields)}"
        let error = try #require(try folder.error("rows.jsonl", row))
        #expect(error.kind == .badData && error.description.hasPrefix("rows.jsonl:1: "))
        #expect(error.description.contains(said), "\(error.description)")
        // Nobody asked for it.
        #expect(try folder.error("rows.jsonl", row) { $0.readsRationales = false } == nil)
    }

    @Test func marksWithinARunAreThoseWordsOfAnotherRule() throws {
        let rows = try read(
            [#"{"text": "这部电影非常无聊 film", "rationale": [[2, 4], [7, 11]]}"#], .characters
        ).rows
        #expect(rows.map(\.rationale) == [[0..<2]])
        let document = rows[0].document
        #expect(document.humanRationale(in: .whitespace) == [0..<2])
        #expect(document.humanRationale(in: .unicode) == [2..<4, 7..<9])
        let words = try read([#"{"text": "这部电影 film", "rationale": [[0, 1]]}"#]).rows[0].document
        #expect(words.humanRationale(in: .unicode) == [0..<4])
    }

    @Test func otherDataInRationalesAreLeftAloneAndSaid() throws {
        let (rows, notices) = try read([#"{"text": "a b", "rationales": ["because"]}"#])
        #expect(rows.map(\.rationale) == [nil])
        #expect(notices.count == 1 && notices[0].contains("not read"))
    }

    @Test func doccanosSpansNameTheLabelWhereThereIsNoOther() throws {
        let rows = try read([
            "{\(text), \"label\": [[2, 6, \"neg\"]]}",
            "{\(text), \"label\": [[2, 6, \"neg\"], [9, 13, \"pos\"]]}",
            "{\(text), \"label\": [[2, 6, \"span\"]], \"class\": \"pos\"}",
        ])
        #expect(rows.rows.map(\.label) == ["neg", nil, "pos"])
        #expect(rows.notices.contains { $0.contains("taken for its label") })
    }

    @Test func aLabelStudioExportIsRead() throws {
        let export = """
            [
              {"id": 12, "data": {"text": "a dull 😀 film that wastes its cast"},
               "annotations": [
                 {"was_cancelled": true, "result": []},
                 {"result": [
                   {"type": "labels", "value": {"start": 2, "end": 6, "text": "dull", "labels": ["why"]}},
                   {"type": "labels", "value": {"start": 10, "end": 14, "text": "film", "labels": ["why"]}},
                   {"type": "choices", "value": {"choices": ["negative"]}}]}]},
              {"id": 13, "data": {"text": "a warm film", "label": "positive"}, "annotations": []}
            ]
            """
        let (rows, notices) = try read([export], name: "export.json")
        #expect(rows.map(\.id) == ["12", "13"])
        #expect(rows.map(\.label) == ["negative", "positive"])
        #expect(rows.map(\.rationale) == [[1..<2, 3..<4], nil])
        #expect(rows.map(\.location.line) == [2, 9])
        #expect(notices.count == 1 && notices[0].contains("UTF-16"))
        let several = export.replacing(#"["negative"]"#, with: #"["a", "b"]"#)
        let error = try folder.error("export.json", several) { $0.requiresLabel = true }
        #expect(error?.description.contains("multi-label") == true)
    }

    @Test func spansOfCharactersFindTheWordsThatTheyOverlap() throws {
        var generator = SystemRandomNumberGenerator()
        let pieces = ["a", "é", "🙂", "词", " ", "  ", "\t", "\u{301}"]
        for _ in 0..<200 {
            let text = (0..<Int.random(in: 1...30, using: &generator)).map { _ in
                pieces.randomElement(using: &generator) ?? ""
            }.joined()
            let scalars = Array(text.unicodeScalars)
            let start = Int.random(in: 0..<scalars.count, using: &generator)
            let end = Int.random(in: start...scalars.count, using: &generator)
            // Word by word, by counting scalars.
            var expected: [Int] = []
            var word = -1
            for (index, scalar) in scalars.enumerated() where !scalar.properties.isWhitespace {
                if index == 0 || scalars[index - 1].properties.isWhitespace { word += 1 }
                if start..<end ~= index, expected.last != word { expected.append(word) }
            }
            let escaped = text.replacing("\t", with: "\\t")
            let row = try read(
                ["{\"text\": \"\(escaped)\", \"rationale\": [[\(start), \(end)]]}"], .characters)
            #expect(row.rows[0].rationale?.flatMap { Array($0) } ?? [] == expected, "\(escaped)")
        }
    }
}

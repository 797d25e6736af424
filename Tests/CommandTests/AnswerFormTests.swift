import Foundation
import TestSupport
import Testing

@Suite struct AnswerFormTests {
    private typealias Object = [String: Any]

    /// Texts in which bytes, scalars and UTF-16 units differ, each with a word that the model knows.
    private static let texts = [
        "ça était  «dull» – naïve\tfilm , a warm ending 🙂 the plot",
        "👨‍👩‍👧‍👦 loved the 😀😀 film", "cafe\u{301} ﬁlm ＤＵＬＬ", "فيلم ممل جدا 👎🏿 really dull",
        "这部 电影 👍 good", "\u{202E}dull\u{202C} film\u{2028}line2 👎 bad",
    ]

    private let tiny: TinyModel
    private let folder: TemporaryFolder
    private let input: String

    init() throws {
        tiny = try TinyModel.shared.get()
        folder = try TemporaryFolder()
        let rows = try Self.texts.enumerated().map { number, text in
            let row: Object = ["id": "t\(number)", "text": text]
            return String(decoding: try JSONSerialization.data(withJSONObject: row), as: UTF8.self)
        }
        input = try folder.file("in.jsonl", rows.joined(separator: "\n") + "\n")
    }

    private func run(_ command: String, _ arguments: [String]) throws -> Command.Outcome {
        try Command.run([command, "--model", tiny.model, "--input", input] + arguments)
    }

    /// What stands at a place that is counted in scalars, or in UTF-16 units.
    private static func text(_ text: String, _ start: Int, _ end: Int, _ unit: String) -> String {
        unit == "utf16"
            ? String(decoding: Array(text.utf16)[start..<end], as: UTF16.self)
            : String(String.UnicodeScalarView(Array(text.unicodeScalars)[start..<end]))
    }

    @Test(arguments: ["classify", "extract"])
    func offsetsOfAnotherUnitStandBesideTheBytes(command: String) throws {
        let bytes = try run(command, []).objects()
        for unit in ["characters", "utf16"] {
            let outcome = try run(command, ["--offsets", unit])
            #expect(outcome.status == 0, "\(outcome.errors)")
            for ((line, plain), text) in zip(zip(try outcome.objects(), bytes), Self.texts) {
                let snippets = try #require(line["rationale"] as? [Object])
                try #require(!snippets.isEmpty)
                for snippet in snippets {
                    let place = try #require(snippet[unit] as? [Int])
                    let shown = try #require(snippet["text"] as? String)
                    let found = Self.text(text, place[0], place[1], unit)
                    #expect(Array(found.unicodeScalars) == Array(shown.unicodeScalars), "\(text)")
                }
                var without = line
                without["rationale"] = snippets.map { $0.filter { $0.key != unit } }
                #expect(without as NSDictionary == plain as NSDictionary)
            }
        }
    }

    @Test func linesWithOtherOffsetsStillVerify() throws {
        let answers = try run("classify", ["--certificates", "--offsets", "utf16"])
        let file = try folder.file("out.jsonl", answers.output)
        let outcome = try Command.run([
            "verify", "--model", tiny.model, "--input", file, "--source", input,
        ])
        #expect(outcome.status == 0, "\(outcome.output)\(outcome.errors)")
    }

    @Test func doccanosRowsHaveNamedSpansAtTheirCharacters() throws {
        let plain = try run("classify", []).objects()
        for unit in ["characters", "utf16"] {
            let options =
                ["--format-out", "doccano"] + (unit == "utf16" ? ["--offsets", unit] : [])
            let rows = try run("classify", options).objects()
            #expect(rows.count == Self.texts.count)
            for (number, (row, line)) in zip(rows, plain).enumerated() {
                let text = Self.texts[number]
                #expect(row["id"] as? String == "t\(number)")
                #expect((row["text"] as? String).map { Array($0.utf8) } == Array(text.utf8))
                let spans = try #require(row["label"] as? [[Any]])
                let snippets = try #require(line["rationale"] as? [Object])
                try #require(spans.count == snippets.count)
                for (span, snippet) in zip(spans, snippets) {
                    let (start, end) = (
                        try #require(span[0] as? Int), try #require(span[1] as? Int)
                    )
                    #expect(Self.text(text, start, end, unit) == snippet["text"] as? String)
                    #expect(span[2] as? String == line["label"] as? String)
                }
            }
        }
        let extracted = try run("extract", ["--format-out", "doccano"]).objects()
        let names = extracted.flatMap { ($0["label"] as? [[Any]] ?? []).map { $0[2] as? String } }
        #expect(!names.isEmpty && names.allSatisfy { $0 == "rationale" })
    }

    @Test func labelStudiosTasksAreOneArrayOfPredictions() throws {
        for (command, hasChoices) in [("classify", true), ("extract", false)] {
            let outcome = try run(command, ["--format-out", "label-studio"])
            #expect(outcome.status == 0, "\(outcome.errors)")
            let tasks = try #require(
                try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [Object])
            #expect(tasks.count == Self.texts.count)
            for (number, task) in tasks.enumerated() {
                let text = Self.texts[number]
                let data = try #require(task["data"] as? Object)
                #expect((data["text"] as? String).map { Array($0.utf8) } == Array(text.utf8))
                let prediction = try #require((task["predictions"] as? [Object])?.first)
                let results = try #require(prediction["result"] as? [Object])
                #expect(Set(results.compactMap { $0["id"] as? String }).count == results.count)
                let spans = results.filter { $0["type"] as? String == "labels" }
                try #require(!spans.isEmpty)
                for span in spans {
                    let value = try #require(span["value"] as? Object)
                    let (start, end) = (
                        try #require(value["start"] as? Int), try #require(value["end"] as? Int)
                    )
                    #expect(
                        Self.text(text, start, end, "characters") == value["text"] as? String)
                    #expect((value["labels"] as? [String])?.count == 1)
                    #expect(span["to_name"] as? String == "text")
                    #expect(span["from_name"] as? String == "rationale")
                }
                let choices = results.filter { $0["type"] as? String == "choices" }
                #expect(choices.count == (hasChoices ? 1 : 0))
                #expect(choices.allSatisfy { ($0["score"] as? Double ?? 0) >= 0.5 })
            }
        }
        let none = try Command.run([
            "classify", "--model", tiny.model, "--format-out", "label-studio",
        ])
        #expect(none.status == 0 && none.output == "[]\n", "\(none)")
    }

    @Test func entitiesAreThoseOfTheTokenClassificationPipeline() throws {
        let outcome = try run("extract", ["--format-out", "hf-entities"])
        #expect(outcome.lines.count == Self.texts.count)
        for (line, text) in zip(outcome.lines, Self.texts) {
            let entities = try #require(
                try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [Object])
            try #require(!entities.isEmpty)
            for entity in entities {
                #expect(Set(entity.keys) == ["entity_group", "score", "word", "start", "end"])
                let (start, end) = (
                    try #require(entity["start"] as? Int), try #require(entity["end"] as? Int)
                )
                #expect(Self.text(text, start, end, "characters") == entity["word"] as? String)
                #expect((entity["score"] as? Double ?? 0) > 0)
            }
        }
    }

    @Test func aTextWithoutWordsHasNoSpansInAnyForm() throws {
        let rows = "a good film\n \nthe plot is bad\n"
        for (form, empty) in [
            ("doccano", #"{"id":"2","text":" ","label":[]}"#), ("hf-entities", "[]"),
            ("label-studio", #"{"data":{"id":"2","text":" "},"predictions":[]},"#),
        ] {
            let outcome = try Command.run(
                ["classify", "--model", tiny.model, "--format", "text", "--format-out", form],
                input: rows)
            #expect(outcome.status == 65)
            #expect(outcome.lines.contains(empty), "\(form): \(outcome.output)")
        }
    }

    @Test func whatAFormHasNoPlaceForIsWrongUsage() throws {
        for (command, arguments, word) in [
            ("classify", ["--format-out", "doccano", "--certificates"], "--certificates"),
            ("classify", ["--format-out", "label-studio", "--highlight"], "--highlight"),
            ("extract", ["--format-out", "hf-entities", "--scores"], "--scores"),
            ("extract", ["--format-out", "doccano", "--offsets", "bytes"], "--offsets"),
        ] {
            let outcome = try run(command, arguments)
            #expect(outcome.status == 64 && outcome.output.isEmpty)
            #expect(outcome.errors.contains(word), "\(outcome.errors)")
            #expect(outcome.errorLines.count == 1)
        }
    }
}

import Foundation
import TestSupport
import Testing

/// Models whose words are those of texts without spaces.
@Suite struct UnicodeWordsTests {
    private typealias Object = [String: Any]

    private static let texts = [
        "这部电影非常无聊，浪费时间", "映画はとても退屈でした。走れ", "หนังเรื่องนี้น่าเบื่อมาก",
        "فيلم ممل جدا 👎🏿 really dull",
        "👨‍👩‍👧‍👦 loved it 😀😀", "cafe\u{301} ﬁlm ＤＵＬＬ", "\u{202E}dull\u{202C} film", "a warm film",
    ]

    private let tiny: TinyModel
    private let folder: TemporaryFolder
    private let input: String

    init() throws {
        tiny = try TinyModel.shared.get()
        folder = try TemporaryFolder()
        input = try folder.file("in.jsonl", Self.rows(Self.texts))
    }

    private static func rows(_ texts: [String]) throws -> String {
        try texts.enumerated().map { number, text in
            let row: Object = [
                "id": "t\(number)", "text": text, "label": number % 2 == 0 ? "bad" : "good",
                "rationale": [[0, 1]],
            ]
            let data = try JSONSerialization.data(withJSONObject: row)
            return String(decoding: data, as: UTF8.self) + "\n"
        }.joined()
    }

    private func train(_ arguments: [String]) throws -> (model: String, Command.Outcome) {
        let texts = (0..<3).flatMap { round in Self.texts.prefix(4).map { "\($0)\(round)" } }
        let data = try folder.file("train.jsonl", Self.rows(texts))
        let model = folder.path + "/model"
        return (
            model,
            try Command.run(
                [
                    "train", "--encoder", tiny.encoder, "--train", data, "--dev", data, "--output",
                    model, "--epochs", "1", "--overwrite",
                ] + arguments)
        )
    }

    @Test func aModelKeepsToItsWordsInEveryCommand() throws {
        let (model, training) = try train([
            "--words", "unicode", "--words", "2", "--extractor", "tagger", "--human-share", "0.5",
        ])
        try #require(training.status == 0, "\(training.errors)")
        #expect(!training.errors.contains("--words"), "\(training.errors)")
        let manifest = try String(contentsOfFile: model + "/warrant.json", encoding: .utf8)
        #expect(manifest.contains(#""word_rule" : "unicode""#))
        #expect(manifest.contains(#""words" : 2"#))

        let answers = try Command.run([
            "classify", "--model", model, "--input", input, "--certificates",
        ])
        #expect(answers.status == 0 && answers.errors.isEmpty, "\(answers.errors)")
        for (line, text) in zip(try answers.objects(), Self.texts) {
            let bytes = Array(text.utf8)
            let snippets = try #require(line["rationale"] as? [Object])
            let words = snippets.compactMap { $0["words"] as? [Int] }.map { $0[1] - $0[0] }
            #expect(words.reduce(0, +) == 2, "\(text)")
            var shown = 0
            for snippet in snippets {
                let (start, end) = (
                    try #require(snippet["start"] as? Int), try #require(snippet["end"] as? Int)
                )
                let part = String(decoding: bytes[start..<end], as: UTF8.self)
                #expect(part == snippet["text"] as? String)
                shown += end - start
            }
            #expect(shown < bytes.count, "the rationale is a part of \(text)")
        }
        let file = try folder.file("out.jsonl", answers.output)
        let verified = try Command.run([
            "verify", "--model", model, "--input", file, "--source", input,
        ])
        #expect(verified.status == 0, "\(verified.output)\(verified.errors)")
        // A snippet of other words than the model's is none.
        let whole = try Command.run(
            ["verify", "--model", tiny.model, "--input", file, "--source", input])
        #expect(whole.status == 1)

        let measured = try Command.run(["evaluate", "--model", model, "--data", input, "--json"])
        #expect(measured.status == 0, "\(measured.errors)")
        let figures = try #require(try measured.objects().first?["plausibility"] as? Object)
        #expect(figures["documents"] as? Int == Self.texts.count)
    }

    @Test func manifestsOfTheDefaultSayNothingOfWords() throws {
        let manifest = try String(contentsOfFile: tiny.model + "/warrant.json", encoding: .utf8)
        #expect(!manifest.contains("word_rule"))
    }

    @Test func trainingNamesTheOptionWhereMostTextsHaveNoSpaces() throws {
        let (model, training) = try train([])
        try #require(training.status == 0, "\(training.errors)")
        let notices = training.errorLines.filter { $0.contains("--words unicode") }
        try #require(notices.count == 1, "\(training.errors)")
        #expect(notices[0].contains("9 of 12") && notices[0].contains("train.jsonl:1"))

        // What it leads to is said once, by whatever answers.
        let unspaced = try folder.file("unspaced.jsonl", Self.rows(Array(Self.texts.prefix(3))))
        for command in [["classify", "--input"], ["extract", "--input"], ["evaluate", "--data"]] {
            let outcome = try Command.run([command[0], "--model", model, command[1], unspaced])
            #expect(outcome.status == 0)
            let notices = outcome.errorLines.filter { $0.contains("--words unicode") }
            #expect(notices.count == 1 && notices[0].contains("3 of 3"), "\(outcome.errors)")
        }
    }

    @Test func wordsOfAnExperimentAreThoseOfItsRecipe() throws {
        _ = try folder.file("train.jsonl", Self.rows(Self.texts + Self.texts.map { "\($0) 2" }))
        let recipes = [(#"{"words": "unicode", "epochs": 1}"#, 0), (#"{"words": 3}"#, 65)]
        for (recipe, status) in recipes {
            let grid = try folder.file(
                "grid.json",
                """
                {"encoder": "\(tiny.encoder)", "recipe": \(recipe),
                 "data": [{"name": "d", "train": "train.jsonl", "dev": "train.jsonl"}],
                 "scorers": ["first"], "thresholders": [{"thresholder": "top-k", "words": 1}]}
                """)
            let outcome = try Command.run([
                "experiment", grid, "--output", folder.path + "/results", "--threads", "1",
            ])
            #expect(outcome.status == Int32(status), "\(outcome.errors)")
            guard status == 0 else {
                #expect(outcome.errors.contains("words"), "\(outcome.errors)")
                continue
            }
            let results = try String(
                contentsOfFile: folder.path + "/results/results.jsonl", encoding: .utf8)
            let share = try #require(
                results.split(separator: "\n").map { line in
                    try JSONSerialization.jsonObject(with: Data(line.utf8)) as? Object
                }.last??["rationale_share"] as? Double)
            #expect(share < 0.25, "a word of text without spaces is a part of it: \(share)")
        }
    }

    @Test func twoNumbersOrAnUnknownRuleAreWrongUsage() throws {
        for words in [["2", "3"], ["unicode", "whitespace"], ["graphemes"]] {
            let (_, outcome) = try train(words.flatMap { ["--words", $0] })
            #expect(outcome.status == 64 && outcome.errors.contains("--words"), "\(outcome.errors)")
        }
    }
}

import Foundation
import TestSupport
import Testing

@Suite struct VerifyTests {
    let tiny: TinyModel
    let folder: TemporaryFolder
    let source: String
    let certified: String

    private static let rows = (0..<20).map {
        "{\"id\":\"t\($0)\",\"text\":\"\(TinyModel.sentence($0))\"}\n"
    }.joined()
    /// The answers to the rows, made once for all tests.
    private static let answers = Result {
        try Command.run(
            [
                "classify", "--model", try TinyModel.shared.get().model, "--format", "jsonl",
                "--certificates",
            ], input: rows
        ).output
    }

    init() throws {
        tiny = try TinyModel.shared.get()
        folder = try TemporaryFolder()
        source = try folder.file("source.jsonl", Self.rows)
        certified = try Self.answers.get()
    }

    func verify(_ lines: String, _ arguments: [String] = []) throws -> Command.Outcome {
        try Command.run(["verify", "--model", tiny.model] + arguments, input: lines)
    }

    @Test func whatClassifyPrintedHolds() throws {
        let run = try verify(certified, ["--source", source])
        #expect(run.status == 0)
        #expect(run.output.isEmpty)
        #expect(run.errors.hasPrefix("warrant: 20 certificates hold\nwarrant: not checked: "))
        let reversed = certified.split(separator: "\n").reversed().joined(separator: "\n") + "\n"
        #expect(try verify(reversed, ["--source", source]).status == 0)
    }

    // JSON readers disagree on which of two equal keys counts.
    @Test(arguments: [
        (#""label":"other""#, "label"), (#""la\u0062el":"other""#, "label"),
        (#""x":{"a":[{"b":1,"b":2}]}"#, "b"),
    ])
    func aKeyThatIsGivenTwiceIsRefused(_ members: String, _ key: String) throws {
        let line = try #require(certified.split(separator: "\n").first)
        let sound = try verify(line.dropLast() + ",\"x\":[{\"a\":\"b,\"},{\"a\":{}}]}\n")
        #expect(sound.status == 0, "\(sound.errors)")
        let run = try verify(line.dropLast() + ",\(members)}\n")
        #expect(run.status == 65)
        #expect(run.errors.contains(":1: "), "\(run.errors)")
        #expect(run.errors.contains("\(key)") && run.errors.contains("twice"), "\(run.errors)")
    }

    @Test func anAnswerIsNotReplacedByNone() throws {
        var lines = certified.split(separator: "\n").map(String.init)
        lines[3] = #"{"id":"t3","label":null,"rationale":[],"error":"the text has no words"}"#
        let text = lines.joined(separator: "\n") + "\n"
        #expect(try verify(text).status == 0, "without the source nobody can know")
        let run = try verify(text, ["--source", source])
        #expect(run.status == 1)
        #expect(run.output.contains("t3: ") && run.output.contains("has words to predict from"))
    }

    @Test func aCertificateHasNoQueryWhereTheModelHasNone() throws {
        var lines = certified.split(separator: "\n").map(String.init)
        var line = try Line(lines[2])
        line.object["certificate"] = (line.object["certificate"] as? [String: Any])?.merging(
            ["query": "a warm film"]) { $1 }
        lines[2] = try line.text()
        let run = try verify(lines.joined(separator: "\n") + "\n")
        #expect(run.status == 1)
        #expect(run.output.contains("query: the certificate has one"), "\(run.output)")
    }

    @Test func nothingToVerifyIsNoSuccess() throws {
        let run = try verify("")
        #expect(run.status == 1)
        #expect(run.errors == "warrant: standard input has no lines: nothing was verified\n")
        let honest = "{\"id\":\"1\",\"label\":null,\"rationale\":[],\"error\":\"no words\"}\n"
        #expect(try verify(honest).status == 0)
    }

    @Test func textsAreComparedByTheirBytes() throws {
        let run = try Command.run([
            "classify", "--model", tiny.model, "--certificates", "caf\u{E9}",
        ])
        #expect(try verify(run.output).status == 0)
        var line = try Line(run.output)
        line.object["classifier_input"] = "cafe\u{301}"
        let input = try verify(try line.text())
        #expect(input.status == 1)
        #expect(input.output.contains("classifier_input: "))
        line.object["classifier_input"] = "caf\u{E9}"
        line.certificate("words") { _ in ["cafe\u{301}"] }
        let words = try verify(try line.text())
        #expect(words.status == 1)
        #expect(words.output.contains("rationale: its snippets' words"))
    }

    @Test func anIdCannotSteerTheTerminal() throws {
        var line = try Line(String(try #require(certified.split(separator: "\n").first)))
        line.object["id"] = "a\u{1B}[2J\u{200B}\u{2028}b\nc"
        line.object["classifier_input"] = "other"
        let run = try verify(try line.text())
        #expect(run.lines.count == 1)
        #expect(run.output.hasPrefix("a\\u{1b}[2J\\u{200b}\\u{2028}b\\u{a}c: "))
    }

    @Test func documentsWithoutAPredictionAreCountedApart() throws {
        let run = try Command.run(
            ["classify", "--model", tiny.model, "--format", "text", "--certificates"],
            input: "a film\n\n")
        let verified = try verify(run.output)
        #expect(verified.status == 0)
        #expect(
            verified.errors.hasPrefix(
                "warrant: 1 certificate holds; 1 document without a prediction\n"))
    }

    @Test func linesWithoutCertificatesAndBrokenOnesAreBadData() throws {
        let bare = try Command.run(["classify", "--model", tiny.model, "a film"])
        let missing = try verify(bare.output)
        #expect(missing.status == 65)
        #expect(
            missing.errors.contains("standard input:1: ")
                && missing.errors.contains("--certificates"))
        let broken = try verify(certified + "{\"id\":\n")
        #expect(broken.status == 65)
        #expect(broken.errors.hasPrefix("warrant: standard input:21: "))
        #expect(broken.errorLines.count == 1)
        // What stands before it is verified all the same.
        var altered = try Line(String(try #require(certified.split(separator: "\n").first)))
        altered.flipLabel(alsoInCertificate: true)
        let both = try verify(try altered.text() + "\n" + "{\"id\":\n")
        #expect(both.status == 65 && both.errors.hasPrefix("warrant: standard input:2: "))
        #expect(both.lines.count == 1 && both.lines.first?.hasPrefix("t0: label: ") == true)
    }

    /// Lines are taken a few MiB at a time, and blank ones are no end.
    @Test func nothingIsHiddenBehindBlankLines() throws {
        var altered = try Line(String(try #require(certified.split(separator: "\n").first)))
        altered.flipLabel(alsoInCertificate: true)
        let blank = String(repeating: " ", count: 5 << 20) + "\n"
        let forged = try altered.text() + "\n"
        for lines in [blank + forged, certified + blank + blank + forged] {
            let run = try verify(lines)
            #expect(run.status == 1)
            #expect(run.lines.count == 1 && run.lines.first?.hasPrefix("t0: label: ") == true)
        }
    }

    /// A line as a dictionary, to be altered.
    struct Line {
        var object: [String: Any]

        init(_ text: String) throws {
            object = try #require(
                try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
        }

        func text() throws -> String {
            String(decoding: try JSONSerialization.data(withJSONObject: object), as: UTF8.self)
        }

        mutating func certificate(_ key: String, _ change: (Any?) -> Any) {
            var certificate = object["certificate"] as? [String: Any] ?? [:]
            certificate[key] = change(certificate[key])
            object["certificate"] = certificate
        }

        mutating func flipLabel(alsoInCertificate: Bool) {
            let label = object["label"] as? String == "negative" ? "positive" : "negative"
            object["label"] = label
            if alsoInCertificate { certificate("label") { _ in label } }
        }
    }
}

import Foundation
import Testing

@Suite struct VerifyTests {
    let tiny: TinyModel
    let folder: TemporaryFolder
    let source: String
    let certified: String

    init() throws {
        tiny = try TinyModel.shared.get()
        folder = try TemporaryFolder()
        let rows = (0..<20).map { "{\"id\":\"t\($0)\",\"text\":\"\(TinyModel.sentence($0))\"}\n" }
        source = try folder.file("source.jsonl", rows.joined())
        let run = try Command.run([
            "classify", "--model", tiny.model, "--input", source, "--certificates",
        ])
        certified = run.output
    }

    private func verify(_ lines: String, _ arguments: [String] = []) throws -> Command.Outcome {
        try Command.run(["verify", "--model", tiny.model] + arguments, input: lines)
    }

    @Test func whatClassifyPrintedHolds() throws {
        let run = try verify(certified, ["--source", source])
        #expect(run.status == 0)
        #expect(run.output.isEmpty)
        #expect(run.errors == "warrant: 20 certificates hold\n")
        let reversed = certified.split(separator: "\n").reversed().joined(separator: "\n") + "\n"
        #expect(try verify(reversed, ["--source", source]).status == 0)
    }

    /// What is altered in the third line, and what must be said of it.
    static let alterations: [(name: String, said: String, alter: @Sendable (inout Line) -> Void)] =
        [
            (
                "label everywhere", "label: the certificate has",
                { $0.flipLabel(alsoInCertificate: true) }
            ),
            (
                "label of the line", "label: the line has",
                { $0.flipLabel(alsoInCertificate: false) }
            ),
            (
                "logits", "logits: the certificate has",
                { line in
                    line.certificate("logits") { logits in
                        var logits = logits as? [Double] ?? []
                        logits[0] += 0.001
                        return logits
                    }
                }
            ),
            (
                "a word", "logits: the certificate has",
                { line in
                    line.certificate("words") { words in
                        var words = words as? [String] ?? []
                        words[0] = "zebra"
                        return words
                    }
                }
            ),
            (
                "words run together", "is not a single word",
                { line in
                    line.certificate("words") { words in
                        [(words as? [String] ?? []).joined(separator: " ") + " film"]
                    }
                }
            ),
            (
                "digest", "classifier_sha256: the certificate was made by",
                { $0.certificate("classifier_sha256") { _ in String(repeating: "0", count: 64) } }
            ),
            ("version", "version: ", { $0.certificate("version") { _ in 2 } }),
            (
                "probabilities", "probabilities: ",
                { $0.object["probabilities"] = ["negative": 0.999, "positive": 0.001] }
            ),
            (
                "classifier_input", "classifier_input: ",
                { $0.object["classifier_input"] = "some other words" }
            ),
            ("no rationale", "rationale: ", { $0.object["rationale"] = [Any]() }),
        ]

    @Test(arguments: alterations.indices) func anAlteredLineFails(_ index: Int) throws {
        let (name, said, alter) = Self.alterations[index]
        var lines = certified.split(separator: "\n").map(String.init)
        var line = try Line(lines[2])
        alter(&line)
        lines[2] = try line.text()
        let run = try verify(lines.joined(separator: "\n") + "\n")
        #expect(run.status == 1, "\(name)")
        #expect(run.lines.count == 1)
        #expect(run.output.hasPrefix("t2: ") && run.output.contains(said), "\(run.output)")
        #expect(run.errors == "warrant: 1 of 20 certificates fails\n")
    }

    @Test func aSnippetThatDoesNotStandInItsTextFails() throws {
        var lines = certified.split(separator: "\n").map(String.init)
        var line = try Line(lines[4])
        var rationale = line.object["rationale"] as? [[String: Any]] ?? []
        let last = rationale.count - 1
        for key in ["start", "end"] {
            rationale[last][key] = (rationale[last][key] as? Int ?? 0) + 1
        }
        line.object["rationale"] = rationale
        lines[4] = try line.text()
        let run = try verify(
            lines.joined(separator: "\n") + "\n", ["--source", source, "--json"])
        #expect(run.status == 1)
        let failure = try #require(try run.objects().first)
        #expect(failure["id"] as? String == "t4" && failure["line"] as? Int == 5)
        #expect((failure["differences"] as? [String])?.first?.contains("does not stand") == true)
    }

    @Test func anotherSourceFails() throws {
        let rows = (0..<19).map {
            "{\"id\":\"t\($0)\",\"text\":\"\(TinyModel.sentence($0 == 7 ? 8 : $0))\"}\n"
        }
        let other = try folder.file("other.jsonl", rows.joined())
        let run = try verify(certified, ["--source", other])
        #expect(run.status == 1)
        #expect(run.lines.count == 2)
        #expect(run.lines[0].hasPrefix("t7: rationale: "))
        #expect(run.lines[1].hasPrefix("t19: source: "))
    }

    @Test func documentsWithoutAPredictionAreCountedApart() throws {
        let run = try Command.run(
            ["classify", "--model", tiny.model, "--format", "text", "--certificates"],
            input: "a film\n\n")
        let verified = try verify(run.output)
        #expect(verified.status == 0)
        #expect(
            verified.errors == "warrant: 1 certificate holds; 1 document without a prediction\n")
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

import Foundation
import TestSupport
import Testing
import Warrant

/// An attack on `warrant verify`: honest answers are altered in every way that could make one pass for
/// another, and each must get its verdict.
@Suite struct ForgeryTests {
    typealias Object = [String: Any]

    /// The verdict that a line must get.
    enum Verdict: Equatable {
        case holds, close
        /// With a difference that begins with this field.
        case fails(String)
    }

    /// One way to alter an answer.
    struct Forgery: Sendable {
        let name: String
        let verdict: Verdict
        let alter: @Sendable (inout Object) -> Void

        init(
            _ name: String, _ verdict: Verdict, _ alter: @escaping @Sendable (inout Object) -> Void
        ) {
            self.name = name
            self.verdict = verdict
            self.alter = alter
        }

        /// Alters a member of the certificate.
        init(
            _ name: String, _ verdict: Verdict, certificate key: String,
            _ change: @escaping @Sendable (Any?) -> Any?
        ) {
            self.init(name, verdict) { line in
                var certificate = line["certificate"] as? Object ?? [:]
                certificate[key] = change(certificate[key])
                line["certificate"] = certificate
            }
        }

        /// Alters the logits.
        init(
            _ name: String, _ verdict: Verdict,
            logits change: @escaping @Sendable ([Double]) -> [Double]
        ) {
            self.init(name, verdict, certificate: "logits") { change($0 as? [Double] ?? []) }
        }

        /// Alters the certificate's words.
        init(
            _ name: String, _ verdict: Verdict,
            words change: @escaping @Sendable ([String]) -> [String]
        ) {
            self.init(name, verdict, certificate: "words") { change($0 as? [String] ?? []) }
        }

        /// Alters a snippet of the rationale, the first or the last.
        init(
            _ name: String, _ verdict: Verdict, last: Bool = false,
            snippet change: @escaping @Sendable (inout Object) -> Void
        ) {
            self.init(name, verdict) { line in
                var snippets = line["rationale"] as? [Object] ?? []
                change(&snippets[last ? snippets.count - 1 : 0])
                line["rationale"] = snippets
            }
        }

        /// This and another alteration of the same line.
        func and(_ other: Forgery, _ verdict: Verdict) -> Forgery {
            Forgery("\(name), \(other.name)", verdict) { line in
                alter(&line)
                other.alter(&line)
            }
        }
    }

    /// A line is altered in one way each; all of them are verified in one run.
    @Test func everyAlteredLineGetsItsVerdict() throws {
        #expect(Self.all.count >= 80)
        let answers = try Answers(count: Self.all.count + 1)
        var lines = try answers.lines.map(Self.object)
        for (index, forgery) in Self.all.enumerated() { forgery.alter(&lines[index]) }
        // The last line has other words than the model selects, and an honest certificate of them.
        lines[Self.all.count] = try answers.cherryPicked(lines[Self.all.count])
        let run = try Command.run([
            "verify", "--model", answers.model, "--source", answers.source, "--selection",
            "--json", "--input", answers.file(lines),
        ])
        #expect(run.status == 1)
        var verdicts: [Int: Object] = [:]
        for object in try run.objects() { verdicts[object["line"] as? Int ?? 0] = object }
        for (index, forgery) in Self.all.enumerated() {
            let found = verdicts[index + 1]
            #expect(Self.fits(found, forgery.verdict), "\(forgery.name): \(found ?? [:])")
        }
        let picked = try #require(verdicts[lines.count])
        #expect(Self.fits(picked, .fails("selection")), "\(picked)")
        #expect((picked["differences"] as? [String])?.count == 1, "\(picked)")
        for name in ["note", "rationale.color", "certificate.note"] {
            #expect(run.errors.contains("\"\(name)\" in 1 line"), "\(run.errors)")
        }
    }

    @Test func strictFailsWhatIsClose() throws {
        let answers = try Answers(count: 4)
        var lines = try answers.lines.map(Self.object)
        let close = try #require(Self.logits.first { $0.verdict == .close })
        close.alter(&lines[1])
        let input = try answers.file(lines)
        let loose = try Command.run(["verify", "--model", answers.model, "--input", input])
        #expect(loose.status == 0)
        #expect(loose.lines.count == 1 && loose.output.contains("made by another engine"))
        #expect(loose.errors.contains("3 certificates hold; 1 is close"), "\(loose.errors)")
        let strict = try Command.run([
            "verify", "--model", answers.model, "--input", input, "--strict",
        ])
        #expect(strict.status == 1 && strict.output == loose.output)
    }

    @Test(arguments: [
        ("a second answer for a row", [0, 1, 1, 2, 3], "1 of 5 lines fails"),
        ("a row without an answer", [0, 1, 3], "has no line"),
        ("an earlier answer again at the end", [0, 1, 2, 3, 0], "1 of 5 lines fails"),
    ])
    func rowsAndAnswersGoTogether(_ name: String, _ order: [Int], _ said: String) throws {
        let answers = try Answers(count: 4)
        let lines = try order.map { try Self.object(answers.lines[$0]) }
        let run = try Command.run([
            "verify", "--model", answers.model, "--source", answers.source, "--input",
            answers.file(lines),
        ])
        #expect(run.status == 1 && run.errors.contains(said), "\(name): \(run.errors)")
    }

    /// Members that are missing or of another type are no lines of `classify`.
    @Test(arguments: [
        Forgery("no words", .holds, certificate: "words") { _ in nil },
        Forgery("no logits", .holds, certificate: "logits") { _ in nil },
        Forgery("logits that are texts", .holds, certificate: "logits") { _ in ["1", "2"] },
        Forgery("no reading", .holds, certificate: "reading") { _ in nil },
        Forgery("another precision", .holds, certificate: "precision") { _ in "fp8" },
        Forgery("version as a text", .holds, certificate: "version") { _ in "3" },
        Forgery("id as a number", .holds) { $0["id"] = 7 },
        Forgery("offsets as texts", .holds, snippet: { $0["start"] = "0" }),
    ])
    func aLineOfAnotherFormIsBadData(_ forgery: Forgery) throws {
        let answers = try Answers(count: 1)
        var line = try Self.object(answers.lines[0])
        forgery.alter(&line)
        let run = try Command.run([
            "verify", "--model", answers.model, "--input", answers.file([line]),
        ])
        #expect(run.status == 65, "\(forgery.name): \(run.errors)")
        #expect(run.errors.contains(":1: ") && run.errorLines.count == 1, "\(run.errors)")
    }

    static func object(_ line: String) throws -> Object {
        try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? Object)
    }

    static func fits(_ found: Object?, _ verdict: Verdict) -> Bool {
        let differences = found?["differences"] as? [String] ?? []
        return switch verdict {
        case .holds: found == nil
        case .close: found?["verdict"] as? String == "close"
        case .fails(let field): differences.contains { $0.hasPrefix("\(field): ") }
        }
    }

    /// Honest answers of the tiny model, in fp32, to rows of the test's own.
    struct Answers {
        let model: String
        let source: String
        let lines: [String]
        private let folder: TemporaryFolder

        init(count: Int) throws {
            model = try TinyModel.shared.get().model
            folder = try TemporaryFolder()
            source = try folder.file(
                "source.jsonl",
                (0..<count).map {
                    "{\"id\":\"t\($0)\",\"text\":\"\(TinyModel.sentence($0 % 40)) the end \($0)\"}\n"
                }.joined())
            let run = try Command.run([
                "classify", "--model", model, "--input", source, "--certificates", "--precision",
                "fp32",
            ])
            try #require(run.status == 0, "\(run.errors)")
            lines = run.lines
        }

        func file(_ lines: [Object]) throws -> String {
            try folder.file(
                "altered.jsonl",
                lines.map {
                    String(
                        decoding: try JSONSerialization.data(withJSONObject: $0), as: UTF8.self)
                        + "\n"
                }.joined())
        }

        /// A line with one word that the model did not select, and what the classifier gives for it.
        func cherryPicked(_ line: Object) throws -> Object {
            let id = try #require(line["id"] as? String)
            let row = try #require(
                try String(contentsOfFile: source, encoding: .utf8).split(separator: "\n")
                    .map { try ForgeryTests.object(String($0)) }.first { $0["id"] as? String == id }
            )
            let text = try #require(row["text"] as? String)
            let selected = Set(
                (line["rationale"] as? [Object] ?? []).flatMap { snippet -> [Int] in
                    let words = snippet["words"] as? [Int] ?? [0, 0]
                    return Array(words[0]..<words[1])
                })
            let ranges = wordRanges(in: text)
            let index = try #require(ranges.indices.first { !selected.contains($0) })
            let range = ranges[index]
            let word = String(decoding: Array(text.utf8)[range], as: UTF8.self)
            let opened = try RationaleModel(
                folder: URL(fileURLWithPath: model), threads: 1, precision: .fp32)
            let input = RationaleWords(words: [word])
            let prediction = try #require(
                try opened.classifier.classify([input], workers: Workers(threads: 1))[0])
            var certificate = line["certificate"] as? Object ?? [:]
            certificate["words"] = [word]
            certificate["logits"] = prediction.logits.map { Double("\($0)") ?? 0 }
            certificate["label"] = prediction.label
            return [
                "id": id, "label": prediction.label,
                "probabilities": Dictionary(
                    uniqueKeysWithValues: zip(
                        prediction.labels, prediction.probabilities.map { Double($0) })),
                "rationale": [
                    [
                        "text": word, "start": range.lowerBound, "end": range.upperBound,
                        "words": [index, index + 1],
                    ] as Object
                ],
                "classifier_input": word, "certificate": certificate,
            ]
        }
    }
}

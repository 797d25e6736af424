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

    static func flip(_ label: Any?) -> String {
        label as? String == "negative" ? "positive" : "negative"
    }

    static let flippedCertificate = Forgery(
        "flipped in the certificate", .fails("label"), certificate: "label"
    ) { flip($0) }
    static let flippedLine = Forgery("flipped beside it", .fails("label")) {
        $0["label"] = flip($0["label"])
    }
    static let flipped = flippedLine.and(flippedCertificate, .fails("label"))
    static let otherEngine = Forgery("another engine", .holds, certificate: "engine") { _ in
        "onednn 9.9.9 isa 0x1, kernels 1 avx2, clang 1.0.0, libm 1"
    }
    static let noEngine = Forgery("no engine's name", .holds, certificate: "engine") { _ in "" }
    static let swappedLogits = Forgery(
        "logits swapped", .fails("logits"), logits: { $0.reversed() })
    /// On a CPU without bf16 such a certificate can only be made again in float32.
    static let bf16 = Forgery(
        "says bf16", Precision.hasFastBF16 ? .fails("logits") : .close, certificate: "precision"
    ) { _ in "bf16" }
    /// Both logits at their mean, the smaller one a hair above: the label just so.
    static let tied = Forgery(
        "logits nearly tied", .fails("logits"),
        logits: { logits in
            let mean = logits.reduce(0, +) / Double(logits.count)
            return logits.map { $0 == logits.max() ? mean - 1e-4 : mean + 1e-4 }
        })

    static let labels: [Forgery] =
        [
            flippedLine, flippedCertificate, flipped, flipped.and(otherEngine, .fails("label")),
            flipped.and(noEngine, .fails("label")), flipped.and(bf16, .fails("label")),
            flipped.and(bf16, .fails("label")).and(otherEngine, .fails("label")),
            flipped.and(swappedLogits, .fails("logits")),
            flipped.and(swappedLogits, .fails("logits")).and(otherEngine, .fails("logits")),
            flipped.and(swappedLogits, .fails("label")).and(bf16, .fails("label")),
            flipped.and(tied, .fails("logits")).and(otherEngine, .fails("label")),
            flipped.and(tied, .fails("logits")).and(bf16, .fails("label")),
            Forgery("a label of another model", .fails("label")) { $0["label"] = "neutral" }.and(
                Forgery("twice", .fails("label"), certificate: "label") { _ in "neutral" },
                .fails("label")),
            Forgery("label in capitals", .fails("label")) {
                $0["label"] = ($0["label"] as? String)?.uppercased()
            },
            Forgery("label with a space", .fails("label")) {
                $0["label"] = ($0["label"] as? String ?? "") + " "
            },
            Forgery("no label beside the certificate", .fails("label")) { $0["label"] = NSNull() },
            Forgery("label left out", .fails("label")) { $0["label"] = nil },
        ]

    static let logits: [Forgery] =
        [1e-7, 1e-4, 9e-4, 0.1, -0.1, 10].map { shift in
            Forgery(
                "first logit by \(shift)", .fails("logits"),
                logits: {
                    [$0[0] + shift * max(1, abs($0[0]))] + $0.dropFirst()
                })
        } + [
            Forgery("all logits by 1", .fails("logits"), logits: { $0.map { $0 + 1 } }),
            Forgery("logits doubled", .fails("logits"), logits: { $0.map { $0 * 2 } }),
            Forgery("one logit fewer", .fails("logits"), logits: { Array($0.dropLast()) }),
            Forgery("one logit more", .fails("logits"), logits: { $0 + [-9] }),
            Forgery("no logits", .fails("logits"), logits: { _ in [] }),
            Forgery("huge logits", .fails("logits"), logits: { $0.map { $0 * 1e30 } }),
            swappedLogits, tied,
            Forgery(
                "another engine and logits by 0.0005", .close,
                logits: {
                    $0.map { $0 + 0.0005 }
                }
            ).and(otherEngine, .close),
            Forgery(
                "another engine and logits by 0.002", .fails("logits"),
                logits: {
                    $0.map { $0 + 0.002 }
                }
            ).and(otherEngine, .fails("logits")),
            Forgery(
                "another engine and logits by 0.25", .fails("logits"),
                logits: {
                    $0.map { $0 + 0.25 }
                }
            ).and(otherEngine, .fails("logits")),
            Forgery("bf16 and logits by 0.3", .fails("logits"), logits: { $0.map { $0 + 0.3 } })
                .and(bf16, .fails("logits")),
            otherEngine, noEngine, bf16,
        ]

    static let words: [Forgery] = [
        Forgery("another first word", .fails("logits"), words: { ["zebra"] + $0.dropFirst() }),
        Forgery("first word left out", .fails("logits"), words: { Array($0.dropFirst()) }),
        Forgery("last word left out", .fails("logits"), words: { Array($0.dropLast()) }),
        Forgery("a word added", .fails("logits"), words: { $0 + ["film"] }),
        Forgery("first word twice", .fails("logits"), words: { $0.prefix(1) + $0 }),
        Forgery("words turned round", .fails("logits"), words: { $0.reversed() + ["a"] }),
        Forgery("no words", .fails("words"), words: { _ in [] }),
        Forgery("one empty word", .fails("words"), words: { _ in [""] }),
        Forgery("an empty word added", .fails("words"), words: { $0 + [""] }),
        Forgery("words run together", .fails("words"), words: { [$0.joined(separator: " ")] }),
        Forgery(
            "a space after a word", .fails("words"),
            words: {
                [$0[0] + " "] + $0.dropFirst()
            }),
        Forgery(
            "a zero-width space in a word", .fails("classifier_input"),
            words: {
                ["\u{200B}" + $0[0]] + $0.dropFirst()
            }),
        Forgery(
            "a word of 5,000 letters", .fails("logits"),
            words: {
                $0 + [String(repeating: "q", count: 5_000)]
            }),
        Forgery("a query", .fails("query"), certificate: "query") { _ in "a warm film" },
        Forgery("an empty query", .fails("query"), certificate: "query") { _ in "" },
    ]

    static let classifier: [Forgery] = [
        Forgery("no digest", .fails("classifier_sha256"), certificate: "classifier_sha256") { _ in
            ""
        },
        Forgery("another digest", .fails("classifier_sha256"), certificate: "classifier_sha256") {
            _ in String(repeating: "0", count: 64)
        },
        Forgery(
            "a digest in capitals", .fails("classifier_sha256"),
            certificate: "classifier_sha256"
        ) { ($0 as? String)?.uppercased() },
        Forgery(
            "the beginning of the digest", .fails("classifier_sha256"),
            certificate: "classifier_sha256"
        ) { ($0 as? String)?.prefix(12).description },
        Forgery("version 0", .fails("version"), certificate: "version") { _ in 0 },
        Forgery("version 1", .fails("classifier_sha256"), certificate: "version") { _ in 1 },
        Forgery("version 2", .fails("classifier_sha256"), certificate: "version") { _ in 2 },
        Forgery("version 4", .fails("version"), certificate: "version") { _ in 4 },
        Forgery("version -1", .fails("version"), certificate: "version") { _ in -1 },
        reading("longer chunks") { $0["maximum_length"] = 128 },
        reading("shorter chunks") { $0["maximum_length"] = 8 },
        reading("another stride") { $0["stride"] = 1 },
        reading("no stride") { $0["stride"] = nil },
        reading("another layout") { $0["layout"] = "[CLS] $A" },
        reading("a query's layout") { $0["layout"] = "[CLS] $A [SEP] $B:1 [SEP]:1" },
    ]

    static func reading(_ name: String, _ change: @escaping @Sendable (inout Object) -> Void)
        -> Forgery
    {
        Forgery(name, .fails("reading"), certificate: "reading") { value in
            var reading = value as? Object ?? [:]
            change(&reading)
            return reading
        }
    }

    static let beside: [Forgery] = [
        probabilities("swapped") { given in
            given["negative"] = given["positive"]
            given["positive"] = 1 - (given["negative"] ?? 0)
        },
        probabilities("a little higher") { $0["negative"] = ($0["negative"] ?? 0) + 1e-4 },
        probabilities("of one class") { $0["negative"] = nil },
        probabilities("of a third class") { $0["neutral"] = 0 },
        probabilities("none") { $0 = [:] },
        Forgery("probabilities left out", .fails("probabilities")) { $0["probabilities"] = nil },
        Forgery("classifier_input of other words", .fails("classifier_input")) {
            $0["classifier_input"] = "some other words"
        },
        Forgery("classifier_input with two spaces", .fails("classifier_input")) {
            $0["classifier_input"] = ($0["classifier_input"] as? String ?? "") + " "
        },
        Forgery("classifier_input left out", .fails("classifier_input")) {
            $0["classifier_input"] = nil
        },
        Forgery("no snippets", .fails("rationale")) { $0["rationale"] = [Object]() },
        Forgery("rationale left out", .fails("rationale")) { $0["rationale"] = nil },
        Forgery("a snippet twice", .fails("rationale")) {
            let snippets = $0["rationale"] as? [Object] ?? []
            $0["rationale"] = snippets + snippets.suffix(1)
        },
        Forgery("snippets turned round", .fails("rationale")) {
            let snippets = $0["rationale"] as? [Object] ?? []
            $0["rationale"] = Array(snippets.reversed()) + snippets.prefix(1)
        },
        Forgery("last snippet left out", .fails("rationale")) {
            $0["rationale"] = Array(($0["rationale"] as? [Object] ?? []).dropLast())
        },
        Forgery(
            "another text in a snippet", .fails("rationale"), snippet: { $0["text"] = "zebra" }),
        Forgery(
            "a capital in a snippet", .fails("rationale"),
            snippet: {
                $0["text"] = ($0["text"] as? String)?.uppercased()
            }),
        Forgery(
            "a snippet elsewhere", .fails("rationale"), last: true,
            snippet: {
                for key in ["start", "end"] { $0[key] = ($0[key] as? Int ?? 0) + 1 }
            }),
        Forgery(
            "a snippet before the text", .fails("rationale"),
            snippet: {
                for key in ["start", "end"] { $0[key] = ($0[key] as? Int ?? 0) - 1_000 }
            }),
        Forgery(
            "a snippet past the text", .fails("rationale"), last: true,
            snippet: {
                for key in ["start", "end"] { $0[key] = ($0[key] as? Int ?? 0) + 1_000_000 }
            }),
        Forgery(
            "the largest offsets", .fails("rationale"), last: true,
            snippet: {
                ($0["start"], $0["end"]) = (Int.max - 1, Int.max)
            }),
        Forgery(
            "a snippet that ends before it starts", .fails("rationale"),
            snippet: {
                ($0["start"], $0["end"]) = ($0["end"], $0["start"])
            }),
        Forgery(
            "other word numbers", .fails("rationale"), last: true,
            snippet: {
                $0["words"] = ($0["words"] as? [Int] ?? []).map { $0 + 1 }
            }),
        Forgery("one word number", .fails("rationale"), snippet: { $0["words"] = [0] }),
        Forgery(
            "word numbers that overflow", .fails("rationale"),
            snippet: {
                $0["words"] = [Int.min, Int.max]
            }),
        Forgery("no certificate", .fails("certificate")) { $0["certificate"] = nil },
        Forgery("null for a certificate", .fails("certificate")) { $0["certificate"] = NSNull() },
        Forgery("no certificate and no label", .fails("certificate")) {
            ($0["certificate"], $0["label"]) = (nil, NSNull())
        },
        Forgery("a reason for no answer", .fails("error")) {
            $0 = ["id": $0["id"] ?? "", "label": NSNull(), "rationale": [Any](), "error": "none"]
        },
        Forgery("a reason beside another answer", .fails("certificate")) {
            $0 = [
                "id": $0["id"] ?? "", "label": NSNull(), "rationale": [Any](), "error": "none",
                "answer": "positive",
            ]
        },
        Forgery("an id of no row", .fails("source")) { $0["id"] = "nobody" },
        // Nothing can be compared with these: they are listed, and do not make a line true.
        Forgery("a note beside it", .holds) { $0["note"] = "approved" },
        Forgery("a note in a snippet", .holds, snippet: { $0["color"] = "red" }),
        Forgery("a note in the certificate", .holds, certificate: "note") { _ in "approved" },
    ]

    static func probabilities(
        _ name: String, _ change: @escaping @Sendable (inout [String: Double]) -> Void
    ) -> Forgery {
        Forgery("probabilities: \(name)", .fails("probabilities")) { line in
            var probabilities = line["probabilities"] as? [String: Double] ?? [:]
            change(&probabilities)
            line["probabilities"] = probabilities
        }
    }

    static let all = labels + logits + words + classifier + beside

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

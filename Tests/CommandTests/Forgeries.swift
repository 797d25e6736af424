import Foundation
import Warrant

/// The ways in which answers are altered, each with its verdict.
extension ForgeryTests {
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
}

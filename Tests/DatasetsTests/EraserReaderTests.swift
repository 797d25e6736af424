import Foundation
import TestSupport
import Testing
import Warrant

@Suite struct EraserReaderTests {
    let folder: TemporaryFolder

    init() throws {
        folder = try TemporaryFolder()
        try folder.file("set/docs/one.txt", "a dull film .\nit drags\n")
        try folder.file("set/docs/it's two", "not\u{A0}bad\r\nat all")
    }

    private func row(_ fields: String) -> String {
        #"{"annotation_id": "one.txt:3:0", "classification": "NEG", "query": "good ?", \#(fields)}"#
    }

    private func span(_ document: String, _ start: Int, _ end: Int) -> String {
        #"{"docid": "\#(document)", "start_token": \#(start), "end_token": \#(end), "text": "…"}"#
    }

    private func examples(_ row: String) throws -> [Example] {
        try folder.examples("set/train.jsonl", row + "\n")
    }

    @Test func aRowIsItsDocumentWithTheEvidence() throws {
        let evidences = "[[\(span("one.txt", 4, 6))], [\(span("one.txt", 1, 2))]]"
        let example = try #require(
            try examples(row(#""evidences": \#(evidences), "docids": null"#)).first)

        #expect(example.id == "one.txt:3:0")
        #expect(example.text == "a dull film .\nit drags\n")
        #expect(example.query == "good ?")
        #expect(example.label == "NEG")
        #expect(example.rationale == [1..<2, 4..<6])
        #expect(example.location.line == 1)
    }

    @Test func withoutEvidenceTheDocumentComesFromTheListOrTheID() throws {
        let listed = try examples(row(#""evidences": [], "docids": ["it's two"]"#))
        #expect(listed.map(\.text) == ["not\u{A0}bad\r\nat all"])
        #expect(listed.map(\.rationale) == [nil])

        let identified = try examples(row(#""evidences": []"#))
        #expect(identified.map(\.text) == ["a dull film .\nit drags\n"])
    }

    @Test func emptySpansAreLeftOut() throws {
        let evidences = "[[\(span("one.txt", 3, 3)), \(span("one.txt", 0, 1))]]"
        #expect(try examples(row(#""evidences": \#(evidences)"#)).map(\.rationale) == [[0..<1]])
    }

    @Test func severalDocumentsAreJoinedAndTheirEvidenceMoves() throws {
        let evidences = "[[\(span("it's two", 1, 3)), \(span("one.txt", 1, 2))]]"
        let example = try #require(
            try examples(row(#""docids": ["one.txt"], "evidences": \#(evidences)"#)).first)
        #expect(example.text == "a dull film .\nit drags\n\nnot\u{A0}bad\r\nat all")
        #expect(example.rationale == [1..<2, 8..<10])
    }

    /// A no-break space parts words, and not ERASER's tokens.
    @Test func evidenceCountsTokensAndIsReadAsWords() throws {
        for (start, end, words) in [(0, 1, 0..<2), (0, 2, 0..<3), (1, 2, 2..<3), (2, 3, 3..<4)] {
            let example = try #require(
                try examples(row(#""evidences": [[\#(span("it's two", start, end))]]"#)).first)
            #expect(example.rationale == [words], "tokens \(start) to \(end)")
        }
    }

    @Test func aFolderIsReadWithItsSplit() throws {
        try folder.file("set/val.jsonl", row(#""evidences": []"#))
        var options = DatasetOptions()
        options.split = "val"
        for path in ["/set", "/set/"] {
            let examples = try ExampleReader.examples(path: folder.path + path, options: options)
            #expect(examples.map(\.label) == ["NEG"])
        }
        let error = folder.error(path: folder.path + "/set")
        #expect(error?.kind == .wrongUsage)
        #expect(error?.description.contains("val.jsonl") == true)
    }

    @Test func jsonLinesBesideDocumentsAreEraserOnlyWithEvidences() throws {
        let reader = try ExampleReader(
            path: folder.file("set/train.jsonl", row(#""evidences": []"#)))
        #expect(reader.format == .eraser)
        let plain = try ExampleReader(path: folder.file("set/plain.jsonl", #"{"text": "a"}"#))
        #expect(plain.format == .jsonLines)
    }

    @Test func badEvidenceIsAnErrorThatNamesTheRow() throws {
        func error(_ evidence: String) throws -> (kind: DatasetError.Kind, description: String)? {
            let row = row(#""evidences": [[\#(evidence)]]"#)
            return try folder.error("set/train.jsonl", row + "\n")
        }
        let outside = try #require(try error(span("one.txt", 4, 7)))
        #expect(outside.kind == .badData)
        #expect(outside.description.contains("outside docs/one.txt, which has 6 tokens"))

        // Of the second document, where a sum would overflow.
        for (start, end) in [(Int.max - 1_023, 0), (0, Int.max - 1_023), (-1, 2)] {
            let row = row(
                #""docids": ["one.txt", "it's two"], "evidences": [[\#(span("it's two", start, end))]]"#
            )
            let error = try #require(try folder.error("set/train.jsonl", row + "\n"))
            #expect(error.description.contains("is outside docs/it's two"))
        }

        let huge = try #require(try error(span("one.txt", 0, Int.max)))
        #expect(huge.description.contains(#""evidences.0.0.end_token" is not a whole number"#))

        let inverted = try #require(try error(span("one.txt", 4, 2)))
        #expect(inverted.description.contains("evidence from token 4 to 2 is inverted"))

        let missing = try #require(try error(span("three.txt", 0, 1)))
        #expect(missing.kind == .missingInput)
        #expect(missing.description.hasPrefix("set/train.jsonl:1: "))
        #expect(missing.description.contains("docs/three.txt does not exist"))

        #expect(mkfifo(folder.path + "/set/docs/pipe", 0o600) == 0)
        for name in ["pipe", "folder"] {
            try folder.file("set/docs/folder/a.txt", "a")
            let special = try #require(try error(span(name, 0, 1)))
            #expect(special.kind == .badData)
            #expect(special.description.contains("docs/\(name) is not a regular file"))
        }

        let escaping = try #require(try error(span("../train.jsonl", 0, 1)))
        #expect(escaping.description.contains("leads out of"))

        let incomplete = try #require(try error(#"{"docid": "one.txt", "start_token": 1}"#))
        #expect(incomplete.description.contains(#"no field "evidences.0.0.end_token""#))
    }

    @Test func aRowsDocumentsTogetherAreNoLongerThanARow() throws {
        let names = (0..<40).map { #""one.txt", "two\#($0).txt""# }
        for number in 0..<40 { try folder.file("set/docs/two\(number).txt", "more words") }
        let row = row(#""docids": [\#(names.joined(separator: ", "))], "evidences": []"#) + "\n"
        #expect(try folder.examples("set/train.jsonl", row).count == 1)
        let error = try #require(
            try folder.error("set/train.jsonl", row) { $0.maximumRowBytes = 300 })
        #expect(error.kind == .badData)
        #expect(error.description.hasPrefix("set/train.jsonl:1: "))
    }

    @Test func aDatasetWithoutDocumentsIsAnError() throws {
        let path = try folder.file("bare/train.jsonl", row(#""evidences": []"#))
        var options = DatasetOptions()
        options.format = .eraser
        #expect(folder.error(path: path, options)?.kind == .missingInput)
        #expect(folder.error(path: folder.path + "/bare")?.kind == .missingInput)
    }
}

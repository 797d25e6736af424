import TestSupport
import Testing
import Warrant

@Suite struct RowLabelTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func labels(json: [String]) throws -> [String?] {
        try folder.examples(
            "rows.jsonl", json.map { #"{"text": "t", "label": \#($0)}"# }.joined(separator: "\n")
        ).map(\.label)
    }

    @Test func theSameWholeNumberIsTheSameLabelInEveryFormat() throws {
        let numbers = [
            ("1", "1"), ("1.0", "1"), ("-3", "-3"), ("-3.00", "-3"), ("0", "0"), ("0.0", "0"),
            ("-0.0", "0"), ("1e2", "100"), ("1.5e1", "15"), ("120", "120"), ("10e-1", "1"),
            ("12345678901234567890123", "12345678901234567890123"),
            ("12345678901234567890123.0", "12345678901234567890123"), ("0e5", "0"),
        ]
        #expect(try labels(json: numbers.map(\.0)) == numbers.map(\.1))
        let cells = "text,label\n" + numbers.map { "t,\($0.0)\n" }.joined()
        #expect(
            try folder.examples("rows.csv", cells) { $0.requiresLabel = true }.map(\.label)
                == numbers.map(\.1))
    }

    @Test func whatIsNoNumberOfJSONIsAText() throws {
        let texts = ["01", "+1", "1.", ".5", "1 ", "one", "NaN", "1,0", "0x1", "٣", "1e", "-"]
        #expect(try labels(json: texts.map { "\"\($0)\"" } + [#""1.0""#]) == texts + ["1.0"])
        let cells = "text,label\n" + texts.map { "t,\"\($0)\"\n" }.joined()
        #expect(try folder.examples("rows.csv", cells).map(\.label) == texts)
    }

    @Test func listsOfOneLabelAreThatLabel() throws {
        #expect(
            try labels(json: [#"["a"]"#, "[1]", "[true]", "[]", "[null]"]) == [
                "a", "1", "true", nil, nil,
            ])
    }

    @Test(arguments: [
        (#"["a", "b"]"#, ["several labels", "multi-label"]), ("[0, 1]", ["several labels"]),
        ("0.5", ["regression is not supported"]), ("[0.5]", ["regression"]),
        ("1e-3", ["regression"]),
        ("1e400", ["regression"]), (#"{"a": 1}"#, ["is an object", "--label-column"]),
        ("NaN", ["NaN", "not JSON"]),
    ])
    func whatIsNoLabelIsAnErrorThatSaysWhy(label: String, said: [String]) throws {
        let row = #"{"text": "t", "label": \#(label)}"#
        let error = try #require(
            try folder.error("rows.jsonl", "{\"text\": \"t\", \"label\": 1}\n" + row) {
                $0.requiresLabel = true
            })
        #expect(error.kind == .badData && error.description.hasPrefix("rows.jsonl:2: "))
        for part in said { #expect(error.description.contains(part), "\(error.description)") }
        // Nobody asked for it.
        if label != "NaN" { #expect(try folder.examples("rows.jsonl", row).map(\.label) == [nil]) }
    }

    @Test func numbersOfATableThatAreNotWholeAreRefusedToo() throws {
        let error = try folder.error("rows.csv", "text,label\na,1\nb,0.37\n") {
            $0.requiresLabel = true
        }
        #expect(error?.description.hasPrefix("rows.csv:3: ") == true)
        #expect(error?.description.contains("regression is not supported") == true)
    }

    @Test func rowsWithoutALabelAreCountedOrLeftOut() throws {
        let rows = (1...20).map { row in
            #"{"text": "t\#(row)", "label": \#(row % 3 == 0 ? "null" : row % 7 == 0 ? "\" \"" : "1")}"#
        }.joined(separator: "\n")
        let cells =
            "text,label\n"
            + (2...20).map { "t\($0),\($0 % 3 == 0 ? "" : $0 % 7 == 0 ? " " : "1")\n" }.joined()
        for (name, text) in [("rows.jsonl", rows), ("rows.csv", cells)] {
            let error = try folder.error(name, text) { $0.requiresLabel = true }
            #expect(error?.description.hasPrefix("\(name):3: ") == true)
            #expect(error?.description.contains("8 rows (lines 3, 6, 7, 9, 12, …)") == true)
            #expect(error?.description.contains("--drop-unlabelled") == true)
            var options = DatasetOptions()
            options.requiresLabel = true
            options.dropsUnlabelled = true
            var notices: [String] = []
            let left = try ExampleReader.examples(
                path: folder.path + "/" + name, options: options, report: { notices.append($0) })
            #expect(left.allSatisfy { $0.label == "1" } && left.count >= 11)
            #expect(
                notices.count == 1 && notices[0].contains("8 rows without a label are left out"))
        }
    }

    @Test func whereNoRowHasALabelsFieldTheFieldsAreListed() throws {
        for drops in [false, true] {
            let error = try folder.error(
                "rows.jsonl",
                "{\"text\": \"a\", \"labels\": [\"x\"]}\n{\"text\": \"b\", \"labels\": []}"
            ) {
                $0.requiresLabel = true
                $0.dropsUnlabelled = drops
            }
            #expect(error?.kind == .badData)
            #expect(error?.description.hasPrefix("rows.jsonl:1: ") == true)
            for part in [#""labels", "text""#, "--label-column", "multi-label"] {
                #expect(error?.description.contains(part) == true, "\(part)")
            }
        }
        let cells = try folder.error("rows.csv", "text,good,bad\na,1,0\n") {
            $0.requiresLabel = true
        }
        #expect(cells?.description.contains(#""text", "good", "bad""#) == true)
    }
}

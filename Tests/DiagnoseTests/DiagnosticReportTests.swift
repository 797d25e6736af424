import AttentionModels
import Diagnose
import Foundation
import JSON
import TestSupport
import Testing
import Warrant

#if canImport(FoundationXML)
import FoundationXML
#endif

/// What is written of findings can be read: by programs, and by people.
@Suite("Reports of diagnostics") struct DiagnosticReportTests {
    /// Expects every file to be what its name says.
    private func check(
        _ report: DiagnosticReport, _ place: Comment? = nil,
        _ location: Testing.SourceLocation = #_sourceLocation
    ) throws {
        for text in [report.json] + report.texts {
            let value = try JSONValue(json: Array(text.write().utf8), file: "summary.json")
            #expect(value.object != nil, place, sourceLocation: location)
        }
        _ = try XMLDocument(xmlString: report.picture.svg())
        for content in [report.json.write(), report.markdown, report.csv] {
            #expect(
                content.firstMatch(of: /(?i)\b(nan|inf|infinity|nil|optional)\b/) == nil, place,
                sourceLocation: location)
            #expect(
                content.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 }, place,
                sourceLocation: location)
        }
        let rows = try #require(records(report.csv))
        #expect(Set(rows.map(\.count)).count == 1, place, sourceLocation: location)
        #expect(
            rows.count == report.tables.reduce(0) { $0 + 1 + $1.rows.count }, place,
            sourceLocation: location)
        #expect(rows.allSatisfy { !$0[0].isEmpty }, place, sourceLocation: location)
        for table in report.tables {
            let lines = table.markdown.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(lines.count == 2 + table.rows.count, place, sourceLocation: location)
            for line in lines {
                let cells = line.replacing(/\\./, with: "").split(
                    separator: "|", omittingEmptySubsequences: false)
                #expect(
                    cells.count == table.header.count + 2, "\(line)", sourceLocation: location)
            }
            #expect(
                table.rows.allSatisfy { $0.count == table.header.count }, place,
                sourceLocation: location)
        }
        let prose = report.sentences.joined(separator: " ")
        #expect(
            report.sentences.allSatisfy { $0.last == "." && $0.first?.isLowercase == false },
            "\(prose)", sourceLocation: location)
        #expect(
            prose.firstMatch(of: /\b1 (texts|seeds|permutations|steps)\b/) == nil, "\(prose)",
            sourceLocation: location)
        #expect(
            !prose.contains("  ") && !prose.contains(".."), "\(prose)", sourceLocation: location)
    }

    /// The records of RFC 4180; nil for what breaks its rules.
    private func records(_ csv: String) -> [[String]]? {
        var rows: [[String]] = []
        var row: [String] = []
        var rest = Array(csv.unicodeScalars)[...]
        while !rest.isEmpty {
            var field = String.UnicodeScalarView()
            if rest.first == "\"" {
                rest = rest.dropFirst()
                while let next = rest.popFirst() {
                    if next != "\"" {
                        field.append(next)
                    } else if rest.first == "\"" {
                        field.append("\"")
                        rest = rest.dropFirst()
                    } else {
                        break
                    }
                }
            } else {
                while let next = rest.first, next != ",", next != "\n" {
                    guard next != "\"", next != "\r" else { return nil }
                    field.append(next)
                    rest = rest.dropFirst()
                }
            }
            row.append(String(field))
            guard let end = rest.popFirst(), end == "," || end == "\n" else { return nil }
            if end == "\n" {
                rows.append(row)
                row = []
            }
        }
        return row.isEmpty ? rows : nil
    }

    @Test(arguments: QuickDiagnostic.all)
    func filesAreWhatTheirNamesSay(_ quick: QuickDiagnostic) throws {
        let report = try quick.report().report
        try check(report)
        #expect(report.title.hasPrefix(quick.name))
        let summary = try JSONValue(json: Array(report.json.write().utf8), file: "summary.json")
        #expect(summary["diagnostic"]?.string == quick.name)
        #expect(report.markdown.hasPrefix(report.title.prefix(20)))
        if !["relevance", "copying"].contains(quick.name) {
            #expect(summary["data"]?.string == "tiny.jsonl")
            #expect(summary["labels"]?.array?.compactMap(\.string) == ["negative", "positive"])
            #expect(summary["model"]?["encoder"]?.string == "lstm")
            #expect(report.title.contains("lstm, tanh attention, random embeddings, seed 1"))
        }
    }

    @Test(arguments: QuickDiagnostic.cheap + ["uniform", "seeds", "guide"].map { .named($0) })
    func namesFromDataAreSafeEverywhere(_ quick: QuickDiagnostic) throws {
        var tiny = TinySubject()
        tiny.labels = ["*x*\r\n=`y`\\", "a|b,\"\n<&\u{1b}[31m\u{202e}"]
        let report = try quick.report(tiny, data: "t,\"|\n_<x>\u{7}.jsonl").report
        try check(report)
        let summary = try JSONValue(json: Array(report.json.write().utf8), file: "summary.json")
        #expect(summary["labels"]?.array?.compactMap(\.string) == tiny.labels)
        for scalar in ["\u{1b}", "\u{202e}", "\u{7}"] as [Unicode.Scalar] {
            for content in report.contents {
                #expect(!content.unicodeScalars.contains(scalar))
            }
        }
    }

    @Test(arguments: [3, 4])
    func moreClassesThanTwoAreTold(_ classes: Int) throws {
        var tiny = TinySubject()
        tiny.labels = Array(["a", "b", "c", "d"].prefix(classes))
        for quick in QuickDiagnostic.all where quick.name != "relevance" && quick.name != "copying"
        {
            let report = try quick.report(tiny).report
            try check(report, "\(quick.name)")
            let summary = try JSONValue(json: Array(report.json.write().utf8), file: "s")
            if quick.name == "correlation" {
                let groups = try #require(summary["attention_gradient"]?.object)
                #expect(groups.count == (classes < 4 ? 1 + classes : 1))
            }
        }
        #expect(throws: WarrantError.self) { try QuickDiagnostic.named("relevance").report(tiny) }
    }

    @Test func pairsOfTextsAreTold() throws {
        var tiny = TinySubject()
        tiny.asks = true
        for quick in QuickDiagnostic.cheap + [.named("seeds"), .named("divergence")] {
            try check(try quick.report(tiny).report, "\(quick.name)")
        }
        let error = #expect(throws: WarrantError.self) {
            try QuickDiagnostic.named("relevance").report(tiny)
        }
        #expect(error?.kind == .wrongUsage && error?.description.contains("queries") == true)
    }

    @Test func textsOfOneWordAreLeftOutAndCounted() throws {
        for quick in QuickDiagnostic.cheap {
            let report = try quick.report().report
            let summary = try JSONValue(json: Array(report.json.write().utf8), file: "s")
            #expect(summary["texts_of_one_word"]?.integer == 1)
            #expect(report.texts.count == 9 && summary["test"]?["n"]?.integer == 10)
            #expect(report.markdown.contains("1 text of one word is left out."))
        }
    }

    @Test func whereNoTextHasTwoWordsThatIsWhatIsTold() throws {
        var tiny = TinySubject()
        tiny.longest = 1
        tiny.extras = []
        for quick in QuickDiagnostic.all where quick.name != "copying" {
            let report = try quick.report(tiny).report
            try check(report, "\(quick.name)")
            guard QuickDiagnostic.cheap.contains(where: { $0.name == quick.name }) else { continue }
            #expect(report.sentences[0].hasPrefix("No text has two words"), "\(quick.name)")
            #expect(report.texts.isEmpty)
        }
    }

    @Test func aSingleTextIsToldInTheSingular() throws {
        var tiny = TinySubject()
        tiny.extras = []
        var data = try tiny.data()
        let rows = data.test
        data = try TrainingData(train: data.train, dev: data.dev, test: [rows[0]], seed: 0)
        for quick in QuickDiagnostic.all where quick.name != "copying" {
            let run = try AttentionRun(tiny.options, workers: Workers(threads: 1)) { [data] in data
            }
            let words = WordSubject(run, data: "one")
            let report = try quick.diagnostic.report(
                .words(words), in: StageGraph(remembering: DiagnosticMemory.stages), words.context)
            try check(report, "\(quick.name)")
        }
    }
}

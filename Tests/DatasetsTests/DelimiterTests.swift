import TestSupport
import Testing
import Warrant

@Suite struct DelimiterTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func read(
        _ text: String, _ change: (inout DatasetOptions) -> Void = { _ in }
    ) throws -> (rows: [Example], notices: [String]) {
        var options = DatasetOptions()
        change(&options)
        var notices: [String] = []
        let rows = try ExampleReader.examples(path: folder.file("rows.csv", text), options: options)
        {
            notices.append($0)
        }
        return (rows, notices)
    }

    @Test func theHeaderShowsWhatPartsColumns() throws {
        for (delimiter, name) in [(";", "semicolons"), ("\t", "tabs"), ("|", "pipes")] {
            let table =
                "text\(delimiter)label\n\"a\(delimiter) \"\"b\"\"\nc\"\(delimiter)1\nd, e\(delimiter)2\n"
            let (rows, notices) = try read(table)
            #expect(rows.map(\.text) == ["a\(delimiter) \"b\"\nc", "d, e"], "\(name)")
            #expect(rows.map(\.label) == ["1", "2"])
            #expect(notices.count == 1 && notices[0].contains(name), "\(notices)")
        }
        #expect(try read("\"text\";\"label\"\na;1\n").rows.map(\.label) == ["1"])
        // The first of the candidates that gives the wanted columns.
        #expect(try read("a;b|text|label\nx|t|1\n").rows.map(\.text) == ["t"])
    }

    @Test func commasAndSingleColumnsStayWhatTheyAre() throws {
        for (text, texts) in [
            ("text,a;b\nx;y,1\n", ["x;y"]), ("text\nx;y\n", ["x;y"]), ("\"text\"\nx|y\n", ["x|y"]),
        ] {
            let (rows, notices) = try read(text)
            #expect(rows.map(\.text) == texts && notices.isEmpty)
        }
        let named = try read("my;text\na;b\n") { $0.textColumn = .name("my;text") }
        #expect(named.rows.map(\.text) == ["a;b"] && named.notices.isEmpty)
        // Without a header there is nothing to tell it from.
        #expect(
            try read("a; b\nc; d\n") { $0.textColumn = .number(1) }.rows.map(\.text) == [
                "a; b", "c; d",
            ])
    }

    @Test func aDelimiterCanBeGivenOrDeclared() throws {
        for (argument, character) in [
            ("semicolon", ";"), ("tab", "\t"), ("pipe", "|"), ("comma", ","), ("~", "~"),
        ] {
            let (rows, notices) = try read(
                "text\(character)label\n\"a\(character)b\"\(character)1\n"
            ) {
                $0.delimiter = Delimiter(argument)
            }
            #expect(rows.map(\.text) == ["a\(character)b"] && notices.isEmpty, "\(argument)")
        }
        #expect(try read("sep=;\r\ntext;label\r\na,b;1\r\n").rows.map(\.text) == ["a,b"])
        for argument in ["", "ab", "\"", "\n", "é", "tabs"] { #expect(Delimiter(argument) == nil) }
    }

    @Test func errorsFollowTheDelimiter() throws {
        let columns = try folder.error("rows.csv", "body;stars\nx;1\n")
        #expect(columns?.description.contains(#"the columns are "body", "stars""#) == true)
        let one = try folder.error("rows.tsv", "body,stars\nx,1\n")
        #expect(one?.description.contains("--delimiter") == true)
        let quote = try folder.error("rows.csv", "text;label\n\"a\"b;1\n")
        #expect(quote?.description.contains(#"expected ";""#) == true)
        for name in ["rows.jsonl", "rows.tsv"] {
            var options = DatasetOptions()
            options.delimiter = Delimiter(";")
            options.format = DatasetFormat(fileName: name)
            let error = folder.error(path: try folder.file(name, ""), options)
            #expect(
                error?.kind == .wrongUsage && error?.description.contains("--delimiter") == true)
        }
    }
}

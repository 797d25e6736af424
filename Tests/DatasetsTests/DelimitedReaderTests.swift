import TestSupport
import Testing
import Warrant

@Suite struct DelimitedReaderTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func defaultColumnsAreFoundByTheirNames() throws {
        let examples = try folder.examples(
            "rows.tsv", "ID\tsentence\tlabel\tquery\nx\ta film\t1\twhy ?\r\ny\tb\t0\t\n")
        #expect(examples.map(\.id) == ["x", "y"])
        #expect(examples.map(\.text) == ["a film", "b"])
        #expect(examples.map(\.label) == ["1", "0"])
        #expect(examples.map(\.query) == ["why ?", nil])
        #expect(examples.map(\.location.line) == [2, 3])
    }

    @Test func columnsByNumberAloneNeedNoHeader() throws {
        let examples = try folder.examples("rows.csv", "3,Title,Body\n1,T,B\n") {
            $0.textColumn = .number(3)
            $0.labelColumn = .number(1)
        }
        #expect(examples.map(\.text) == ["Body", "B"])
        #expect(examples.map(\.label) == ["3", "1"])
    }

    @Test func aHeaderCanBeDeclaredForColumnsByNumber() throws {
        let examples = try folder.examples("rows.csv", "label,body\n1,B\n") {
            $0.textColumn = .number(2)
            $0.hasHeader = true
        }
        #expect(examples.map(\.text) == ["B"])
        #expect(examples.map(\.label) == ["1"])
    }

    @Test func columnsByNameAndNumberMix() throws {
        let examples = try folder.examples("rows.csv", "a,b,c\n1,2,3\n") {
            $0.textColumn = .number(2)
            $0.labelColumn = .name("c")
        }
        #expect(examples.map(\.text) == ["2"])
        #expect(examples.map(\.label) == ["3"])
    }

    @Test func quotedFieldsHoldSeparatorsQuotesAndLineBreaks() throws {
        let examples = try folder.examples(
            "rows.csv", "label,text\r\n1,\"a, \"\"b\"\"\r\nc\nd\"\r\n\"2\",\"\"\r\n3,x \"y\" z\n")
        #expect(examples.map(\.text) == ["a, \"b\"\r\nc\nd", "", "x \"y\" z"])
        #expect(examples.map(\.label) == ["1", "2", "3"])
        #expect(examples.map(\.location.line) == [2, 5, 6])
    }

    @Test func quotesArePlainInTabSeparatedRows() throws {
        let examples = try folder.examples("rows.tsv", "text\tlabel\n\"a\t1\nb \"\" c\t0\n")
        #expect(examples.map(\.text) == ["\"a", "b \"\" c"])
    }

    @Test func emptyLinesAreLeftOutAndEmptyFieldsAreKept() throws {
        let examples = try folder.examples("rows.csv", "\ntext,label\n\n,\na,\n\n")
        #expect(examples.map(\.text) == ["", "a"])
        #expect(examples.map(\.label) == ["", ""])
        #expect(examples.map(\.location.line) == [4, 5])
    }

    @Test func anyTableSurvivesBeingWrittenAndRead() throws {
        var generator = SystemRandomNumberGenerator()
        let pieces = ["a", ",", "\"", "\n", "\r\n", "é", "🙂", " ", "\t", "词"]
        for _ in 0..<50 {
            let texts = (0..<Int.random(in: 1...60, using: &generator)).map { _ in
                (0..<Int.random(in: 0...40)).map { _ in pieces.randomElement() ?? "" }.joined()
            }
            let rows = texts.map { text in
                var quoted = ""
                for scalar in text.unicodeScalars {
                    quoted.unicodeScalars.append(
                        contentsOf: scalar == "\"" ? ["\"", "\""] : [scalar])
                }
                return "\"\(quoted)\",0"
            }
            let examples = try folder.examples(
                "rows.csv", "text,label\n" + rows.joined(separator: "\n"))
            // Compared by bytes: as strings, canonically equivalent texts are equal.
            #expect(examples.map { Array($0.text.utf8) } == texts.map { Array($0.utf8) })
        }
    }

    @Test func rowsAreWholeWhereverABufferEnds() throws {
        // Rows of growing length put a row across the end of every buffer the reader fills.
        let texts = (0..<2_000).map { String(repeating: "é", count: $0 % 997) + "\($0)" }
        let examples = try folder.examples(
            "rows.tsv", "text\tlabel\n" + texts.map { $0 + "\t1\n" }.joined())
        #expect(examples.map(\.text) == texts)
        let long = String(repeating: "x", count: 700_000)
        #expect(
            try folder.examples("rows.csv", "text\n\(long)\n\"\(long)\"").map(\.text) == [
                long, long,
            ])
    }

    @Test func aMissingColumnIsAnErrorThatListsTheColumns() throws {
        let unnamed = try #require(try folder.error("rows.csv", "body,stars\nx,1\n"))
        #expect(unnamed.kind == .badData)
        #expect(unnamed.description.hasPrefix("rows.csv:1: no column is named text, sentence"))
        #expect(unnamed.description.contains(#"the columns are "body", "stars""#))
        #expect(unnamed.description.contains("--text-column"))

        let named = try folder.error("rows.csv", "body,stars\nx,1\n") {
            $0.textColumn = .name("review")
        }
        #expect(
            named?.description.contains(#"no column is named "review"; the columns are "#) == true)

        let numbered = try folder.error("rows.csv", "x,1\n") {
            $0.textColumn = .number(1)
            $0.labelColumn = .number(3)
        }
        #expect(numbered?.description.contains("a number from 1 to 2") == true)

        let zero = try folder.error("rows.csv", "x,1\n") { $0.textColumn = .number(0) }
        #expect(zero?.description.contains("a number from 1 to 2") == true)

        let unlabelled = try folder.error("rows.csv", "text,stars\nx,1\n") {
            $0.requiresLabel = true
        }
        #expect(unlabelled?.description.contains("--label-column") == true)
    }

    @Test func aColumnNamedTwiceIsAnError() throws {
        let error = try folder.error("rows.csv", "a,a\nx,1\n") { $0.textColumn = .name("a") }
        #expect(error?.description.contains("more than one column") == true)
        for header in ["text,text", "text,label,label", "text,label,Label"] {
            let error = try folder.error("rows.csv", "\(header)\nx,1,2\n") {
                $0.requiresLabel = true
            }
            #expect(error?.description.contains("more than one column") == true, "\(header)")
        }
        #expect(
            try folder.error("rows.csv", "text,label,label\nx,1,2\n") { _ in } == nil,
            "nobody asked for labels")
    }

    @Test func theLabelMayNotBeTheText() throws {
        let error = try folder.error("rows.csv", "x,1\n") {
            $0.textColumn = .number(1)
            $0.labelColumn = .number(1)
        }
        #expect(error?.kind == .wrongUsage)
    }

    @Test func aRowOfAnotherLengthIsAnError() throws {
        let error = try folder.error("rows.tsv", "text\tlabel\na\t1\nb\t1\t2\n")
        #expect(error?.kind == .badData)
        #expect(
            error?.description.hasPrefix("rows.tsv:3: the row has 3 columns; expected 2") == true)
    }

    @Test func aQuoteThatNeverClosesIsAnErrorWhereItOpened() throws {
        let error = try folder.error("rows.csv", "text,label\na,1\n\"b\n\",\"c\nd\ne\n")
        #expect(error?.kind == .badData)
        #expect(error?.description.hasPrefix("rows.csv:4: a quote that opens here") == true)
    }

    @Test func textAfterAClosingQuoteIsAnError() throws {
        let error = try folder.error("rows.csv", "text,label\n\"a\"b,1\n")
        #expect(
            error?.description.hasPrefix("rows.csv:2: text follows a closing quote at byte 4")
                == true)
    }

    @Test func anEmptyLabelIsAnErrorWhereLabelsAreRequired() throws {
        #expect(try folder.error("rows.tsv", "text\tlabel\na\t1\nb\t \n") == nil)
        let error = try folder.error("rows.tsv", "text\tlabel\na\t1\nb\t \n") {
            $0.requiresLabel = true
        }
        #expect(error?.description.hasPrefix("rows.tsv:3: the label is missing") == true)
    }
}

import Foundation
import TestSupport
import Testing
import Warrant

@Suite struct ExampleReaderTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func plainTextIsADocumentALine() throws {
        let examples = try folder.examples("rows.txt", "a film\r\n\n \"b\",\tc")
        #expect(examples.map(\.text) == ["a film", "", " \"b\",\tc"])
        #expect(examples.map(\.location.line) == [1, 2, 3])
    }

    @Test func theFormatIsToldFromTheNameOrGiven() throws {
        #expect(DatasetFormat(fileName: "a/b.c/Rows.NDJSON") == .jsonLines)
        #expect(DatasetFormat(fileName: "rows.tab") == .tsv)
        #expect(DatasetFormat(fileName: "rows.csv.gz") == .csv)
        #expect(DatasetFormat(fileName: "folder.csv/rows") == nil)
        #expect(try DatasetFormat(named: "jsonl") == .jsonLines)

        let error = try folder.error("numpred.val", "VBZ\ta\n")
        #expect(error?.kind == .wrongUsage)
        #expect(error?.description.contains("jsonl, csv, tsv, text, eraser") == true)
        let given = try folder.examples("numpred.val", "VBZ\ta b\n") {
            $0.format = .tsv
            $0.textColumn = ColumnName("2")
            $0.labelColumn = ColumnName("1")
        }
        #expect(given.map(\.text) == ["a b"])
    }

    @Test func anUnknownFormatIsAnErrorThatListsTheKnownOnes() {
        let error = #expect(throws: DatasetError.self) { try DatasetFormat(named: "xml") }
        #expect(error?.kind.exitStatus == 64)
        #expect(error?.description.contains("jsonl, csv, tsv, text, eraser") == true)
    }

    @Test func digitsAloneAreAColumnsPosition() {
        #expect(ColumnName("3") == .number(3))
        #expect(ColumnName("3a") == .name("3a"))
        #expect(ColumnName("-1") == .name("-1"))
        #expect(ColumnName("") == .name(""))
    }

    @Test func aMissingFileIsAMissingInput() {
        let error = folder.error(path: folder.path + "/none.csv")
        #expect(error?.kind.exitStatus == 66)
        #expect(error?.description == "none.csv: no such file; check the path")
    }

    @Test func aFolderIsNoFile() throws {
        try folder.file("rows.csv/x", "")
        var options = DatasetOptions()
        options.format = .csv
        let error = folder.error(path: folder.path + "/rows.csv", options)
        #expect(error?.kind == .missingInput)
        #expect(error?.description.contains("is a folder") == true)
    }

    @Test(arguments: [
        ("rows.jsonl", ""), ("rows.csv", "text,label\n"), ("rows.tsv", "\n\n"), ("rows.txt", ""),
    ])
    func noRowsAreAnErrorUnlessAllowed(name: String, text: String) throws {
        let error = try folder.error(name, text)
        #expect(error?.kind.exitStatus == 65)
        #expect(error?.description.hasPrefix("\(name): there are no rows") == true)
        #expect(try folder.error(name, text) { $0.allowsNoRows = true } == nil)
    }

    @Test(
        arguments: [
            ([0x61, 0xFF], 2), ([0xC0, 0x80], 1), ([0xED, 0xA0, 0x80], 1),
            ([0xF4, 0x90, 0x80, 0x80], 1),
            ([0x61, 0xE2, 0x82], 2), (Array(repeating: 0x61, count: 19) + [0xC3, 0x28], 20),
            ([0xE0, 0x80, 0x80], 1), ([0xF0, 0x80, 0x80, 0x80], 1), ([0xC3, 0xA9, 0x80], 3),
        ] as [([UInt8], Int)])
    func invalidUTF8IsAnErrorThatNamesTheByte(bytes: [UInt8], position: Int) throws {
        let error = try folder.error("rows.txt", bytes: Array("fine é\n".utf8) + bytes)
        #expect(error?.kind == .badData)
        #expect(error?.description.hasPrefix("rows.txt:2: byte \(position) of the line") == true)
    }

    @Test func theUTF8CheckAgreesWithTheStandardLibrary() throws {
        var generator = SystemRandomNumberGenerator()
        let alphabet: [UInt8] = [
            0x41, 0x41, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC1, 0xC2, 0xE0, 0xE1, 0xED, 0xF0,
            0xF1,
            0xF4, 0xF5,
        ]
        for _ in 0..<2_000 {
            let bytes = (0..<Int.random(in: 1...12, using: &generator)).map { _ in
                alphabet.randomElement(using: &generator) ?? 0x41
            }
            let isValid = String(validating: bytes, as: UTF8.self) != nil
            #expect((try folder.error("rows.txt", bytes: bytes) == nil) == isValid, "\(bytes)")
        }
    }

    @Test func nulIsAnError() throws {
        let error = try folder.error("rows.txt", "0123456789abcdef\nabcdefghijk\u{0}m\n")
        #expect(error?.description.hasPrefix("rows.txt:2: byte 12 of the line is NUL") == true)
    }

    @Test func aRowBeyondTheLimitIsAnError() throws {
        let long = String(repeating: "x", count: 300_000)
        for (name, text, line) in [
            ("rows.txt", "a\n" + long + "\nb\n", 2), ("rows.txt", long, 1),
            ("rows.csv", "text\n\"" + String(repeating: "x\n", count: 150_000) + "\"\n", 2),
        ] {
            #expect(try folder.error(name, text) { $0.maximumRowBytes = 300_000 * 2 } == nil)
            let error = try folder.error(name, text) { $0.maximumRowBytes = 200_000 }
            #expect(error?.description.hasPrefix("\(name):\(line): the row is longer than") == true)
        }
    }

    @Test func plainTextHasNoLabels() throws {
        let error = try folder.error("rows.txt", "a\n") { $0.requiresLabel = true }
        #expect(error?.description.contains("plain text has no labels") == true)
    }

    @Test func aPipesRowIsReadBeforeThePipeEnds() throws {
        let pipe = Pipe()
        var reader = try ExampleReader(
            descriptor: pipe.fileHandleForReading.fileDescriptor, name: "a pipe")
        let writer = pipe.fileHandleForWriting

        try writer.write(contentsOf: Data("{\"text\":\"a\"}\n{\"te".utf8))
        #expect(try reader.next()?.text == "a")
        try writer.write(contentsOf: Data("xt\":\"b\"}\n{\"text\":\"c\"}".utf8))
        #expect(try reader.next()?.text == "b")
        try writer.close()
        let last = try reader.next()
        #expect(last?.text == "c")
        #expect(last?.location.description == "a pipe:3")
        #expect(try reader.next() == nil)
        #expect(try reader.next() == nil)
    }

    @Test func eraserCannotBeReadFromStandardInput() {
        var options = DatasetOptions()
        options.format = .eraser
        #expect(folder.error(path: "-", options)?.kind == .wrongUsage)
    }
}

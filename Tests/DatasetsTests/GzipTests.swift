import Foundation
import TestSupport
import Testing
import Warrant

@Suite struct GzipTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func texts(_ name: String, _ bytes: [UInt8]) throws -> [String] {
        try ExampleReader.examples(path: folder.file(name, bytes: bytes)).map(\.text)
    }

    @Test func rowsOfAnyFormatAreUnpackedWhateverTheName() throws {
        #expect(try texts("a.csv.gz", gzip("text,label\nx,1\n".utf8)) == ["x"])
        #expect(try texts("a.tsv.GZ", gzip("text\tlabel\nx\t1\n".utf8)) == ["x"])
        #expect(try texts("a.txt", gzip("x\ny".utf8)) == ["x", "y"])
        #expect(try texts("a.jsonl.gz", gzip("\u{FEFF}{\"text\": \"x\"}\n".utf8)) == ["x"])
        #expect(try texts("b.json.gz", gzip(#"[{"text": "x"}]"#.utf8)) == ["x"])
        #expect(try texts("plain.jsonl.gz", Array(#"{"text": "x"}"#.utf8)) == ["x"])
    }

    @Test func membersFollowEachOtherAndZerosMayFollowThem() throws {
        let long = (0..<40_000).map { "row \($0) é" }
        let text = Array(long.joined(separator: "\n").utf8)
        for cut in [0, 1, 70_000, text.count] {
            let file = gzip(text[..<cut]) + gzip(text[cut...]) + [0, 0, 0]
            #expect(try texts("a.txt.gz", file) == long, "\(cut)")
        }
    }

    @Test func aFileThatIsCutOffIsNeverAShorterFile() throws {
        let rows = gzip("one\ntwo\nthree\n".utf8)
        let file = rows + rows
        // Where one member ends the file is whole.
        for length in (3..<file.count) where length != rows.count {
            let error = try #require(
                try folder.error("a.txt.gz", bytes: Array(file[..<length])), "\(length)")
            #expect(error.kind == .badData)
            #expect(error.description.hasPrefix("a.txt.gz: the gzip file"), "\(length)")
        }
    }

    @Test func alteredBytesAreFound() throws {
        let rows = gzip("one\ntwo\nthree\n".utf8)
        // The header's time and system say nothing of the rows.
        for place in Array(2..<4) + Array(10..<rows.count) {
            var altered = rows
            altered[place] ^= 0x04
            let error = try folder.error("a.txt.gz", bytes: altered)
            #expect(error?.kind == .badData, "byte \(place)")
        }
        let garbage = try folder.error("a.txt.gz", bytes: rows + Array("more\n".utf8))
        #expect(garbage?.kind == .badData)
    }

    @Test func aRowsLimitHoldsForWhatIsUnpacked() throws {
        let file = gzip(Array(repeating: UInt8(ascii: "x"), count: 300_000))
        let error = try folder.error("a.txt.gz", bytes: file) { $0.maximumRowBytes = 200_000 }
        #expect(error?.description.contains("longer than 200000 bytes") == true)
    }

    @Test func aPipesRowIsUnpackedBeforeThePipeEnds() throws {
        let pipe = Pipe()
        var reader = try ExampleReader(
            descriptor: pipe.fileHandleForReading.fileDescriptor, name: "a pipe")
        let writer = pipe.fileHandleForWriting
        try writer.write(contentsOf: gzip("{\"text\":\"a\"}\n".utf8))
        #expect(try reader.next()?.text == "a")
        try writer.write(contentsOf: gzip("{\"text\":\"b\"}\n".utf8))
        try writer.close()
        #expect(try reader.next()?.text == "b")
        #expect(try reader.next() == nil)
    }

    @Test(
        arguments: [
            ("xz", [0xFD, 0x37, 0x7A, 0x58, 0x5A, 0x00]), ("zstd", [0x28, 0xB5, 0x2F, 0xFD, 0, 0]),
            ("bzip2", [0x42, 0x5A, 0x68, 0x39, 0x31, 0x41, 0x59]),
            ("zip", [0x50, 0x4B, 0x03, 0x04, 0, 0]),
        ] as [(String, [UInt8])])
    func otherPackersAreNamedWithTheCommandThatUnpacks(name: String, magic: [UInt8]) throws {
        for file in ["a.csv", "a.csv.xz", "a.jsonl.zst", "a.txt.bz2"] {
            let error = try #require(try folder.error(file, bytes: magic + [1, 2, 3, 10]))
            #expect(error.kind == .badData)
            #expect(error.description.contains("packed by \(name)"))
            #expect(error.description.contains(" \(file) | warrant"))
        }
        #expect(try texts("a.txt", Array("BZh9 is text\n".utf8)) == ["BZh9 is text"])
        #expect(try texts("a.txt", Array("B".utf8)) == ["B"])
    }
}

import Foundation
import TestSupport
import Testing
import Warrant

@Suite struct JSONArrayTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    @Test func anArraysElementsAreRows() throws {
        let rows = [
            #"{"text": "a ] } \" \\", "other": [{"x": "{"}]}"#, #"{"id": 3, "text": "é\n🙂"}"#,
            #"{"text": ""}"#,
        ]
        for text in [
            "[" + rows.joined(separator: ",") + "]",
            "\u{FEFF}\n \n[\n  " + rows.joined(separator: ",\n\n  ") + "\n]\n\n",
            " [ " + rows.map { $0.replacing(", ", with: "\n,\t") }.joined(separator: " , ") + " ] ",
        ] {
            let examples = try folder.examples("rows.json", text)
            #expect(examples.map(\.text) == ["a ] } \" \\", "é\n🙂", ""])
            #expect(examples.map(\.id) == [nil, "3", nil])
        }
        let pretty = try folder.examples(
            "rows.json", "[\n{\n\"text\": \"a\"\n},\n{\"text\": \"b\"}\n]")
        #expect(pretty.map(\.location.line) == [2, 5])
        #expect(try folder.error("rows.json", "[ ]\n")?.description.contains("no rows") == true)
    }

    @Test func errorsNameTheLineOfTheElement() throws {
        func error(_ text: String) throws -> String? {
            try folder.error("rows.json", text)?.description
        }
        #expect(
            try error("[{\"text\": \"a\"},\n{\n \"text\": \"b\",\n \"x\": NaN}]")?
                .hasPrefix(#"rows.json:4: element 2: the field "x" holds NaN"#) == true)
        #expect(
            try error("[{\"text\": \"a\"},\n\n{\"id\": 1}]")?
                .hasPrefix("rows.json:3: element 2: there is no")
                == true)
        for (text, line) in [
            ("[\n1]", 2), ("[{\"text\": \"a\"}\n{\"text\": \"b\"}]", 2),
            ("[{\"text\": \"a\"},\n]", 2),
            ("[{\"text\": \"a\"}]\n\nx", 3), ("[{\"text\": \"a\"},\n", 2),
            ("[\n{\"text\": \"a\"", 2),
            ("[", 1), ("[[{\"text\": \"a\"}]]", 1), ("[,]", 1),
        ] {
            #expect(try error(text)?.hasPrefix("rows.json:\(line): ") == true, "\(text)")
        }
    }

    @Test func elementsThatAreNoObjectsAreNamedAndTheOthersRead() throws {
        let path = try folder.file(
            "rows.json",
            #"[{"text": "a"}, null, {"text": "b"},"# + "\n"
                + #" -1.5e3 ,"x, ]\"{",[1, {"y": "]"}],true,{"id": 1}, {"text": "c"}]"#)
        var reader = try ExampleReader(path: path)
        var (texts, errors): ([String], [String]) = ([], [])
        while true {
            do {
                guard let row = try reader.next() else { break }
                texts.append(row.text)
            } catch {
                errors.append(error.description)
                try #require(reader.canContinue)
            }
        }
        #expect(texts == ["a", "b", "c"])
        let places = errors.compactMap { $0.firstMatch(of: /:(\d+): element (\d+):/)?.output }
        #expect(places.map { "\($0.1) \($0.2)" } == ["1 2", "2 4", "2 5", "2 6", "2 7", "2 8"])
        #expect(errors.prefix(5).allSatisfy { $0.contains("not an object; expected one such as") })
        for (text, said) in [
            ("[{\"text\": \"a\"},]", "comma stands behind the array's last element"),
            ("[,{\"text\": \"a\"}]", "comma stands where an element is expected"),
            ("[{\"text\": \"a\"},,]", "comma stands where an element is expected"),
        ] {
            let error = try folder.error("rows.json", text)
            #expect(error?.description.contains(said) == true, "\(text)")
        }
    }

    @Test func anElementIsHandedOutBeforeThePipeEnds() throws {
        let pipe = Pipe()
        var reader = try ExampleReader(
            descriptor: pipe.fileHandleForReading.fileDescriptor, name: "a pipe")
        let writer = pipe.fileHandleForWriting
        try writer.write(contentsOf: Data("[{\"text\":\"a\"},{\"te".utf8))
        #expect(try reader.next()?.text == "a")
        #expect(reader.mustWait)
        try writer.write(contentsOf: Data("xt\":\"b\"}".utf8))
        #expect(!reader.mustWait)
        #expect(try reader.next()?.text == "b")
        #expect(reader.mustWait)
        try writer.write(contentsOf: Data("]".utf8))
        try writer.close()
        #expect(try reader.next() == nil)
    }

    @Test func anElementIsBounded() throws {
        let long = #"[{"text": "a"}, {"text": ""# + String(repeating: "x", count: 300_000) + #""}]"#
        #expect(try folder.examples("rows.json", long).count == 2)
        let error = try folder.error("rows.json", long) { $0.maximumRowBytes = 200_000 }
        #expect(error?.description.contains("longer than 200000 bytes") == true)
        // An array may be longer than a row, in one line.
        let many =
            "[" + Array(repeating: #"{"text": "abc"}"#, count: 20_000).joined(separator: ",") + "]"
        #expect(
            try folder.examples("rows.json", many) { $0.maximumRowBytes = 200_000 }.count == 20_000)
    }

    @Test func rowsOfOneObjectAreRefusedWithTheCommandThatWritesThem() throws {
        let lines = try folder.error("rows.json", "{\n  \"text\": \"a\"\n}\n")
        #expect(lines?.description.hasPrefix("rows.json:1: ") == true)
        #expect(lines?.description.contains("jq -c . FILE") == true)
        let list = try folder.error("rows.json", #"{"version": 1, "data": [{"text": "a"}]}"#)
        #expect(list?.description.contains("jq -c '.data[]' FILE") == true)
    }

    @Test func anyRowsSurviveBeingWrittenAsAnArray() throws {
        var generator = SystemRandomNumberGenerator()
        let pieces = ["a", "\"", "\\", "[", "]", "{", "}", ",", "\n", "é", "🙂", "\u{1}"]
        for _ in 0..<50 {
            let texts = (0..<Int.random(in: 1...20, using: &generator)).map { _ in
                (0..<Int.random(in: 0...12)).map { _ in pieces.randomElement() ?? "" }.joined()
            }
            let options: [JSONSerialization.WritingOptions] = [[], [.prettyPrinted]]
            for option in options {
                let data = try JSONSerialization.data(
                    withJSONObject: texts.map { ["text": $0] }, options: option)
                let read = try folder.examples("rows.json", String(decoding: data, as: UTF8.self))
                #expect(read.map { Array($0.text.utf8) } == texts.map { Array($0.utf8) })
            }
        }
    }
}

import Foundation
import TestSupport
import Testing
import Warrant

@Suite struct DatasetFolderTests {
    let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    private func read(
        _ path: String, _ change: (inout DatasetOptions) -> Void = { _ in }
    ) throws -> (rows: [Example], notices: [String]) {
        var options = DatasetOptions()
        options.requiresLabel = true
        change(&options)
        var notices: [String] = []
        let rows = try ExampleReader.examples(path: folder.path + path, options: options) {
            notices.append($0)
        }
        return (rows, notices)
    }

    @Test func aFolderForEachClassIsRead() throws {
        for (name, text) in [
            ("pos/10_9.txt", "fine\nfilm\n"), ("pos/2_8.txt", ""), ("neg/a", "bad"),
            ("neg/.hidden", "x"),
            ("Z/z.txt", "last"), ("unsup/1.txt", "nobody knows"), ("labeledBow.feat", "0 1"),
            ("pos/deeper/x.txt", "x"), ("empty/deeper/x.txt", "x"),
        ] { try folder.file("imdb/train/\(name)", text) }
        try FileManager.default.createDirectory(
            atPath: folder.path + "/imdb/train/none", withIntermediateDirectories: false)

        for path in ["/imdb/train", "/imdb/train/"] {
            let (rows, notices) = try read(path)
            #expect(rows.map(\.id) == ["Z/z.txt", "neg/a", "pos/10_9.txt", "pos/2_8.txt"])
            #expect(rows.map(\.label) == ["Z", "neg", "pos", "pos"])
            #expect(rows.map(\.text) == ["last", "bad", "fine\nfilm\n", ""])
            #expect(rows[1].location.description.hasSuffix("/imdb/train/neg/a"))
            try #require(notices.count == 3, "\(notices)")
            #expect(notices[0].contains("train: unsup holds"))
            #expect(notices[1].contains("train: none holds no texts"))
            #expect(notices[2].contains("train: empty/deeper and 1 more is a folder inside"))
        }
        // Where nobody asks for labels there is no reason to leave texts out.
        let all = try read("/imdb/train") { $0.requiresLabel = false }
        #expect(all.rows.count == 5 && all.rows.last?.label == nil && all.notices.count == 2)

        try folder.file("imdb/test/pos/1.txt", "good")
        #expect(try read("/imdb") { $0.split = "test" }.rows.map(\.id) == ["pos/1.txt"])
        let several = folder.error(path: folder.path + "/imdb")
        #expect(several?.kind == .wrongUsage)
        #expect(several?.description.contains("imdb/test, imdb/train") == true)
    }

    @Test func filesThatCannotBeReadAreErrorsAndNotLeftOut() throws {
        for name in ["set/good/a.txt", "set/good/z.txt", "set/worse/1.txt"] {
            try folder.file(name, "fine")
        }
        let set = folder.path + "/set"
        #expect(mkfifo(set + "/good/pipe", 0o600) == 0)
        for name in ["/good/broken", "/gone"] {
            try FileManager.default.createSymbolicLink(
                atPath: set + name, withDestinationPath: "nowhere")
        }
        // File systems of some machines refuse such names.
        let bytes = Array((set + "/good/caf").utf8) + [0xE9, 0x2E, 0x0A]
        let latin = bytes.withUnsafeBufferPointer { name in
            open((name.map { CChar(bitPattern: $0) } + [0]), O_CREAT | O_WRONLY, 0o600)
        }
        if latin >= 0 { close(latin) }
        var reader = try ExampleReader(path: set)
        var (ids, errors): ([String?], [String]) = ([], [])
        while true {
            do {
                guard let row = try reader.next() else { break }
                ids.append(row.id)
            } catch {
                errors.append(
                    error.description.replacingOccurrences(of: folder.path + "/", with: ""))
                #expect(error.kind == .badData && reader.canContinue)
            }
        }
        #expect(ids == ["good/a.txt", "good/z.txt", "worse/1.txt"])
        var expected = [
            "set/gone: is a link to nothing", "set/good/broken: is a link to nothing",
            "set/good/pipe: is no regular file",
        ]
        if latin >= 0 {
            expected.insert("set/good/caf\u{FFFD}.\\u{a}: the name is not UTF-8", at: 2)
        }
        #expect(errors.count == expected.count, "\(errors)")
        for (error, start) in zip(errors, expected) {
            #expect(error.hasPrefix(start), "\(error)")
        }
        #expect(folder.error(path: set)?.kind == .badData)

        try folder.file("other/a/1.txt", "x")
        try folder.file("other/b/1.txt", "x")
        chmod(folder.path + "/other/b", 0)
        defer { chmod(folder.path + "/other/b", 0o700) }
        // The superuser may read it all the same.
        if access(folder.path + "/other/b", R_OK) != 0 {
            let error = folder.error(path: folder.path + "/other")
            #expect(error?.description.hasPrefix("other/b: cannot be opened") == true)
        }
    }

    @Test func whatIsNoTextIsAnErrorThatNamesTheFile() throws {
        try folder.file("set/pos/1.txt", "fine")
        try folder.file("set/pos/2.txt", bytes: [0x61, 0x0A, 0xFF])
        let error = folder.error(path: folder.path + "/set")
        #expect(error?.kind == .badData)
        #expect(error?.description.hasPrefix("set/pos/2.txt:2: byte 1") == true)
        var reader = try ExampleReader(path: folder.path + "/set")
        #expect(try reader.next()?.text == "fine")
        #expect(throws: DatasetError.self) { try reader.next() }
        #expect(reader.canContinue)
        #expect(try reader.next() == nil)
    }

    @Test func aFolderWithoutRowsIsAnErrorThatSaysWhatIsExpected() throws {
        try folder.file("none/a.txt", "x")
        let error = folder.error(path: folder.path + "/none")
        #expect(error?.kind == .missingInput)
        for part in ["folder for each class", "docs.jsonl"] {
            #expect(error?.description.contains(part) == true)
        }
        var options = DatasetOptions()
        options.format = .folders
        #expect(folder.error(path: try folder.file("a.jsonl", ""), options)?.kind == .wrongUsage)
        #expect(folder.error(path: "-", options)?.kind == .wrongUsage)
    }

    @Test func aPipeBesideDocumentsIsReadOnce() async throws {
        try folder.file("set/docs/a", "a film")
        let path = folder.path + "/set/rows.jsonl"
        #expect(mkfifo(path, 0o600) == 0)
        let writer = Process()
        writer.executableURL = URL(fileURLWithPath: "/bin/sh")
        writer.arguments = [
            "-c", "printf '{\"text\": \"a\"}\\n{\"text\": \"b\"}\\n' > \"$0\"", path,
        ]
        try writer.run()
        #expect(try ExampleReader.examples(path: path).map(\.text) == ["a", "b"])
        writer.waitUntilExit()
    }

    private func annotation(_ id: String, _ start: Int, _ end: Int) -> String {
        #"{"annotation_id": "\#(id)", "classification": "x", "evidences": [[{"docid": "\#(id)", "start_token": \#(start), "end_token": \#(end), "text": ""}]]}"#
    }

    @Test func documentsOfOneFileAreRead() throws {
        try folder.file(
            "set/docs.jsonl",
            "\u{FEFF}{\"docid\": \"é\", \"document\": \"a dull film\\nit drags\"}\n\n"
                + "{\"document\": \"x  y\\n\\n z \", \"docid\": 7}\n")
        // ERASER counts the empty tokens between two spaces and of blank lines there.
        try folder.file("set/train.jsonl", annotation("é", 1, 4) + "\n" + annotation("7", 2, 5))
        let rows = try read("/set") { $0.split = "train" }.rows
        #expect(rows.map(\.text) == ["a dull film\nit drags", "x  y\n\n z "])
        #expect(rows.map(\.rationale) == [[1..<4], [1..<3]])
        let split = try EraserSplit(
            annotations: folder.path + "/set/train.jsonl", documents: folder.path + "/set")
        #expect(split.count == 2)
        #expect(
            throws: Never.self,
            performing: {
                try EraserSplit(
                    annotations: folder.path + "/set/train.jsonl",
                    documents: folder.path + "/set/docs.jsonl")
            })

        try folder.file("set/val.jsonl", annotation("8", 0, 1))
        let missing = folder.error(path: folder.path + "/set/val.jsonl")
        #expect(
            missing?.kind == .missingInput && missing?.description.contains("docs.jsonl") == true)
        for (row, line) in [
            ("{\"docid\": \"é\", \"document\": \"\"}", 5), ("{\"docid\": 1}", 5), ("x", 5),
        ] {
            let sound = try String(
                contentsOfFile: folder.path + "/set/docs.jsonl", encoding: .utf8)
            try folder.file("bad/docs.jsonl", sound + "\n" + row)
            try folder.file("bad/val.jsonl", annotation("é", 0, 1))
            let error = folder.error(path: folder.path + "/bad/val.jsonl")
            #expect(error?.description.hasPrefix("bad/docs.jsonl:\(line): ") == true, "\(row)")
        }
    }
}

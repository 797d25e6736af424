import Foundation
import Warrant

/// What each target does with its input.
extension FuzzFixture {
    func readTensors(_ input: [UInt8]) throws {
        let file = try SafetensorsFile(path: write(input, "input.safetensors"))
        for name in file.names {
            // A tensor has one type, and the others are refused.
            _ = try? file.floats(name)
            _ = try? file.int32s(name)
            _ = try? file.int64s(name)
        }
    }

    private static let tokenizerFiles = [
        "added_tokens.json", "merges.txt", "special_tokens_map.json", "tokenizer.json",
        "tokenizer_config.json", "vocab.json", "vocab.txt",
    ]

    func readTokenizer(_ input: [UInt8]) throws {
        for name in Self.tokenizerFiles { remove("tokenizer/\(name)") }
        var text = "A dull , lifeless film . \u{E9}\u{4E2D} [SEP]</s>"
        for part in input.split(separator: 0x1E) {
            let name = String(decoding: part.prefix { $0 != 0x0A }, as: UTF8.self)
            let content = Array(part.dropFirst(name.utf8.count + 1))
            if Self.tokenizerFiles.contains(name) {
                try write(content, "tokenizer/\(name)")
            } else {
                text += String(decoding: content, as: UTF8.self)
            }
        }
        let tokenizer = try openTokenizer(folder: folder.appendingPathComponent("tokenizer"))
        for query in [nil, "is it good ?"] {
            let document = try tokenizer.tokenize(text, query: query, maximumLength: 64)
            precondition(document.ids.allSatisfy { 0 <= $0 && $0 < tokenizer.vocabularySize })
            _ = try tokenizer.chunks(
                of: text, query: query, ChunkSize(length: 32, stride: 8))
        }
    }

    func readRows(_ input: [UInt8]) throws {
        let formats = [DatasetFormat.jsonLines, .csv, .tsv, .text]
        var options = DatasetOptions()
        options.format = formats[Int(input.first ?? 0) % formats.count]
        options.allowsNoRows = true
        let path = try write(Array(input.dropFirst(2)), "rows")
        var reader = try ExampleReader(path: path, options: options)
        while let row = try reader.next() { _ = wordRanges(in: row.text) }
    }

    func readCertificates(_ input: [UInt8]) throws {
        let classifier = model.classifierIdentity
        let reading = try String(decoding: JSONEncoder().encode(classifier.reading), as: UTF8.self)
        let text = String(decoding: input, as: UTF8.self)
            .replacingOccurrences(of: "@DIGEST@", with: classifier.digest)
            .replacingOccurrences(of: "@FILES@", with: classifier.filesDigest ?? "")
            .replacingOccurrences(of: "\"@READING@\"", with: reading)
        struct Line: Decodable { let certificate: Certificate? }
        var isReadable = true
        for line in text.split(separator: "\n").prefix(4) {
            // What the decoder throws is put into words by the command.
            guard let line = try? JSONDecoder().decode(Line.self, from: Data(line.utf8)),
                let certificate = line.certificate
            else {
                isReadable = false
                continue
            }
            _ = try model.check(certificate)
        }
        guard isReadable else { throw WarrantError(.badData, "a line holds no certificate") }
    }

    func readManifest(_ input: [UInt8]) throws {
        let text = String(decoding: input, as: UTF8.self)
            .replacingOccurrences(of: "\"@FILES@\"", with: files)
        try write(Self.sealed(text), "model/warrant.json")
        _ = try RationaleModel(
            folder: folder.appendingPathComponent("model"), threads: 1, precision: .fp32)
    }

    /// A manifest whose digest fits, where it has room for one.
    private static func sealed(_ text: String) -> [UInt8] {
        let key = "\"manifest_sha256\""
        let room = key + ": \"@SEAL@\""
        guard text.components(separatedBy: key).count == 2, text.contains(room) else {
            return Array(text.utf8)
        }
        let blank = key + ": \"" + String(repeating: "0", count: 64) + "\""
        return ManifestDigest.sealed(
            Array(text.replacingOccurrences(of: room, with: blank).utf8))
    }

    func readEraser(_ input: [UInt8]) throws {
        let parts = input.split(separator: 0x1E, maxSplits: 1, omittingEmptySubsequences: false)
        let rows = try write(Array(parts[0]), "eraser/val.jsonl")
        let results = try write(parts.count > 1 ? Array(parts[1]) : [], "results.jsonl")
        var options = DatasetOptions()
        options.format = .eraser
        options.allowsNoRows = true
        _ = try ExampleReader.examples(path: rows, options: options)
        let split = try EraserSplit(
            annotations: rows, documents: folder.appendingPathComponent("eraser/docs").path)
        _ = try split.score(EraserResult.read(path: results), requiresClassification: false)
    }
}

import Encoders
import Files
import Foundation
import Tensors
import TestSupport
import Testing
import Tokenization

@Suite("Weights in several files, and in formats that are not read")
struct CheckpointWeightsTests {
    private static let configuration = EncoderConfiguration(
        hiddenSize: 8, layers: 1, heads: 2, intermediateSize: 16, vocabularySize: 12,
        maximumLength: 16)

    /// Writes an encoder in one file, and the same in two with an index.
    private func encoders() throws -> (whole: TemporaryFolder, parts: TemporaryFolder) {
        let model = SequenceClassifier(Self.configuration, labels: ["a", "b"]).randomized(
            seed: 3, range: 0.5)
        let (whole, parts) = (try TemporaryFolder(), try TemporaryFolder())
        try model.save(to: whole.url)
        try parts.file("config.json", bytes: whole.bytes(of: "config.json"))
        let file = try SafetensorsFile(path: whole.path + "/model.safetensors")
        var map: [String: String] = [:]
        for (number, names) in [file.names.prefix(7), file.names.dropFirst(7)].enumerated() {
            let name = "model-0000\(number + 1)-of-00002.safetensors"
            try writeSafetensors(
                names.map { name in
                    SafetensorsTensor(
                        name: name, shape: file.entry(name)?.shape ?? [],
                        values: try file.floats(name))
                }, to: "\(parts.path)/\(name)")
            for tensor in names { map[tensor] = name }
        }
        try index(map, in: parts)
        return (whole, parts)
    }

    private func index(_ map: [String: String], in folder: TemporaryFolder) throws {
        try folder.file(
            "model.safetensors.index.json",
            bytes: JSONSerialization.data(withJSONObject: ["weight_map": map]))
    }

    private func map(of folder: TemporaryFolder) throws -> [String: String] {
        let data = Data(try folder.bytes(of: "model.safetensors.index.json"))
        let json = try JSONSerialization.jsonObject(with: data) as? [String: [String: String]]
        return try #require(json?["weight_map"])
    }

    private func message(_ folder: TemporaryFolder) -> String {
        do {
            _ = try SequenceClassifier(encoder: folder.url, labels: ["a", "b"], seed: 0)
            return "no error"
        } catch { return "\(error)" }
    }

    @Test func partsGiveTheSameEncoderAsOneFile() throws {
        let (whole, parts) = try encoders()
        let models = try [whole, parts].map {
            try SequenceClassifier(encoder: $0.url, labels: ["a", "b"], seed: 0)
        }
        for (left, right) in zip(models[0].parameters.all, models[1].parameters.all) {
            #expect(
                Array(models[0].parameters[left].buffer)
                    == Array(models[1].parameters[right].buffer), "\(left.name)")
        }
    }

    @Test func whatDoesNotBelongToTheIndexIsNamed() throws {
        let (_, parts) = try encoders()
        let map = try map(of: parts)
        let first = "model-00001-of-00002.safetensors"
        for name in ["../x.safetensors", "/etc/passwd", "a/b.safetensors", ".safetensors", "x.bin"]
        {
            var other = map
            other["more"] = name
            try index(other, in: parts)
            #expect(message(parts).contains("\"weight_map\" names \"\(name)\""))
        }
        // Of the encoder: a head need not be there.
        let moved = try #require(
            map.keys.sorted().first { map[$0] != first && $0.hasPrefix("bert.encoder.") })
        var other = map
        other[moved] = first
        try index(other, in: parts)
        #expect(message(parts).contains("\(first): has no tensor \"\(moved)\""))
        try parts.file("model.safetensors.index.json", "{\"weight_map\": []}")
        #expect(message(parts).contains("index.json: expected an object \"weight_map\""))
        try parts.file("model.safetensors.index.json", "{")
        #expect(message(parts).contains("index.json:1:"))
        try index(map, in: parts)
        try FileManager.default.removeItem(atPath: "\(parts.path)/\(first)")
        #expect(message(parts).hasPrefix("\(parts.path)/\(first): not found"))
        try FileManager.default.createDirectory(
            atPath: "\(parts.path)/\(first)", withIntermediateDirectories: false)
        #expect(message(parts).contains("\(first): expected a regular file"))
    }

    @Test func pytorchsOwnFormatIsRefusedWithTheLineThatConvertsIt() throws {
        let folder = try TemporaryFolder()
        let configuration = try ModelConfiguration(Self.configuration, labels: []).json()
        for name in ["pytorch_model.bin", "pytorch_model.bin.index.json"] {
            let inner = folder.path + "/it's " + name
            try folder.file("it's \(name)/config.json", bytes: configuration)
            try folder.file("it's \(name)/\(name)", "x")
            let error = #expect(throws: EncoderError.self) {
                _ = try SequenceClassifier(
                    encoder: URL(filePath: inner), labels: ["a", "b"], seed: 0)
            }
            let text = error?.description ?? ""
            #expect(text.hasPrefix("\(inner)/\(name): "))
            #expect(text.contains("python3 -c \"import ") && text.contains("weights_only=True"))
            #expect(text.hasSuffix("' \(name)'") || text.contains("it'\\''s"))
            #expect(!text.contains("\n"))
        }
    }

    @Test func aPointerOfGitLFSIsNamedWhereverItStands() throws {
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 90868376\n"
        let (whole, parts) = try encoders()
        try whole.file("model.safetensors", pointer)
        try parts.file("model-00002-of-00002.safetensors", pointer)
        for folder in [whole, parts] {
            let text = message(folder)
            #expect(
                text.contains("safetensors: is a Git LFS pointer") && text.contains("git lfs pull"))
        }
        try whole.file("config.json", pointer)
        #expect(message(whole).contains("config.json: is a Git LFS pointer"))
        for name in ["tokenizer.json", "vocab.txt", "tokenizer_config.json"] {
            try withFolder([name: pointer]) { folder in
                let error = #expect(throws: TokenizerError.self) {
                    _ = try openTokenizer(folder: folder)
                }
                #expect(error?.description.contains("\(name): is a Git LFS pointer") == true)
            }
        }
    }
}

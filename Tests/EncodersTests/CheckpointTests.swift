import Encoders
import Files
import Foundation
import Tensors
import TestSupport
import Testing

@Suite("Checkpoints")
struct CheckpointTests {
    private func model(labels: [String] = ["no", "yes"]) -> SequenceClassifier {
        let configuration = EncoderConfiguration(
            hiddenSize: 12, layers: 3, heads: 3, intermediateSize: 20, vocabularySize: 30,
            maximumLength: 16)
        return SequenceClassifier(configuration, labels: labels).randomized(seed: 5, range: 0.5)
    }

    private let documents = [[2, 5, 7, 3], [2, 29, 3]].map { Recordings.document($0) }
    private let workers = Workers(threads: 1)

    @Test("what is saved gives the same logits, and the same bytes again")
    func roundTrip() throws {
        try withFolder { folder in
            let original = model()
            try original.save(to: folder)
            let again = try SequenceClassifier(folder: folder)
            #expect(
                again.logits(documents, workers: workers)
                    == original.logits(documents, workers: workers))
            #expect(again.labels == ["no", "yes"])
            let file = folder.appendingPathComponent("model.safetensors")
            let bytes = try Data(contentsOf: file)
            try again.save(to: folder)
            #expect(try Data(contentsOf: file) == bytes)
        }
    }

    @Test(
        "an encoder is read with and without the prefix, with LayerNorm's old names, without a pooler"
    )
    func names() throws {
        let original = model()
        let variants: [(String, (String) -> String?)] = [
            ("with prefix", { $0 }),
            ("without prefix", { $0.hasPrefix("bert.") ? String($0.dropFirst(5)) : $0 }),
            (
                "gamma and beta",
                { name in
                    guard name.contains("LayerNorm") else { return name }
                    return name.hasSuffix("weight")
                        ? name.dropLast(6) + "gamma" : name.dropLast(4) + "beta"
                }
            ),
        ]
        for (variant, rename) in variants {
            try withFolder { folder in
                try original.save(to: folder)
                let tensors = original.parameters.all.compactMap { parameter in
                    rename(parameter.name).map {
                        SafetensorsTensor(
                            name: $0, shape: parameter.shape,
                            values: original.parameters[parameter].values)
                    }
                }
                try writeSafetensors(
                    tensors, to: folder.appendingPathComponent("model.safetensors").path)
                let encoder = try SequenceClassifier(
                    encoder: folder, labels: ["a", "b", "c"], seed: 1)
                for parameter in encoder.parameters.all where parameter.name.hasPrefix("bert.") {
                    let expected = original.parameters.all.first { $0.name == parameter.name }
                    #expect(
                        encoder.parameters[parameter].values
                            == expected.map { original.parameters[$0].values },
                        "\(variant): \(parameter.name)")
                }
                #expect(encoder.labels.count == 3)
            }
        }
        try withFolder { folder in
            try original.save(to: folder)
            let tensors = original.parameters.all.filter { !$0.name.contains("pooler") }.map {
                SafetensorsTensor(
                    name: $0.name, shape: $0.shape, values: original.parameters[$0].values)
            }
            try writeSafetensors(
                tensors, to: folder.appendingPathComponent("model.safetensors").path)
            let first = try SequenceClassifier(encoder: folder, labels: ["a", "b"], seed: 1)
            let same = try SequenceClassifier(encoder: folder, labels: ["a", "b"], seed: 1)
            let other = try SequenceClassifier(encoder: folder, labels: ["a", "b"], seed: 2)
            let logits = first.logits(documents, workers: workers)
            #expect(logits == same.logits(documents, workers: workers), "a seed gives its weights")
            #expect(logits != other.logits(documents, workers: workers))
        }
    }

    @Test("a folder whose parts do not fit is refused with the file's name")
    func unfitFolders() throws {
        func expectError(_ fragment: String, _ change: (URL) throws -> Void) throws {
            try withFolder { folder in
                try model().save(to: folder)
                try change(folder)
                let error = #expect(throws: (any Error).self, "\(fragment)") {
                    _ = try SequenceClassifier(folder: folder)
                }
                let text = error.map { "\($0)" } ?? ""
                #expect(text.contains(fragment), "\(text)")
                #expect(text.hasPrefix(folder.path), "the file is named first: \(text)")
                #expect(!text.contains("\n"))
            }
        }
        func edit(_ folder: URL, _ from: String, _ to: String) throws {
            let file = folder.appendingPathComponent("config.json")
            let text = String(decoding: try Data(contentsOf: file), as: UTF8.self)
            try Data(text.replacing(from, with: to).utf8).write(to: file)
        }
        try expectError("not found") {
            try FileManager.default.removeItem(at: $0.appendingPathComponent("config.json"))
        }
        try expectError("not found") {
            try FileManager.default.removeItem(at: $0.appendingPathComponent("model.safetensors"))
        }
        try expectError("not JSON") {
            try Data("{".utf8).write(to: $0.appendingPathComponent("config.json"))
        }
        try expectError("model_type") { try edit($0, "\"bert\"", "\"gpt2\"") }
        try expectError("hidden_act") { try edit($0, "\"gelu\"", "\"relu\"") }
        try expectError("not a multiple") {
            try edit($0, "\"num_attention_heads\" : 3", "\"num_attention_heads\" : 5")
        }
        try expectError("vocab_size") {
            try edit($0, "\"vocab_size\" : 30", "\"vocab_size\" : 99999999999")
        }
        try expectError("do not belong together") {
            try edit($0, "\"vocab_size\" : 30", "\"vocab_size\" : 16000000")
        }
        try expectError("shape") {
            try edit($0, "\"intermediate_size\" : 20", "\"intermediate_size\" : 10")
        }
        try expectError("id2label") { try edit($0, "\"1\" : \"yes\"", "\"2\" : \"yes\"") }
        try expectError("two classes alike") {
            try edit($0, "\"1\" : \"yes\"", "\"1\" : \"no\"")
        }
        try expectError("layer_norm_eps") {
            try edit($0, "\"layer_norm_eps\" : ", "\"layer_norm_eps\" : -")
        }
        for value in [Float.nan, .infinity] {
            try expectError("not finite") { folder in
                let damaged = model()
                let last = damaged.parameters.all[5]
                damaged.parameters[last].pointer[3] = value
                try damaged.save(to: folder)
            }
        }
    }

    @Test("a trimmed encoder keeps the weights of what stays")
    func trimming() throws {
        let original = model()
        let small = original.trimmed(layers: [0, 2], pieces: [2, 3, 5, 7, 29], maximumLength: 8)
        func values(_ model: SequenceClassifier, _ name: String) -> [Float] {
            model.parameters.all.first { $0.name == name }.map { model.parameters[$0].values } ?? []
        }
        let word = "bert.embeddings.word_embeddings.weight"
        #expect(
            Array(values(small, word)[48..<60]) == Array(values(original, word)[348..<360]),
            "the new id 4 has the old id 29's embedding")
        let weight = "attention.self.key.weight"
        #expect(
            values(small, "bert.encoder.layer.1.\(weight)")
                == values(original, "bert.encoder.layer.2.\(weight)"))
        let whole = original.trimmed(
            layers: [0, 1, 2], pieces: Array(0..<30), maximumLength: 16)
        #expect(
            whole.logits(documents, workers: workers)
                == original.logits(documents, workers: workers))
    }

    @Test func aHeadOfAnySizeIsRefused() throws {
        try withFolder { folder in
            let model = model()
            try model.save(to: folder)
            let file = folder.appendingPathComponent("config.json")
            let text = try String(contentsOf: file, encoding: .utf8)
            let names = (0..<70_000).map { "\"\($0)\": \"class \($0)\"" }
            let many = text.replacing(#/"id2label" *: *\{[^}]*\}/#) { _ in
                "\"id2label\": {\(names.joined(separator: ", "))}"
            }
            #expect(many != text)
            try Data(many.utf8).write(to: file)
            let error = #expect(throws: EncoderError.self) {
                try EncoderConfiguration(folder: folder)
            }
            #expect(error?.description.contains("id2label has 70000 entries") == true)
        }
    }

    // A folder may come from anywhere: a pipe would wait for its writer, and a file without an end
    // fill the memory.
    @Test func aPipeOrAHugeFileIsNoConfiguration() throws {
        try withFolder { folder in
            let file = folder.appendingPathComponent("config.json")
            #expect(mkfifo(file.path, 0o600) == 0)
            let pipe = #expect(throws: FileError.self) {
                try EncoderConfiguration(folder: folder)
            }
            #expect(pipe?.description.contains("expected a regular file") == true)
            try FileManager.default.removeItem(at: file)
            try Data("{".utf8).write(to: file)
            #expect(truncate(file.path, 1 << 40) == 0)
            let huge = #expect(throws: FileError.self) {
                try EncoderConfiguration(folder: folder)
            }
            #expect(huge?.description.contains("at most 67108864 were expected") == true)
        }
    }
}

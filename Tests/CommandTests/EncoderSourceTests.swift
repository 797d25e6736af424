import Foundation
import TestSupport
import Testing
import Warrant

@Suite("Encoders as users have them")
struct EncoderSourceTests {
    let tiny: TinyModel
    private let folder: TemporaryFolder

    init() throws {
        tiny = try TinyModel.shared.get()
        folder = try TemporaryFolder()
    }

    /// Puts the tiny encoder into a Hugging Face cache, its weights in two parts, as links into blobs.
    private func fillCache() throws -> String {
        let model = "\(folder.path)/hub/models--some-org--tiny"
        let snapshot = "\(model)/snapshots/0123abcd"
        for path in [model + "/blobs", model + "/refs", snapshot] {
            try FileManager.default.createDirectory(
                atPath: path, withIntermediateDirectories: true)
        }
        try Data("0123abcd".utf8).write(to: URL(filePath: model + "/refs/main"))
        let weights = try SafetensorsFile(path: tiny.encoder + "/model.safetensors")
        var map: [String: String] = [:]
        for (index, name) in weights.names.enumerated() {
            map[name] = "model-0000\(index % 2 + 1)-of-00002.safetensors"
        }
        for part in Set(map.values) {
            try writeSafetensors(
                weights.names.filter { map[$0] == part }.map { name in
                    SafetensorsTensor(
                        name: name, shape: weights.entry(name)?.shape ?? [],
                        values: try weights.floats(name))
                }, to: "\(model)/blobs/\(part)")
        }
        try JSONSerialization.data(withJSONObject: ["weight_map": map])
            .write(to: URL(filePath: model + "/blobs/model.safetensors.index.json"))
        for name in ["config.json", "vocab.txt"] {
            try FileManager.default.copyItem(
                atPath: "\(tiny.encoder)/\(name)", toPath: "\(model)/blobs/\(name)")
        }
        for name in try FileManager.default.contentsOfDirectory(atPath: model + "/blobs") {
            try FileManager.default.createSymbolicLink(
                atPath: "\(snapshot)/\(name)", withDestinationPath: "../../blobs/\(name)")
        }
        return snapshot
    }

    private func run(_ arguments: [String]) throws -> Command.Outcome {
        try Command.shell(
            "cd \(folder.path); export HF_HUB_CACHE=\(folder.path)/hub; exec \"$0\" \"$@\"",
            arguments)
    }

    @Test func anEncodersNameInTheCacheIsTakenByEveryCommand() throws {
        let snapshot = try fillCache()
        let trained = try run(tiny.training(output: "m", encoder: "some-org/tiny"))
        #expect(trained.status == 0, "\(trained.errors)")
        #expect(trained.errorLines.filter { $0.contains(snapshot) }.count == 1)
        let (ours, theirs) = (folder.path + "/m", tiny.model)
        for file in ["support/model.safetensors", "classifier/config.json"] {
            #expect(
                FileManager.default.contents(atPath: "\(ours)/\(file)")
                    == FileManager.default.contents(atPath: "\(theirs)/\(file)"),
                "weights in parts are the same encoder")
        }
        let manifest = try folder.bytes(of: "m/warrant.json")
        #expect(String(decoding: manifest, as: UTF8.self).contains("\"some-org/tiny\""))

        let bench = try run([
            "bench", "--encoder", "some-org/tiny", "--tokens", "8", "--documents", "1",
        ])
        #expect(bench.status == 0, "\(bench.errors)")
        let trim = try run([
            "trim", "--encoder", "some-org/tiny", "--layers", "0", "--text", tiny.train, "--output",
            "small",
        ])
        #expect(trim.status == 0, "\(trim.errors)")
        try folder.file(
            "grid.json",
            """
            {"encoder": "some-org/tiny", "data": [{"name": "d", "train": "\(tiny.train)", "dev": "\(tiny.dev)", "test_is_dev": true}],
             "scorers": ["cls-attention"], "thresholders": ["top-k"], "ratios": [0.2], "seeds": [0]}
            """)
        let grid = try run(["experiment", "grid.json", "--output", "r", "--dry-run"])
        #expect(grid.status == 0, "\(grid.errors)")

        // A part that changes is another encoder, whose stages are others.
        let part =
            "\(folder.path)/hub/models--some-org--tiny/blobs/model-00001-of-00002.safetensors"
        let file = URL(filePath: part)
        let before = try FileDigests.files(in: URL(filePath: snapshot))
        #expect(before.keys.contains("model-00001-of-00002.safetensors") && before.count == 5)
        var bytes = try Data(contentsOf: file)
        bytes[bytes.count - 1] ^= 1
        try bytes.write(to: file)
        #expect(try FileDigests.files(in: URL(filePath: snapshot)) != before)
    }

    @Test func whatCannotBeReadIsRefusedWithWhatToDo() throws {
        func encoder(_ name: String, _ files: [String: String]) throws -> String {
            for file in ["config.json", "vocab.txt"] {
                try folder.file(
                    "\(name)/\(file)",
                    bytes: Data(contentsOf: URL(filePath: "\(tiny.encoder)/\(file)")))
            }
            for (file, text) in files { try folder.file("\(name)/\(file)", text) }
            return "\(folder.path)/\(name)"
        }
        let pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 90868376\n"
        let index = "{\"weight_map\": {\"x\": \"model-00001-of-00001.safetensors\"}}"
        let cases: [(encoder: String, status: Int32, words: [String])] = [
            (try encoder("bin", ["pytorch_model.bin": "PK"]), 65, ["python3 -c", "weights_only"]),
            (try encoder("lfs", ["model.safetensors": pointer]), 66, ["Git LFS", "git lfs pull"]),
            (try encoder("lfs2", ["vocab.txt": pointer]), 66, ["vocab.txt", "git lfs pull"]),
            (try encoder("none", [:]), 66, ["model.safetensors"]),
            (
                try encoder("shards", ["model.safetensors.index.json": index]), 66,
                ["model-00001-of-00001.safetensors: not found"]
            ),
            ("some-org/absent", 66, ["hf download some-org/absent", "\(folder.path)/hub"]),
            ("./absent", 66, ["config.json: not found"]),
        ]
        for (encoder, status, words) in cases {
            let run = try run(tiny.training(output: "m", encoder: encoder))
            let line = run.errorLines.last ?? ""
            #expect(run.status == status, "\(line)")
            for word in words { #expect(line.contains(word), "\(encoder): \(line)") }
        }
        for (type, config) in [
            ("electra", "{\"model_type\": \"electra\"}"),
            ("modernbert", "{\"model_type\": \"modernbert\"}"),
            ("gelu_new", "{\"model_type\": \"bert\", \"hidden_act\": \"gelu_new\"}"),
        ] {
            let path = try encoder("other", ["config.json": config])
            let run = try run(tiny.training(output: "m", encoder: path))
            #expect(run.status == 65 && run.errors.contains("\"\(type)\""))
        }
        #expect(try !folder.names.contains { $0.hasPrefix("m") || $0.hasPrefix(".m") })
    }

    @Test func aFolderOfSentenceTransformersIsReadWithANotice() throws {
        try FileManager.default.createDirectory(
            atPath: folder.path + "/st", withIntermediateDirectories: false)
        try FileManager.default.copyItem(
            atPath: tiny.encoder, toPath: folder.path + "/st/0_Transformer")
        try folder.file(
            "st/modules.json",
            """
            [{"idx": 0, "name": "0", "path": "0_Transformer",
              "type": "sentence_transformers.models.Transformer"}]
            """)
        let run = try run(["bench", "--encoder", "st", "--tokens", "8", "--documents", "1"])
        #expect(run.status == 0, "\(run.errors)")
        #expect(run.errorLines.filter { $0.contains("0_Transformer") }.count == 1)
    }
}

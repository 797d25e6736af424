import Encoders
import Foundation
import TestSupport
import Testing

@Suite("Where an encoder lies")
struct EncoderLocationTests {
    private static let commit = "0123456789abcdef0123456789abcdef01234567"

    /// A cache that holds one model, as links into blobs, below `folder/inside`.
    private func cache(
        _ folder: TemporaryFolder, _ inside: String, model: String, reference: String = commit
    ) throws -> String {
        let place = "\(inside)models--\(model)"
        try folder.file("\(place)/refs/main", reference)
        try folder.file("\(place)/blobs/abc", "{}")
        let snapshot = "\(folder.path)/\(place)/snapshots/\(Self.commit)"
        try FileManager.default.createDirectory(
            atPath: snapshot, withIntermediateDirectories: true)
        try FileManager.default.createSymbolicLink(
            atPath: snapshot + "/config.json", withDestinationPath: "../../blobs/abc")
        return snapshot
    }

    @Test func aNameIsLookedUpInTheCacheThatTheEnvironmentNames() throws {
        let folder = try TemporaryFolder()
        let name = "some-org/tiny.encoder_v2"
        let places = [
            "hub/": ["HF_HUB_CACHE": folder.path + "/hub", "HF_HOME": "/nowhere"],
            "home/hub/": ["HF_HOME": folder.path + "/home", "XDG_CACHE_HOME": "/nowhere"],
            "xdg/huggingface/hub/": ["XDG_CACHE_HOME": folder.path + "/xdg", "HOME": "/nowhere"],
            "me/.cache/huggingface/hub/": ["HOME": folder.path + "/me"],
            "me/tilde/hub/": ["HOME": folder.path + "/me", "HF_HOME": "~/tilde"],
        ]
        for (inside, environment) in places {
            let snapshot = try cache(
                folder, inside, model: "some-org--tiny.encoder_v2", reference: Self.commit + "\n")
            let location = try EncoderLocation(name, environment: environment)
            #expect(location.folder.path == snapshot, "\(inside)")
            #expect(location.notices.count == 1 && location.notices[0].contains(name))
            #expect(EncoderLocation.name(of: location.folder) == name)
        }
        let short = try cache(folder, "hub/", model: "bert-tiny")
        let environment = ["HF_HUB_CACHE": folder.path + "/hub"]
        #expect(try EncoderLocation("bert-tiny", environment: environment).folder.path == short)
    }

    @Test func theOwnersNameMayBeLeftOutWhereOneHasTheEncoder() throws {
        let folder = try TemporaryFolder()
        let environment = ["HF_HUB_CACHE": folder.path + "/hub"]
        let snapshot = try cache(folder, "hub/", model: "org--tiny")
        let location = try EncoderLocation("tiny", environment: environment)
        #expect(location.folder.path == snapshot)
        #expect(location.notices == ["reading org/tiny from \(snapshot)"])
        _ = try cache(folder, "hub/", model: "another--tiny")
        let error = #expect(throws: EncoderError.self) {
            _ = try EncoderLocation("tiny", environment: environment)
        }
        #expect(error?.description.contains("another/tiny, org/tiny") == true)
        let short = try cache(folder, "hub/", model: "tiny")
        #expect(try EncoderLocation("tiny", environment: environment).folder.path == short)
        let known = #expect(throws: EncoderError.self) {
            _ = try EncoderLocation("all-MiniLM-L6-v2", environment: environment)
        }
        #expect(
            known?.description.contains("hf download sentence-transformers/all-MiniLM-L6-v2")
                == true)
    }

    @Test func aMissSaysHowToGetIt() throws {
        let folder = try TemporaryFolder()
        let environment = ["HF_HOME": folder.path]
        for (name, more) in [
            ("org/absent", "\(folder.path)/hub"),
            ("sentence-transformers/all-MiniLM-L6-v2", "Scripts/fetch-encoder.sh"),
        ] {
            let error = #expect(throws: EncoderError.self) {
                _ = try EncoderLocation(name, environment: environment)
            }
            guard case .missing? = error else {
                Issue.record("\(String(describing: error))")
                continue
            }
            let text = error?.description ?? ""
            #expect(text.contains("hf download \(name)") && text.contains(more))
        }
        // What looks like a path is one, and what is missing there is said when it is read.
        for path in [
            "/absent/encoder", "./absent", "../absent/x", "a/b/c", "absent/", "a..b", "~x",
        ] {
            let location = try EncoderLocation(path, environment: environment)
            #expect(location.notices.isEmpty, "\(path)")
        }
    }

    @Test(arguments: ["../../../etc", "a/b", "", ".hidden", "/etc", "x\0y", "--"])
    func aReferenceThatNamesNoCommitIsRefused(_ reference: String) throws {
        let folder = try TemporaryFolder()
        _ = try cache(folder, "hub/", model: "org--name", reference: reference)
        #expect(throws: (any Error).self) {
            _ = try EncoderLocation("org/name", environment: ["HF_HOME": folder.path])
        }
    }

    @Test func aFolderOfSentenceTransformersLeadsToItsEncoder() throws {
        let folder = try TemporaryFolder()
        func modules(_ path: String, type: String = "sentence_transformers.models.Transformer")
            -> String
        {
            """
            [{"idx": 1, "name": "1", "path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
             {"idx": 0, "name": "0", "path": "\(path)", "type": "\(type)"}]
            """
        }
        try folder.file("st/modules.json", modules("0_Transformer"))
        try folder.file("st/config.json", "{\"__version__\": \"1.0\"}")
        try folder.file("st/0_Transformer/config.json", "{}")
        let path = folder.path + "/st"
        let location = try EncoderLocation(path, environment: [:])
        #expect(location.folder.path == path + "/0_Transformer")
        #expect(location.notices.count == 1)
        #expect(EncoderLocation.name(of: location.folder) == "st")
        for inner in ["../x", "/etc", "a/b", "..", ".x"] {
            try folder.file("st/modules.json", modules(inner))
            let error = #expect(throws: EncoderError.self) {
                _ = try EncoderLocation(path, environment: [:])
            }
            #expect(error?.description.contains("\"\(inner)\"") == true)
        }
        try folder.file("st/modules.json", modules("0", type: "x.models.CLIPModel"))
        #expect(throws: EncoderError.self) { _ = try EncoderLocation(path, environment: [:]) }
        // Newer ones keep the encoder in the folder itself.
        try folder.file("st/modules.json", modules(""))
        #expect(try EncoderLocation(path, environment: [:]).folder.path == path)
        try folder.file("st/modules.json", modules("0_Transformer"))
        try folder.file("st/model.safetensors", "")
        #expect(try EncoderLocation(path, environment: [:]).folder.path == path)
    }
}

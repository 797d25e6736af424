import Encoders
import Tensors
import Testing
import Tokenization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// PyTorch's and networkx's recordings of MiniLM, where they are present.
enum Recordings {
    static let items = [0, 1, 3, 4]
    static let arePresent =
        exists(encoder.path + "/model.safetensors") && exists(minilm.path)
    static let reason: Comment =
        "needs the MiniLM encoder (Scripts/fetch-encoder.sh) and ../shared/reference"

    private static var encoder: URL {
        let cache = environment("XDG_CACHE_HOME") ?? (environment("HOME") ?? "") + "/.cache"
        return URL(
            fileURLWithPath: environment("WARRANT_ENCODER")
                ?? cache + "/warrant/all-MiniLM-L6-v2")
    }
    private static var minilm: URL {
        let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        return URL(fileURLWithPath: environment("WARRANT_SHARED") ?? root.path + "/shared")
            .appendingPathComponent("reference/minilm")
    }
    private static func environment(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name]
    }
    private static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: path)
    }

    static func file() throws -> SafetensorsFile {
        try SafetensorsFile(path: minilm.appendingPathComponent("forward.safetensors").path)
    }

    /// An item's document, all of whose tokens are words: so that none is left out.
    static func document(_ item: Int) throws -> TokenizedDocument {
        let ids = try file().int32s("\(item).ids").map { Int32($0) }
        return TokenizedDocument(
            ids: ids, segmentIDs: ids.map { _ in 0 }, offsets: ids.map { _ in 0..<0 },
            wordIndices: ids.indices.map { Int32($0) },
            words: ids.indices.map { (2 * $0)..<(2 * $0 + 1) }, readWords: ids.count)
    }

    /// MiniLM without a pooler and with the recorded head, as the recordings were made.
    static func model() throws -> SequenceClassifier {
        var configuration = try EncoderConfiguration(folder: encoder)
        configuration.labels = ["0", "1"]
        let model = try SequenceClassifier(
            encoder: encoder, configuration: configuration, hasPooler: false)
        for parameter in model.parameters.all where parameter.name.hasPrefix("classifier") {
            let name = parameter.name.hasSuffix("weight") ? "head.weight" : "head.bias"
            try file().readFloats(name, shape: nil, into: model.parameters[parameter].buffer)
        }
        return model
    }

    /// Networkx's maximum flow to each token, by item.
    static func flows() throws -> [String: [Double]] {
        struct Flows: Decodable { let flow_cls: [String: [Double]] }
        let data = try Data(contentsOf: minilm.appendingPathComponent("attention_flow.json"))
        return try JSONDecoder().decode(Flows.self, from: data).flow_cls
    }
}

/// The largest absolute difference of two arrays of the same length.
func largestDifference(_ left: [Float], _ right: [Float]) -> Float {
    guard left.count == right.count else { return .infinity }
    return zip(left, right).reduce(0) { max($0, abs($1.0 - $1.1)) }
}

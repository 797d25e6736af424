import Encoders
import Tensors
import Testing
import Tokenization

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The MiniLM encoder and PyTorch's recordings, where they are present.
enum Recordings {
    static let shared: URL = folder(
        "WARRANT_SHARED", default: packageRoot.deletingLastPathComponent().path + "/shared")
    static let encoder: URL = folder(
        "WARRANT_ENCODER",
        default: (environment("XDG_CACHE_HOME") ?? (environment("HOME") ?? "") + "/.cache")
            + "/warrant/all-MiniLM-L6-v2")

    static let arePresent = exists(encoder.path + "/model.safetensors") && exists(shared.path)
    static let reason: Comment =
        "needs the MiniLM encoder (Scripts/fetch-encoder.sh) and ../shared/reference"

    static var minilm: URL { shared.appendingPathComponent("reference/minilm") }

    static func document(_ ids: [Int]) -> TokenizedDocument {
        TokenizedDocument(
            ids: ids.map { Int32($0) }, segmentIDs: ids.map { _ in 0 },
            offsets: ids.map { _ in 0..<0 },
            wordIndices: ids.map { _ in -1 }, words: [], readWords: 0)
    }

    /// MiniLM without a pooler and with the recorded head, as the recordings were made.
    static func model() throws -> SequenceClassifier {
        var configuration = try EncoderConfiguration(folder: encoder)
        configuration.labels = ["0", "1"]
        configuration.hiddenDropout = 0
        configuration.attentionDropout = 0
        let model = try SequenceClassifier(
            encoder: encoder, configuration: configuration, hasPooler: false)
        let head = try SafetensorsFile(
            path: minilm.appendingPathComponent("forward.safetensors").path)
        for parameter in model.parameters.all where parameter.name.hasPrefix("classifier") {
            let name = parameter.name.hasSuffix("weight") ? "head.weight" : "head.bias"
            try head.readFloats(name, shape: nil, into: model.parameters[parameter].buffer)
        }
        return model
    }

    private static var packageRoot: URL {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent()
    }
    private static func environment(_ name: String) -> String? {
        ProcessInfo.processInfo.environment[name]
    }
    private static func folder(_ name: String, default path: String) -> URL {
        URL(fileURLWithPath: environment(name) ?? path)
    }
    private static func exists(_ path: String) -> Bool {
        FileManager.default.fileExists(atPath: path)
    }
}

/// The largest absolute difference of two arrays of the same length.
func largestDifference(_ left: [Float], _ right: [Float]) -> Float {
    guard left.count == right.count else { return .infinity }
    return zip(left, right).reduce(0) { max($0, abs($1.0 - $1.1)) }
}

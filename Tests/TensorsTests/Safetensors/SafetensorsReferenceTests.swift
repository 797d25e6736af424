import Tensors
import TestSupport
import Testing

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

@Suite("Safetensors written elsewhere")
struct SafetensorsReferenceTests {
    static let recording = Outside.shared.path + "/reference/minilm/forward.safetensors"
    static let weights = Outside.encoder.path + "/model.safetensors"

    @Test(
        "PyTorch's recordings open, integers and floats",
        .enabled(if: FileManager.default.fileExists(atPath: recording), "needs WARRANT_SHARED"))
    func recordings() throws {
        let file = try SafetensorsFile(path: Self.recording)
        let ids = try file.integers("0.ids")
        #expect(ids.first == 101 && ids.last == 102)
        let attention = try file.floats("0.cls_attention")
        #expect(attention.count == ids.count)
        // A softmax row in single precision sums to one within rounding.
        #expect(abs(attention.reduce(0, +) - 1) < 1e-5)
        #expect(file.entry("head.weight")?.shape == [2, 384])
        #expect(file.entry("0.attentions")?.shape == [6, 12, ids.count, ids.count])
    }

    @Test(
        "the encoder's weights open with the shapes of its configuration",
        .enabled(if: FileManager.default.fileExists(atPath: weights), "needs WARRANT_ENCODER"))
    func encoderWeights() throws {
        let file = try SafetensorsFile(path: Self.weights)
        #expect(file.names.count > 100)
        #expect(file.entry("embeddings.word_embeddings.weight")?.shape == [30522, 384])
        let bias = try file.floats("encoder.layer.5.output.LayerNorm.weight")
        #expect(bias.count == 384)
        #expect(bias.allSatisfy { $0.isFinite && abs($0) < 10 })
    }
}

extension SafetensorsFile {
    /// The elements of an integer tensor of either width.
    fileprivate func integers(_ name: String) throws -> [Int] {
        try entry(name)?.type == .i32 ? int32s(name) : int64s(name)
    }
}

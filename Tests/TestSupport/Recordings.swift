package import Encoders
import Files
package import Tensors
import Foundation

/// What PyTorch and networkx recorded of MiniLM.
package enum Recordings {
    /// Whether they and the encoder are there.
    package static let arePresent = Outside.hasEncoder && Outside.hasShared
    /// The folder of the recordings.
    package static let folder = Outside.shared.appendingPathComponent("reference/minilm")

    /// The recordings of forward passes.
    package static func forward() throws -> SafetensorsFile {
        try SafetensorsFile(path: folder.appendingPathComponent("forward.safetensors").path)
    }

    /// MiniLM as it was recorded: without a pooler, without dropout, with the recorded head.
    package static func model() throws -> SequenceClassifier {
        var configuration = try EncoderConfiguration(folder: Outside.encoder)
        configuration.hiddenDropout = 0
        configuration.attentionDropout = 0
        let files = FolderFiles(Outside.encoder.path)
        let weights = try SequenceClassifier.weights(files, configuration)
        let model = SequenceClassifier(configuration, labels: ["0", "1"], hasPooler: false)
        try model.readEncoder(weights, of: files, seed: 0)
        let head = try forward()
        for parameter in model.parameters.all where parameter.name.hasPrefix("classifier") {
            let name = parameter.name.hasSuffix("weight") ? "head.weight" : "head.bias"
            try head.readFloats(name, shape: nil, into: model.parameters[parameter].buffer)
        }
        return model
    }
}

/// The largest absolute difference of two arrays; infinite where their lengths differ.
package func largestDifference(_ left: [Float], _ right: [Float]) -> Float {
    guard left.count == right.count else { return .infinity }
    return zip(left, right).reduce(0) { max($0, abs($1.0 - $1.1)) }
}

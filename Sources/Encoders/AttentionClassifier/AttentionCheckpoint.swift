import Files
import Tensors

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension AttentionClassifier {
    /// A trained model from a folder that `save` wrote: `config.json` and `model.safetensors`.
    ///
    /// - Throws: `EncoderError`, `SafetensorsError`, `FileError`, each naming the file.
    package convenience init(_ folder: FolderFiles) throws {
        let configuration = try AttentionConfiguration(folder)
        let weights = try CheckpointWeights(folder)
        let count = Self.parameterCount(configuration)
        guard weights.elementCount == count else {
            throw EncoderError.invalid(
                weights.path,
                "holds \(weights.elementCount) numbers, but config.json describes a model of "
                    + "\(count): the two do not belong together")
        }
        self.init(configuration)
        for parameter in parameters.all {
            guard let file = try weights.file(of: parameter.name) else {
                throw EncoderError.invalid(
                    weights.path, "has no tensor \"\(parameter.name)\"")
            }
            let values = parameters[parameter].buffer
            try file.readFloats(parameter.name, shape: parameter.shape, into: values)
            guard values.allSatisfy(\.isFinite) else {
                throw EncoderError.invalid(
                    file.path,
                    "tensor \"\(parameter.name)\" holds values that are not finite numbers; the "
                        + "weights are damaged: train again")
            }
        }
        parameters.changed()
        try folder.requireUnchanged()
    }

    /// Writes `config.json` and `model.safetensors` into `folder`, which must exist. The vocabulary is
    /// the tokenizer's business.
    ///
    /// - Throws: `SafetensorsError`, `FileError`.
    package func save(to folder: URL, as format: FloatFormat = .f32) throws {
        try replaceFile(
            at: folder.appendingPathComponent("config.json").path, with: configuration.json())
        let tensors = parameters.all.map { parameter in
            SafetensorsTensor(
                name: parameter.name, shape: parameter.shape,
                values: UnsafeBufferPointer(parameters[parameter].buffer))
        }
        try writeSafetensors(
            tensors, as: format, to: folder.appendingPathComponent("model.safetensors").path)
    }
}

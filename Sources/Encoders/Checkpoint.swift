import Files
import Randomness
import Tensors

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension SequenceClassifier {
    /// An encoder from a Hugging Face folder of one of the `EncoderFamily`s, with a new head for
    /// `labels`.
    ///
    /// - Throws: as `init(encoder:labels:seed:)` of files.
    package convenience init(encoder folder: URL, labels: [String], seed: UInt64) throws {
        try self.init(encoder: FolderFiles(folder.path), labels: labels, seed: seed)
    }

    /// An encoder from files that may have been read already, with a new head for `labels`.
    ///
    /// Names with and without the prefix (`bert.`) are read; a head in the folder is passed over,
    /// RoBERTa's and DistilBERT's dense layer included, and a pooler of BERT's that is missing is
    /// made anew, as `transformers` does.
    ///
    /// - Throws: `EncoderError`, `SafetensorsError`, `FileError`.
    package convenience init(encoder folder: FolderFiles, labels: [String], seed: UInt64) throws {
        let configuration = try EncoderConfiguration(folder)
        let weights = try Self.weights(folder, configuration)
        self.init(configuration, labels: labels)
        try readEncoder(weights, of: folder, seed: seed)
    }

    /// A trained classifier from a folder that `save` (or `transformers`) wrote.
    ///
    /// - Throws: `EncoderError`, or another `DescribedError` about a file.
    public convenience init(folder: URL) throws { try self.init(FolderFiles(folder.path)) }

    /// A trained classifier from files that may have been read already.
    ///
    /// - Throws: `EncoderError`, `SafetensorsError`, `FileError`.
    package convenience init(_ folder: FolderFiles) throws {
        let file = try ModelConfiguration(folder)
        guard file.labels.count > 1 else {
            throw EncoderError.invalid(
                folder.path(of: "config.json"),
                "expected id2label with at least two classes: this is an encoder without a head")
        }
        let weights = try Self.weights(folder, file.encoder)
        self.init(file.encoder, labels: file.labels)
        try readModel(weights, of: folder)
    }
}

extension EncoderModel {
    /// Reads an encoder's weights, and gives the head new ones: normal with the configuration's range,
    /// biases zero.
    ///
    /// - Throws: `EncoderError`, `SafetensorsError`, `FileError`.
    package func readEncoder(
        _ weights: CheckpointWeights, of folder: FolderFiles, seed: UInt64
    ) throws {
        let names = configuration.family.names
        let hasPooler = try read(
            weights, required: { names.isEncoder($0) && !$0.contains("pooler") })
        try folder.requireUnchanged()
        var generator = SeededGenerator(seed: seed, stream: "head weights")
        for linear in newLayers(keepsPooler: hasPooler) {
            let weight = parameters[linear.weight]
            for index in 0..<weight.count {
                weight.pointer[index] = Float(generator.normal()) * configuration.initializerRange
            }
            parameters[linear.bias].clear()
        }
    }

    /// Reads a trained model's weights: every parameter must be there.
    ///
    /// - Throws: `EncoderError`, `SafetensorsError`, `FileError`.
    func readModel(_ weights: CheckpointWeights, of folder: FolderFiles) throws {
        _ = try read(weights, required: { _ in true })
        try folder.requireUnchanged()
    }

    /// Opens the weights, and checks their size before memory is taken for a model of
    /// `configuration`.
    package static func weights(
        _ folder: FolderFiles, _ configuration: EncoderConfiguration
    ) throws -> CheckpointWeights {
        let weights = try CheckpointWeights(folder)
        guard weights.elementCount >= configuration.encoderParameterCount else {
            throw EncoderError.invalid(
                weights.path,
                "holds \(weights.elementCount) numbers, but config.json describes an encoder of "
                    + "\(configuration.encoderParameterCount): the two do not belong together")
        }
        return weights
    }

    /// Reads every parameter that the file has; those that are `required` must be there.
    ///
    /// - Returns: whether the pooler was read.
    private func read(
        _ weights: CheckpointWeights, required: (String) -> Bool
    ) throws -> Bool {
        var poolerParts = 0
        for parameter in parameters.all {
            // Heads are read only where they are required: a new task has a head of its own.
            let isHead = !configuration.family.names.isEncoder(parameter.name)
            guard required(parameter.name) || !isHead else { continue }
            guard let name = names(of: parameter.name).first(where: weights.names.contains),
                let file = try weights.file(of: name)
            else {
                guard !required(parameter.name) else {
                    throw EncoderError.invalid(
                        weights.path,
                        "has no tensor \"\(parameter.name)\": expected a checkpoint of model_type "
                            + "\"\(configuration.family.rawValue)\"")
                }
                continue
            }
            let values = parameters[parameter].buffer
            try file.readFloats(name, shape: parameter.shape, into: values)
            guard isFinite(values) else {
                throw EncoderError.invalid(
                    file.path,
                    "tensor \"\(name)\" holds values that are not finite numbers; the "
                        + "weights are damaged: export or download them again")
            }
            if parameter.name.contains("pooler") { poolerParts += 1 }
        }
        return poolerParts == 2
    }

    /// Whether the sum of squares is a number, as it is for any sound weights.
    private func isFinite(_ values: UnsafeMutableBufferPointer<Float>) -> Bool {
        values.baseAddress.map { sumOfSquares($0, count: values.count).isFinite } ?? true
    }

    /// The names under which a parameter may stand in a file: with and without the model's prefix,
    /// and with LayerNorm's older names.
    private func names(of name: String) -> [String] {
        var names = [name]
        let prefix = configuration.family.names.encoder + "."
        if name.hasPrefix(prefix) { names.append(String(name.dropFirst(prefix.count))) }
        if name.contains("LayerNorm") {
            names += names.map {
                $0.hasSuffix("weight") ? $0.dropLast(6) + "gamma" : $0.dropLast(4) + "beta"
            }
        }
        return names
    }

    /// Writes `config.json` and `model.safetensors` into `folder`, which must exist. Tokenizer
    /// files are the tokenizer's business.
    ///
    /// - Parameter encoderOnly: leaves the head and the labels out.
    /// - Throws: `SafetensorsError`, `FileError`.
    package func save(
        to folder: URL, as format: FloatFormat = .f32, encoderOnly: Bool = false
    ) throws {
        let file = ModelConfiguration(configuration, labels: encoderOnly ? [] : labels)
        try replaceFile(
            at: folder.appendingPathComponent("config.json").path, with: Array(file.json()))
        let names = configuration.family.names
        let saved = parameters.all.filter { !encoderOnly || names.isEncoder($0.name) }
        let tensors = saved.map { parameter in
            SafetensorsTensor(
                name: parameter.name, shape: parameter.shape,
                values: UnsafeBufferPointer(parameters[parameter].buffer))
        }
        try writeSafetensors(
            tensors, as: format, to: folder.appendingPathComponent("model.safetensors").path)
    }
}

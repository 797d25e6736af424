import Files
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
    /// Names with and without the prefix (`bert.`) are read; a head in the folder is passed over,
    /// RoBERTa's and DistilBERT's dense layer included, and a pooler of BERT's that is missing is
    /// made anew, as `transformers` does.
    ///
    /// - Throws: `EncoderError`, `SafetensorsError`.
    package convenience init(encoder folder: URL, labels: [String], seed: UInt64) throws {
        try self.init(encoder: FolderFiles(folder.path), labels: labels, seed: seed)
    }

    /// An encoder from files that may have been read already, with a new head for `labels`.
    ///
    /// - Throws: `EncoderError`, `SafetensorsError`, `FileError`.
    package convenience init(encoder folder: FolderFiles, labels: [String], seed: UInt64) throws {
        var configuration = try EncoderConfiguration(folder)
        configuration.labels = labels
        try self.init(encoder: folder, configuration: configuration, hasPooler: true, seed: seed)
    }

    /// An encoder's weights from `folder` in a model of `configuration`.
    package convenience init(
        encoder folder: FolderFiles, configuration: EncoderConfiguration, hasPooler: Bool,
        seed: UInt64 = 0
    ) throws {
        let weights = try Self.weights(folder, configuration)
        self.init(configuration, hasPooler: hasPooler)
        let hasPooler = try read(
            weights,
            required: { configuration.family.names.isEncoder($0) && !$0.contains("pooler") })
        try folder.requireUnchanged()
        initializeHead(seed: seed, pooler: !hasPooler)
    }

    /// A trained classifier from a folder that `save` (or `transformers`) wrote.
    ///
    /// - Throws: `EncoderError`, or another `DescribedError` about a file.
    public convenience init(folder: URL) throws { try self.init(FolderFiles(folder.path)) }

    /// A trained classifier from files that may have been read already.
    ///
    /// - Throws: `EncoderError`, `SafetensorsError`, `FileError`.
    package convenience init(_ folder: FolderFiles) throws {
        let configuration = try EncoderConfiguration(folder)
        guard configuration.labels.count > 1 else {
            throw EncoderError.invalid(
                folder.path(of: "config.json"),
                "expected id2label with at least two classes: this is an encoder without a head")
        }
        try self.init(folder, configuration: configuration, hasPooler: true)
    }

    /// A trained model of `configuration` from a folder: every parameter must be there.
    convenience init(
        _ folder: FolderFiles, configuration: EncoderConfiguration, hasPooler: Bool
    ) throws {
        let weights = try Self.weights(folder, configuration)
        self.init(configuration, hasPooler: hasPooler)
        _ = try read(weights, required: { _ in true })
        try folder.requireUnchanged()
    }

    /// Opens the weights, and checks their size before memory is taken for a model of
    /// `configuration`.
    private static func weights(
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
        var configuration = configuration
        if encoderOnly { configuration.labels = [] }
        try replaceFile(
            at: folder.appendingPathComponent("config.json").path,
            with: Array(configuration.json()))
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

    /// This model, a BERT, with fewer layers, word pieces and positions; what stays keeps its
    /// weights.
    ///
    /// - Parameters:
    ///   - layers: the numbers of the layers that stay, in order.
    ///   - pieces: the ids of the word pieces that stay; their order gives the new ids.
    ///   - maximumLength: how many positions stay.
    package func trimmed(layers: [Int], pieces: [Int], maximumLength: Int) -> SequenceClassifier {
        precondition(configuration.family.isTrimmable, "only BERT encoders are trimmed")
        precondition(
            !layers.isEmpty && layers.allSatisfy { (0..<configuration.layers).contains($0) }
                && pieces.allSatisfy { (0..<configuration.vocabularySize).contains($0) }
                && maximumLength <= configuration.maximumLength, "only what is there can stay")
        var smaller = configuration
        smaller.layers = layers.count
        smaller.vocabularySize = pieces.count
        smaller.maximumLength = maximumLength
        smaller.paddingTokenID = pieces.firstIndex(of: configuration.paddingTokenID) ?? 0
        let model = SequenceClassifier(smaller, hasPooler: pooler != nil)
        let byName = Dictionary(uniqueKeysWithValues: parameters.all.map { ($0.name, $0) })
        for parameter in model.parameters.all {
            var name = parameter.name
            for (new, old) in layers.enumerated()
            where name.hasPrefix("bert.encoder.layer.\(new).") {
                name =
                    "bert.encoder.layer.\(old)."
                    + name.dropFirst("bert.encoder.layer.\(new).".count)
                break
            }
            guard let source = byName[name].map({ parameters[$0] }) else { continue }
            let target = model.parameters[parameter]
            let rows =
                parameter == model.encoder.wordEmbeddings ? pieces : Array(0..<target.rows)
            for (row, sourceRow) in rows.enumerated() {
                (target.pointer + row * target.columns).update(
                    from: source.pointer + sourceRow * target.columns, count: target.columns)
            }
        }
        return model
    }
}

import Files

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

extension EncoderConfiguration {
    /// Reads `config.json` of a Hugging Face model folder.
    ///
    /// - Throws: `EncoderError` for a missing file, invalid JSON, another architecture, or sizes
    ///   that are out of range.
    public init(folder: URL) throws { try self.init(FolderFiles(folder.path)) }

    /// Reads `config.json` from files that may have been read already.
    ///
    /// - Throws: `EncoderError`, `FileError`.
    package init(_ folder: FolderFiles) throws {
        let file = folder.path(of: "config.json")
        guard let bytes = try folder.bytes("config.json") else {
            throw EncoderError.missing(
                file, expected: "a Hugging Face model folder with config.json")
        }
        let data = Data(bytes)
        let raw: ConfigurationFile
        do { raw = try JSONDecoder().decode(ConfigurationFile.self, from: data) } catch {
            throw EncoderError.invalid(
                file, "expected a JSON object with an encoder's settings (\(describe(error)))")
        }
        try self.init(raw, file: file)
    }

    private init(_ raw: ConfigurationFile, file: String) throws {
        func bounded(_ value: Int?, _ name: String, _ range: ClosedRange<Int>) throws -> Int {
            guard let value else { throw EncoderError.invalid(file, "\(name) is missing") }
            guard range.contains(value) else {
                throw EncoderError.invalid(
                    file, "\(name) is \(value); expected \(range.lowerBound) to \(range.upperBound)"
                )
            }
            return value
        }
        func share(_ value: Float?, _ name: String, default standard: Float) throws -> Float {
            let value = value ?? standard
            guard value >= 0 && value < 1 else {
                throw EncoderError.invalid(file, "\(name) is \(value); expected 0 up to below 1")
            }
            return value
        }
        guard let family = EncoderFamily(rawValue: raw.model_type ?? "bert") else {
            let known = EncoderFamily.allCases.map { "\"\($0.rawValue)\"" }
            throw EncoderError.invalid(
                file,
                "model_type is \"\(raw.model_type ?? "")\"; expected "
                    + known.joined(separator: ", ") + ": use such an encoder")
        }
        let keys = ConfigurationKeys(family)
        let activation = raw[keys.activation] ?? "gelu"
        guard activation == "gelu" else {
            throw EncoderError.invalid(
                file, "\(keys.activation.name) is \"\(activation)\"; expected \"gelu\"")
        }
        guard raw.position_embedding_type ?? "absolute" == "absolute" else {
            throw EncoderError.invalid(
                file,
                "position_embedding_type is \"\(raw.position_embedding_type ?? "")\"; "
                    + "expected \"absolute\"")
        }
        guard raw.is_decoder != true else {
            throw EncoderError.invalid(
                file, "is_decoder is true; expected an encoder, which reads in both directions")
        }
        var padding = raw.pad_token_id ?? (family == .roberta ? 1 : 0)
        if family == .roberta { padding = try bounded(padding, "pad_token_id", 0...1 << 20) }
        let unused = Self.unusedPositions(family, padding)
        self.init(
            hiddenSize: try bounded(raw[keys.hiddenSize], keys.hiddenSize.name, 1...65_536),
            layers: try bounded(raw[keys.layers], keys.layers.name, 1...1_000),
            heads: try bounded(raw[keys.heads], keys.heads.name, 1...65_536),
            intermediateSize: try bounded(
                raw[keys.intermediateSize], keys.intermediateSize.name, 1...1 << 20),
            vocabularySize: try bounded(raw.vocab_size, "vocab_size", 1...1 << 24),
            maximumLength: try bounded(
                raw.max_position_embeddings, "max_position_embeddings", 3 + unused...1 << 21)
                - unused,
            segments: family == .distilbert
                ? 0 : try bounded(raw.type_vocab_size ?? 2, "type_vocab_size", 1...1_024))
        self.family = family
        paddingTokenID = padding
        guard hiddenSize % heads == 0 else {
            throw EncoderError.invalid(
                file,
                "\(keys.hiddenSize.name) \(hiddenSize) is not a multiple of \(keys.heads.name) "
                    + "\(heads)")
        }
        // DistilBERT's is fixed.
        layerNormEpsilon = family == .distilbert ? 1e-12 : raw.layer_norm_eps ?? 1e-12
        guard layerNormEpsilon > 0 && layerNormEpsilon < 1 else {
            throw EncoderError.invalid(
                file, "layer_norm_eps is \(layerNormEpsilon); expected a small positive number")
        }
        hiddenDropout = try share(raw[keys.hiddenDropout], keys.hiddenDropout.name, default: 0.1)
        attentionDropout = try share(
            raw[keys.attentionDropout], keys.attentionDropout.name, default: 0.1)
        if let dropout = raw[keys.classifierDropout] ?? keys.usualClassifierDropout {
            classifierDropout = try share(dropout, keys.classifierDropout.name, default: 0)
        }
        initializerRange = raw.initializer_range ?? 0.02
        guard initializerRange >= 0 && initializerRange < 10 else {
            throw EncoderError.invalid(
                file, "initializer_range is \(initializerRange); expected 0 up to below 10")
        }
        labels = try Self.labels(raw.id2label ?? [:], file: file)
    }

    private static func labels(_ names: [String: String], file: String) throws -> [String] {
        // The head's size is theirs, and no file's.
        guard names.count <= 1 << 16 else {
            throw EncoderError.invalid(
                file, "id2label has \(names.count) entries; at most \(1 << 16) were expected")
        }
        let labels = try (0..<names.count).map { index in
            guard let name = names["\(index)"], !name.isEmpty else {
                throw EncoderError.invalid(
                    file, "id2label has \(names.count) entries, but no name for \(index)")
            }
            return name
        }
        guard Set(labels).count == labels.count else {
            throw EncoderError.invalid(file, "id2label names two classes alike: \(labels)")
        }
        return labels
    }

    /// The same as a `config.json` that `transformers` reads as a sequence classifier's.
    public func json() throws -> Data {
        let keys = ConfigurationKeys(family)
        var raw = ConfigurationFile()
        raw.architectures = [family.architecture(classes: labels.count)]
        raw.model_type = family.rawValue
        raw[keys.hiddenSize] = hiddenSize
        raw[keys.layers] = layers
        raw[keys.heads] = heads
        raw[keys.intermediateSize] = intermediateSize
        raw[keys.activation] = "gelu"
        raw.vocab_size = vocabularySize
        raw.max_position_embeddings = positions
        if family != .distilbert {
            raw.type_vocab_size = segments
            raw.layer_norm_eps = layerNormEpsilon
            raw.position_embedding_type = "absolute"
        }
        raw[keys.hiddenDropout] = hiddenDropout
        raw[keys.attentionDropout] = attentionDropout
        raw[keys.classifierDropout] = classifierDropout
        raw.initializer_range = initializerRange
        raw.pad_token_id = paddingTokenID
        if !labels.isEmpty {
            let indices = labels.enumerated()
            raw.problem_type = labels.count > 1 ? "single_label_classification" : nil
            raw.id2label = Dictionary(uniqueKeysWithValues: indices.map { ("\($0)", $1) })
            raw.label2id = Dictionary(indices.map { ($1, $0) }) { _, last in last }
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        var data = try encoder.encode(raw)
        data.append(UInt8(ascii: "\n"))
        return data
    }
}

/// `config.json` with its own keys, those of all families together.
private struct ConfigurationFile: Codable {
    var architectures: [String]?
    var model_type: String?
    var vocab_size: Int?
    var max_position_embeddings: Int?
    var initializer_range: Float?
    var pad_token_id: Int?
    var problem_type: String?
    var id2label: [String: String]?
    var label2id: [String: Int]?
    // BERT and RoBERTa.
    var hidden_size: Int?
    var num_hidden_layers: Int?
    var num_attention_heads: Int?
    var intermediate_size: Int?
    var hidden_act: String?
    var type_vocab_size: Int?
    var layer_norm_eps: Float?
    var hidden_dropout_prob: Float?
    var attention_probs_dropout_prob: Float?
    var classifier_dropout: Float?
    var position_embedding_type: String?
    var is_decoder: Bool?
    // DistilBERT.
    var dim: Int?
    var n_layers: Int?
    var n_heads: Int?
    var hidden_dim: Int?
    var activation: String?
    var dropout: Float?
    var attention_dropout: Float?
    var seq_classif_dropout: Float?

    /// A key, and where its value is kept.
    struct Key<Value> {
        let name: String
        let path: WritableKeyPath<ConfigurationFile, Value?>
    }

    subscript<Value>(key: Key<Value>) -> Value? {
        get { self[keyPath: key.path] }
        set { self[keyPath: key.path] = newValue }
    }
}

/// The keys that differ between families.
private struct ConfigurationKeys {
    typealias Key = ConfigurationFile.Key

    var hiddenSize = Key(name: "hidden_size", path: \.hidden_size)
    var layers = Key(name: "num_hidden_layers", path: \.num_hidden_layers)
    var heads = Key(name: "num_attention_heads", path: \.num_attention_heads)
    var intermediateSize = Key(name: "intermediate_size", path: \.intermediate_size)
    var activation = Key(name: "hidden_act", path: \.hidden_act)
    var hiddenDropout = Key(name: "hidden_dropout_prob", path: \.hidden_dropout_prob)
    var attentionDropout = Key(
        name: "attention_probs_dropout_prob", path: \.attention_probs_dropout_prob)
    var classifierDropout = Key(name: "classifier_dropout", path: \.classifier_dropout)
    /// Where the file has none; nil: as `hiddenDropout`.
    var usualClassifierDropout: Float?

    init(_ family: EncoderFamily) {
        guard family == .distilbert else { return }
        hiddenSize = Key(name: "dim", path: \.dim)
        layers = Key(name: "n_layers", path: \.n_layers)
        heads = Key(name: "n_heads", path: \.n_heads)
        intermediateSize = Key(name: "hidden_dim", path: \.hidden_dim)
        activation = Key(name: "activation", path: \.activation)
        hiddenDropout = Key(name: "dropout", path: \.dropout)
        attentionDropout = Key(name: "attention_dropout", path: \.attention_dropout)
        classifierDropout = Key(name: "seq_classif_dropout", path: \.seq_classif_dropout)
        usualClassifierDropout = 0.2
    }
}

/// A decoding error's reason, without the type names of this program.
func describe(_ error: any Error) -> String {
    guard let error = error as? DecodingError else { return "\(error)" }
    func place(_ context: DecodingError.Context) -> String {
        context.codingPath.map(\.stringValue).joined(separator: ".")
    }
    switch error {
    case .typeMismatch(_, let context), .valueNotFound(_, let context):
        return "wrong type at \"\(place(context))\""
    case .keyNotFound(let key, _): return "\"\(key.stringValue)\" is missing"
    case .dataCorrupted(let context) where !context.codingPath.isEmpty:
        return "a value that it cannot have at \"\(place(context))\""
    case .dataCorrupted: return "not valid JSON"
    @unknown default: return "not valid JSON"
    }
}

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The shape of a BERT encoder, as a Hugging Face `config.json` states it.
public struct EncoderConfiguration: Sendable, Equatable {
    /// The width of hidden states.
    public var hiddenSize: Int
    /// How many transformer layers there are.
    public var layers: Int
    /// Attention heads in a layer; each is `hiddenSize / heads` wide.
    public var heads: Int
    /// The width of the feed-forward layer.
    public var intermediateSize: Int
    /// How many word pieces have an embedding.
    public var vocabularySize: Int
    /// The longest sequence, special tokens included.
    public var maximumLength: Int
    /// How many token types (segments) have an embedding.
    public var segments: Int
    /// Added to the variance in LayerNorm.
    public var layerNormEpsilon: Float = 1e-12
    /// Dropout of hidden states while training.
    public var hiddenDropout: Float = 0.1
    /// Dropout of attention probabilities while training.
    public var attentionDropout: Float = 0.1
    /// Dropout before the classification head; nil: as `hiddenDropout`.
    public var classifierDropout: Float?
    /// The standard deviation of new weights.
    public var initializerRange: Float = 0.02
    /// The id that pads sequences; kept for other programs, since nothing is padded here.
    public var paddingTokenID: Int = 0
    /// The classes' names by index; empty for a bare encoder.
    public var labels: [String] = []

    /// A configuration with the usual dropout, epsilon and initial range.
    public init(
        hiddenSize: Int, layers: Int, heads: Int, intermediateSize: Int, vocabularySize: Int,
        maximumLength: Int, segments: Int = 2
    ) {
        self.hiddenSize = hiddenSize
        self.layers = layers
        self.heads = heads
        self.intermediateSize = intermediateSize
        self.vocabularySize = vocabularySize
        self.maximumLength = maximumLength
        self.segments = segments
    }

    /// Reads `config.json` of a Hugging Face model folder.
    ///
    /// - Throws: `EncoderError` for a missing file, invalid JSON, another architecture, or sizes
    ///   that are out of range.
    public init(folder: URL) throws {
        let file = folder.appendingPathComponent("config.json")
        let data: Data
        do { data = try Data(contentsOf: file) } catch {
            guard !FileManager.default.fileExists(atPath: file.path) else {
                throw EncoderError.invalid(file.path, "cannot be read; check its permissions")
            }
            throw EncoderError.missing(
                file.path, expected: "a Hugging Face model folder with config.json")
        }
        let raw: Raw
        do { raw = try JSONDecoder().decode(Raw.self, from: data) } catch {
            throw EncoderError.invalid(
                file.path, "expected a JSON object with BERT's settings (\(describe(error)))")
        }
        try self.init(raw, file: file.path)
    }

    private init(_ raw: Raw, file: String) throws {
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
        guard raw.model_type ?? "bert" == "bert" else {
            throw EncoderError.invalid(
                file,
                "model_type is \"\(raw.model_type ?? "")\"; expected \"bert\": use a BERT encoder")
        }
        guard raw.hidden_act ?? "gelu" == "gelu" else {
            throw EncoderError.invalid(
                file, "hidden_act is \"\(raw.hidden_act ?? "")\"; expected \"gelu\"")
        }
        guard raw.position_embedding_type ?? "absolute" == "absolute" else {
            throw EncoderError.invalid(
                file,
                "position_embedding_type is \"\(raw.position_embedding_type ?? "")\"; "
                    + "expected \"absolute\"")
        }
        self.init(
            hiddenSize: try bounded(raw.hidden_size, "hidden_size", 1...65_536),
            layers: try bounded(raw.num_hidden_layers, "num_hidden_layers", 1...1_000),
            heads: try bounded(raw.num_attention_heads, "num_attention_heads", 1...65_536),
            intermediateSize: try bounded(raw.intermediate_size, "intermediate_size", 1...1 << 20),
            vocabularySize: try bounded(raw.vocab_size, "vocab_size", 1...1 << 24),
            maximumLength: try bounded(
                raw.max_position_embeddings, "max_position_embeddings", 3...1 << 20),
            segments: try bounded(raw.type_vocab_size ?? 2, "type_vocab_size", 1...1_024))
        guard hiddenSize % heads == 0 else {
            throw EncoderError.invalid(
                file, "hidden_size \(hiddenSize) is not a multiple of num_attention_heads \(heads)")
        }
        layerNormEpsilon = raw.layer_norm_eps ?? 1e-12
        guard layerNormEpsilon > 0 && layerNormEpsilon < 1 else {
            throw EncoderError.invalid(
                file, "layer_norm_eps is \(layerNormEpsilon); expected a small positive number")
        }
        hiddenDropout = try share(raw.hidden_dropout_prob, "hidden_dropout_prob", default: 0.1)
        attentionDropout = try share(
            raw.attention_probs_dropout_prob, "attention_probs_dropout_prob", default: 0.1)
        classifierDropout = try raw.classifier_dropout.map {
            try share($0, "classifier_dropout", default: 0)
        }
        initializerRange = raw.initializer_range ?? 0.02
        guard initializerRange >= 0 && initializerRange < 10 else {
            throw EncoderError.invalid(
                file, "initializer_range is \(initializerRange); expected 0 up to below 10")
        }
        paddingTokenID = raw.pad_token_id ?? 0
        labels = try Self.labels(raw.id2label ?? [:], file: file)
    }

    private static func labels(_ names: [String: String], file: String) throws -> [String] {
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

    /// How many elements all parameters have together, without head and pooler.
    var encoderParameterCount: Int {
        let layer =
            4 * hiddenSize * (hiddenSize + 1) + 2 * hiddenSize * intermediateSize
            + intermediateSize + 5 * hiddenSize
        return (vocabularySize + maximumLength + segments + 2) * hiddenSize + layers * layer
    }

    /// The same as a `config.json` that `transformers` reads as a sequence classifier's.
    public func json() throws -> Data {
        var names: [String: String] = [:]
        var indices: [String: Int] = [:]
        for (index, label) in labels.enumerated() {
            names["\(index)"] = label
            indices[label] = index
        }
        // One label is a tagger's; a classifier has two at least.
        let kind =
            labels.isEmpty
            ? "BertModel"
            : labels.count == 1
                ? "BertForTokenClassification" : "BertForSequenceClassification"
        let raw = Raw(
            architectures: [kind],
            model_type: "bert",
            hidden_size: hiddenSize, num_hidden_layers: layers, num_attention_heads: heads,
            intermediate_size: intermediateSize, hidden_act: "gelu", vocab_size: vocabularySize,
            max_position_embeddings: maximumLength, type_vocab_size: segments,
            layer_norm_eps: layerNormEpsilon, hidden_dropout_prob: hiddenDropout,
            attention_probs_dropout_prob: attentionDropout, classifier_dropout: classifierDropout,
            initializer_range: initializerRange, pad_token_id: paddingTokenID,
            position_embedding_type: "absolute",
            problem_type: labels.count < 2 ? nil : "single_label_classification",
            id2label: labels.isEmpty ? nil : names, label2id: labels.isEmpty ? nil : indices)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        var data = try encoder.encode(raw)
        data.append(UInt8(ascii: "\n"))
        return data
    }

    /// The file's own keys.
    private struct Raw: Codable {
        var architectures: [String]?
        var model_type: String?
        var hidden_size: Int?
        var num_hidden_layers: Int?
        var num_attention_heads: Int?
        var intermediate_size: Int?
        var hidden_act: String?
        var vocab_size: Int?
        var max_position_embeddings: Int?
        var type_vocab_size: Int?
        var layer_norm_eps: Float?
        var hidden_dropout_prob: Float?
        var attention_probs_dropout_prob: Float?
        var classifier_dropout: Float?
        var initializer_range: Float?
        var pad_token_id: Int?
        var position_embedding_type: String?
        var problem_type: String?
        var id2label: [String: String]?
        var label2id: [String: Int]?
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
    case .dataCorrupted: return "not valid JSON"
    @unknown default: return "not valid JSON"
    }
}

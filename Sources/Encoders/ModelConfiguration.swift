import Files

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// What a model folder's `config.json` states: the shape of an encoder, and the classes of its head.
package struct ModelConfiguration: Sendable, Equatable {
    /// The encoder's shape.
    package var encoder: EncoderConfiguration
    /// The classes' names by index; empty for a bare encoder.
    package var labels: [String]

    /// A configuration from its parts.
    package init(_ encoder: EncoderConfiguration, labels: [String]) {
        self.encoder = encoder
        self.labels = labels
    }

    /// Reads `config.json` from files that may have been read already.
    ///
    /// - Throws: `EncoderError`, `FileError`.
    package init(_ folder: FolderFiles) throws {
        let file = try ConfigurationFile(folder)
        self.init(try EncoderConfiguration(file), labels: try file.labels())
    }

    /// The same as a `config.json` that `transformers` reads as a sequence classifier's.
    package func json() throws -> Data {
        let family = encoder.family
        let keys = family.keys
        var file: [String: ConfigurationValue] = [
            "architectures": .strings([family.architecture(classes: labels.count)]),
            "model_type": .string(family.rawValue),
            keys.hiddenSize: .integer(encoder.hiddenSize), keys.layers: .integer(encoder.layers),
            keys.heads: .integer(encoder.heads),
            keys.intermediateSize: .integer(encoder.intermediateSize),
            keys.activation: .string("gelu"), "vocab_size": .integer(encoder.vocabularySize),
            "max_position_embeddings": .integer(encoder.positions),
            keys.hiddenDropout: .number(encoder.hiddenDropout),
            keys.attentionDropout: .number(encoder.attentionDropout),
            "initializer_range": .number(encoder.initializerRange),
            "pad_token_id": .integer(encoder.paddingTokenID),
        ]
        if family.hasSegments {
            file["type_vocab_size"] = .integer(encoder.segments)
            file["position_embedding_type"] = .string("absolute")
        }
        if family.fixedLayerNormEpsilon == nil {
            file["layer_norm_eps"] = .number(encoder.layerNormEpsilon)
        }
        file[keys.classifierDropout] = encoder.classifierDropout.map { .number($0) }
        if !labels.isEmpty {
            let indices = labels.enumerated()
            if labels.count > 1 { file["problem_type"] = .string("single_label_classification") }
            file["id2label"] = .names(
                Dictionary(uniqueKeysWithValues: indices.map { ("\($0)", $1) }))
            file["label2id"] = .numbers(Dictionary(indices.map { ($1, $0) }) { _, last in last })
        }
        let writer = JSONEncoder()
        writer.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        var data = try writer.encode(file)
        data.append(UInt8(ascii: "\n"))
        return data
    }
}

/// A value of `config.json` that is written.
private enum ConfigurationValue: Encodable {
    case integer(Int), number(Float), string(String), strings([String])
    case names([String: String]), numbers([String: Int])

    func encode(to encoder: any Swift.Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .integer(let value): try container.encode(value)
        case .number(let value): try container.encode(value)
        case .string(let value): try container.encode(value)
        case .strings(let value): try container.encode(value)
        case .names(let value): try container.encode(value)
        case .numbers(let value): try container.encode(value)
        }
    }
}

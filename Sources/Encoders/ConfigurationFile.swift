import Errors
import Files
import JSON

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// The keys of `config.json` that families call by different names; BERT's by default.
struct ConfigurationKeys: Sendable {
    var hiddenSize = "hidden_size"
    var layers = "num_hidden_layers"
    var heads = "num_attention_heads"
    var intermediateSize = "intermediate_size"
    var activation = "hidden_act"
    var hiddenDropout = "hidden_dropout_prob"
    var attentionDropout = "attention_probs_dropout_prob"
    var classifierDropout = "classifier_dropout"
}

extension EncoderConfiguration {
    /// Reads `config.json` of a Hugging Face model folder.
    ///
    /// - Throws: `EncoderError` for a missing file, invalid JSON, another architecture, or sizes
    ///   that are out of range.
    public init(folder: URL) throws { try self.init(FolderFiles(folder.path)) }

    /// Reads `config.json` from files that may have been read already.
    ///
    /// - Throws: `EncoderError`, `FileError`.
    package init(_ folder: FolderFiles) throws { self = try ModelConfiguration(folder).encoder }

    /// An encoder's own settings.
    init(_ raw: ConfigurationFile) throws {
        let type = try raw.string("model_type") ?? EncoderFamily.bert.rawValue
        guard let family = EncoderFamily(rawValue: type) else {
            let known = EncoderFamily.allCases.map { "\"\($0.rawValue)\"" }
            throw raw.error(
                "model_type is \"\(printable(type, limit: 100))\"; expected "
                    + known.joined(separator: ", ") + ": use such an encoder")
        }
        let keys = family.keys
        try raw.require(keys.activation, "gelu")
        try raw.require("position_embedding_type", "absolute")
        guard try raw.bool("is_decoder") != true else {
            throw raw.error(
                "is_decoder is true; expected an encoder, which reads in both directions")
        }
        let padding = try raw.integer("pad_token_id") ?? family.usualPaddingTokenID
        // Where positions are counted from it, it must be in range.
        let isCounted = family.unusedPositions(0) > 0
        if isCounted { try raw.check(padding, "pad_token_id", 0...1 << 20) }
        let unused = isCounted ? family.unusedPositions(padding) : 0
        self.init(
            hiddenSize: try raw.integer(keys.hiddenSize, in: 1...65_536),
            layers: try raw.integer(keys.layers, in: 1...1_000),
            heads: try raw.integer(keys.heads, in: 1...65_536),
            intermediateSize: try raw.integer(keys.intermediateSize, in: 1...1 << 20),
            vocabularySize: try raw.integer("vocab_size", in: 1...1 << 24),
            maximumLength: try raw.integer("max_position_embeddings", in: 3 + unused...1 << 21)
                - unused,
            segments: family.hasSegments
                ? try raw.integer("type_vocab_size", in: 1...1_024, default: 2) : 0)
        self.family = family
        paddingTokenID = padding
        guard hiddenSize % heads == 0 else {
            throw raw.error(
                "\(keys.hiddenSize) \(hiddenSize) is not a multiple of \(keys.heads) \(heads)")
        }
        layerNormEpsilon =
            try family.fixedLayerNormEpsilon ?? raw.number("layer_norm_eps") ?? 1e-12
        guard layerNormEpsilon > 0 && layerNormEpsilon < 1 else {
            throw raw.error(
                "layer_norm_eps is \(layerNormEpsilon); expected a small positive number")
        }
        hiddenDropout = try raw.share(keys.hiddenDropout) ?? 0.1
        attentionDropout = try raw.share(keys.attentionDropout) ?? 0.1
        classifierDropout =
            try raw.share(keys.classifierDropout) ?? family.usualClassifierDropout
        initializerRange = try raw.number("initializer_range") ?? 0.02
        guard initializerRange >= 0 && initializerRange < 10 else {
            throw raw.error("initializer_range is \(initializerRange); expected 0 up to below 10")
        }
    }
}

/// `config.json` as it was read, which may be anybody's.
struct ConfigurationFile {
    let file: String
    private let values: [String: JSONValue]

    /// - Throws: `EncoderError`, `FileError`.
    init(_ folder: FolderFiles) throws {
        file = folder.path(of: "config.json")
        guard let bytes = try folder.bytes("config.json") else {
            throw EncoderError.missing(
                file, expected: "a Hugging Face model folder with config.json")
        }
        do {
            guard let values = try JSONParser.value(of: bytes, file: file).object else {
                throw EncoderError.invalid(
                    file, "expected a JSON object with an encoder's settings")
            }
            self.values = values
        } catch let error as JSONError {
            throw EncoderError.invalid("\(file):\(error.line)", error.problem)
        }
    }

    func error(_ problem: String) -> EncoderError { .invalid(file, problem) }

    /// A value; nil where there is none, or null.
    private func value(_ key: String) -> JSONValue? {
        values[key].flatMap { $0 == .null ? nil : $0 }
    }

    private func value<Value>(
        _ key: String, _ what: String, _ read: (JSONValue) -> Value?
    ) throws -> Value? {
        guard let value = value(key) else { return nil }
        guard let result = read(value) else {
            throw error("\(key) is \(value.summary); expected \(what)")
        }
        return result
    }

    func string(_ key: String) throws -> String? { try value(key, "a string") { $0.string } }

    func integer(_ key: String) throws -> Int? {
        try value(key, "a whole number") { $0.integer }
    }

    func bool(_ key: String) throws -> Bool? {
        try value(key, "true or false") {
            if case .boolean(let flag) = $0 { flag } else { nil }
        }
    }

    func number(_ key: String) throws -> Float? {
        try value(key, "a number") {
            $0.double.map { Float($0) }
        }
    }

    /// A share from 0 up to below 1.
    func share(_ key: String) throws -> Float? {
        guard let value = try number(key) else { return nil }
        guard value >= 0 && value < 1 else {
            throw error("\(key) is \(value); expected 0 up to below 1")
        }
        return value
    }

    /// A whole number in a range.
    func integer(
        _ key: String, in range: ClosedRange<Int>, default standard: Int? = nil
    ) throws -> Int {
        guard let value = try integer(key) ?? standard else { throw error("\(key) is missing") }
        try check(value, key, range)
        return value
    }

    func check(_ value: Int, _ key: String, _ range: ClosedRange<Int>) throws {
        guard range.contains(value) else {
            throw error("\(key) is \(value); expected \(range.lowerBound) to \(range.upperBound)")
        }
    }

    /// Complains about a setting that is there and has another value.
    func require(_ key: String, _ wanted: String) throws {
        let found = try string(key) ?? wanted
        guard found == wanted else {
            throw error("\(key) is \"\(printable(found, limit: 100))\"; expected \"\(wanted)\"")
        }
    }

    /// The classes' names by index.
    func labels() throws -> [String] {
        let names = try value("id2label", "an object of names") { $0.object } ?? [:]
        // The head's size is theirs, and no file's.
        guard names.count <= 1 << 16 else {
            throw error(
                "id2label has \(names.count) entries; at most \(1 << 16) were expected")
        }
        let labels = try (0..<names.count).map { index in
            guard let name = names["\(index)"]?.string, !name.isEmpty else {
                throw error("id2label has \(names.count) entries, but no name for \(index)")
            }
            return name
        }
        guard Set(labels).count == labels.count else {
            throw error("id2label names two classes alike: \(labels)")
        }
        return labels
    }
}

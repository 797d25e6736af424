/// The step that changes a text before it is split.
package enum Normalizer: Sendable, Equatable {
    /// `BertNormalizer`.
    case bert(BertNormalizer)
    /// One that no tokenizer here has, as it is stated.
    case other(JSONFile)

    /// Reads `normalizer` of `tokenizer.json`.
    init(_ options: JSONFile) throws {
        switch options.type {
        case "BertNormalizer": self = .bert(try BertNormalizer(options))
        default: self = .other(options)
        }
    }

    /// What `tokenizer.json` calls it.
    var type: String? {
        switch self {
        case .bert: "BertNormalizer"
        case .other(let options): options.type
        }
    }
}

extension BertNormalizer {
    /// Reads the options of `tokenizer.json`.
    init(_ options: JSONFile) throws {
        cleansText = try options.boolean("clean_text") ?? true
        separatesIdeographs = try options.boolean("handle_chinese_chars") ?? true
        lowercases = try options.boolean("lowercase") ?? true
        stripsAccents = try options.boolean("strip_accents") ?? lowercases
    }

    /// Reads the options of `tokenizer_config.json`.
    init(configuration: JSONFile) throws {
        lowercases = try configuration.boolean("do_lower_case") ?? true
        stripsAccents = try configuration.boolean("strip_accents") ?? lowercases
        separatesIdeographs = try configuration.boolean("tokenize_chinese_chars") ?? true
    }

    /// No normalisation.
    static let none = BertNormalizer(
        cleansText: false, separatesIdeographs: false, stripsAccents: false, lowercases: false)
}

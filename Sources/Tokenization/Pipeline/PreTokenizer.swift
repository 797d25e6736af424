/// The step that splits a text into stretches that pieces do not cross.
package enum PreTokenizer: Sendable, Equatable {
    /// `BertPreTokenizer`: at white space, and around each mark of punctuation.
    case bert
    /// `ByteLevel`: into words with the space before them, as bytes.
    case byteLevel(ByteLevelOptions)
    /// One that no tokenizer here has, as it is stated.
    case other(JSONFile)

    /// Reads `pre_tokenizer` of `tokenizer.json`.
    init(_ options: JSONFile) throws {
        switch options.type {
        case "BertPreTokenizer": self = .bert
        case "ByteLevel": self = .byteLevel(try ByteLevelOptions(options))
        default: self = .other(options)
        }
    }

    /// What `tokenizer.json` calls it.
    var type: String? {
        switch self {
        case .bert: "BertPreTokenizer"
        case .byteLevel: "ByteLevel"
        case .other(let options): options.type
        }
    }
}

/// What the byte-level steps before and after a model do with spaces.
package struct ByteLevelOptions: Sendable, Equatable {
    /// Whether a text is read as if a space stood before it.
    package var addsPrefixSpace = true
    /// Whether offsets leave spaces out.
    package var trimsOffsets = true
    /// Whether a text is split as GPT-2's regular expression does.
    package var usesRegex = true
}

extension ByteLevelOptions {
    /// Reads the options of a step in `tokenizer.json`.
    init(_ options: JSONFile) throws {
        addsPrefixSpace = try options.boolean("add_prefix_space") ?? true
        trimsOffsets = try options.boolean("trim_offsets") ?? true
        usesRegex = try options.boolean("use_regex") ?? true
    }
}

import Errors
import JSON

/// How a tokenizer is set up, as its folder's JSON files say.
///
/// Hugging Face's fast tokenizers read `tokenizer.json`, so where that file is there it counts, and
/// an option that `tokenizer_config.json` states otherwise is an error rather than a guess. Where
/// it is not, `tokenizer_config.json` counts, then `special_tokens_map.json`, then the defaults of
/// the model: BERT's, unless said otherwise.
struct TokenizerSettings {
    /// The tokens with a role, by the name of the role in the files.
    var specialTokens = [
        "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]", "cls_token": "[CLS]",
        "mask_token": "[MASK]",
    ]
    var normalizer = BertNormalizer()
    var addedTokens: [AddedTokenEntry] = []
    var continuationPrefix = "##"
    var longestWord = 100
    var modelMaximumLength: Int?
    /// Ids that the `post_processor` of `tokenizer.json` states beside a token's text.
    var postProcessorIDs: [(content: String, id: Int, file: String)] = []

    /// An added token as the files name it; its id where they give one.
    struct AddedTokenEntry {
        var token: AddedToken
        var id: Int?
        let file: String
        /// Whether the id must be the next one.
        var countsOn = false
    }

    private static let mostAddedTokens = 4096

    /// Above this, `model_max_length` is a way to say that there is no limit.
    private static let largestModelLength = 1_000_000.0

    /// Applies `tokenizer_config.json`, with `special_tokens_map.json` and `added_tokens.json`
    /// beside it.
    mutating func read(
        configuration: JSONFile?, specialTokensMap: JSONFile?, addedTokens added: JSONFile?
    ) throws {
        var roles: [String: (value: JSONValue, file: JSONFile)] = [:]
        for file in [specialTokensMap, configuration].compactMap({ $0 }) {
            for role in specialTokens.keys {
                if let value = file.root[role] {
                    specialTokens[role] = try file.content(of: value, named: role)
                    roles[role] = (value, file)
                }
            }
            for value in try file.elements(of: "additional_special_tokens") {
                try add(value, named: "additional_special_tokens", isNormalized: false, in: file)
            }
        }
        if let file = configuration { try read(options: file) }
        // An object says how its token is looked for.
        for (role, (value, file)) in roles.sorted(by: { $0.key < $1.key }) where value.object != nil
        {
            try add(value, named: role, isNormalized: false, in: file)
        }
        if let file = added {
            // By id, as Hugging Face does: of two that normalise alike the first one counts.
            let members = (file.root.object ?? [:]).sorted {
                ($0.value.integer ?? 0, $0.key) < ($1.value.integer ?? 0, $1.key)
            }
            for (content, id) in members {
                guard let id = id.integer else { throw file.wrong(content, id, "a token's id") }
                try add(.string(content), id: id, named: content, isNormalized: true, in: file)
            }
        }
    }

    private mutating func read(options file: JSONFile) throws {
        normalizer.lowercases = try file.boolean("do_lower_case") ?? true
        normalizer.stripsAccents = try file.boolean("strip_accents") ?? normalizer.lowercases
        normalizer.separatesIdeographs = try file.boolean("tokenize_chinese_chars") ?? true
        for (name, supported) in [("do_basic_tokenize", true), ("split_special_tokens", false)] {
            guard let value = try file.boolean(name), value != supported else { continue }
            throw TokenizerError.unsupported(
                file: file.path, problem: "\(name) is \(value); only \(supported) is supported")
        }
        let value = file.root["model_max_length"]
        switch value {
        case nil: break
        case .number(let length)? where length > Self.largestModelLength: break
        case .number(let length)? where length >= 3 && length == length.rounded():
            modelMaximumLength = Int(length)
        case let value?:
            throw file.wrong("model_max_length", value, "a whole number of at least 3")
        }
        let decoder = (file.root["added_tokens_decoder"]?.object ?? [:]).sorted {
            (Int($0.key) ?? 0, $0.key) < (Int($1.key) ?? 0, $1.key)
        }
        for (id, value) in decoder {
            guard let id = Int(id) else {
                throw file.wrong("added_tokens_decoder", .string(id), "a token's id")
            }
            try add(value, id: id, named: "added_tokens_decoder", isNormalized: true, in: file)
        }
        for value in try file.elements(of: "never_split") {
            let content = try file.content(of: value, named: "never_split")
            let known =
                addedTokens.map(\.token.content) + specialTokens.values.map { Array($0.utf8) }
            guard known.contains(Array(content.utf8)) else {
                throw TokenizerError.unsupported(
                    file: file.path,
                    problem: "never_split holds \(quoted(content)), which fast tokenizers split; "
                        + "make it an added token instead")
            }
        }
    }

    /// Adds a token: a string, or an object with `content` and how to look for it. One that is
    /// known already stays as it is, but for an id that it lacked.
    mutating func add(
        _ value: JSONValue, id: Int? = nil, named name: String, isNormalized: Bool,
        in file: JSONFile
    ) throws {
        let content = Array(try file.content(of: value, named: name).utf8)
        if let id, !(0...Int(Vocabulary.largestID) ~= id) {
            throw file.wrong(
                name, .number(Double(id)), "an id up to \(Vocabulary.largestID)")
        }
        // Each is compared with each other one, and looked for at each place of a text.
        guard addedTokens.count < Self.mostAddedTokens else {
            throw TokenizerError.unsupported(
                file: file.path, problem: "more than \(Self.mostAddedTokens) added tokens")
        }
        var token = AddedToken(id: -1, content: content, isNormalized: isNormalized)
        if value.object != nil {
            let object = JSONFile(path: file.path, root: value)
            token.isSingleWord = try object.boolean("single_word") ?? false
            token.stripsLeft = try object.boolean("lstrip") ?? false
            token.stripsRight = try object.boolean("rstrip") ?? false
            let isSpecial = try object.boolean("special") ?? !isNormalized
            token.isNormalized = try object.boolean("normalized") ?? !isSpecial
        }
        if let known = addedTokens.firstIndex(where: { $0.token.content == content }) {
            addedTokens[known].id = addedTokens[known].id ?? id
            return
        }
        addedTokens.append(AddedTokenEntry(token: token, id: id, file: file.path))
    }
}

/// A JSON file's content, with its path for error texts.
struct JSONFile {
    let path: String
    let root: JSONValue

    func boolean(_ name: String) throws -> Bool? {
        switch root[name] {
        case nil: return nil
        case .boolean(let value)?: return value
        case let value?: throw wrong(name, value, "true or false")
        }
    }

    func integer(_ name: String, in range: ClosedRange<Int>) throws -> Int? {
        guard let value = root[name] else { return nil }
        guard let integer = value.integer, range.contains(integer) else {
            throw wrong(
                name, value, "a whole number from \(range.lowerBound) to \(range.upperBound)")
        }
        return integer
    }

    func string(_ name: String) throws -> String? {
        guard let value = root[name] else { return nil }
        guard let string = value.string else { throw wrong(name, value, "a string") }
        return string
    }

    func elements(of name: String) throws -> [JSONValue] {
        guard let value = root[name] else { return [] }
        guard let array = value.array else { throw wrong(name, value, "an array") }
        return array
    }

    /// A token's content: a string, or the `content` of an object.
    func content(of value: JSONValue, named name: String) throws -> String {
        guard let content = value.string ?? value["content"]?.string, !content.isEmpty else {
            throw wrong(name, value, "a token, or an object with its \"content\"")
        }
        return content
    }

    /// Complains about a tokenizer that reads its vocabulary in a way of its own. Names of classes
    /// that read any `tokenizer.json` say nothing.
    ///
    /// - Parameters:
    ///   - known: what the names of classes begin with that read theirs as the family's does.
    func checkClass(_ known: [String], family: String) throws {
        guard let name = try string("tokenizer_class") else { return }
        let names = known.flatMap { ["\($0)Tokenizer", "\($0)TokenizerFast"] }
        guard (names + ["PreTrainedTokenizerFast", "TokenizersBackend"]).contains(name) else {
            throw TokenizerError.unsupported(
                file: path,
                problem: "tokenizer_class is \(quoted(name)); without tokenizer.json only "
                    + "\(family)'s is known: add that file, if there is one for this tokenizer")
        }
    }

    func wrong(_ name: String, _ value: JSONValue, _ expected: String) -> TokenizerError {
        .malformed(
            file: path, line: nil,
            problem: "\(quoted(name)) is \(value.summary); \(expected) was expected")
    }
}

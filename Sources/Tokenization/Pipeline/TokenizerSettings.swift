import Errors
import JSON

/// What a folder's JSON files say of a tokenizer besides its model and the steps around it: the
/// tokens with a role, the added tokens, and the options of `tokenizer_config.json`.
///
/// Hugging Face's fast tokenizers read `tokenizer.json`, so where that file is there it counts, and
/// an option that `tokenizer_config.json` states otherwise is an error rather than a guess. Where
/// it is not, `tokenizer_config.json` counts, then `special_tokens_map.json`, then the defaults of
/// the model.
package struct TokenizerSettings {
    /// The tokens with a role, by the name of the role in the files.
    var specialTokens: [String: String]
    /// The normalisation that `tokenizer_config.json` asks a BERT tokenizer for.
    private(set) var normalizer = BertNormalizer()
    private(set) var addedTokens: [AddedTokenEntry] = []
    private(set) var modelMaximumLength: Int?

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

    init(specialTokens: [String: String]) { self.specialTokens = specialTokens }

    /// Applies `tokenizer_config.json`, with `special_tokens_map.json` and `added_tokens.json`
    /// beside it.
    mutating func read(_ files: TokenizerFiles) throws {
        var roles: [String: (value: JSONValue, file: JSONFile)] = [:]
        for file in [files.specialTokensMap, files.configuration].compactMap({ $0 }) {
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
        if let file = files.configuration { try read(options: file) }
        // An object says how its token is looked for.
        for (role, (value, file)) in roles.sorted(by: { $0.key < $1.key }) where value.object != nil
        {
            try add(value, named: role, isNormalized: false, in: file)
        }
        if let file = files.addedTokens {
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
        normalizer = try BertNormalizer(configuration: file)
        for (name, supported) in [("do_basic_tokenize", true), ("split_special_tokens", false)] {
            guard let value = try file.boolean(name), value != supported else { continue }
            throw TokenizerError.unsupported(
                file: file.path, problem: "\(name) is \(value); only \(supported) is supported")
        }
        if let value = file.root["model_max_length"] {
            guard let length = value.double, length >= 3, length == length.rounded() else {
                throw file.wrong("model_max_length", value, "a whole number of at least 3")
            }
            // A larger one stands for no limit.
            if length <= Self.largestModelLength { modelMaximumLength = Int(length) }
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

    /// Takes the added tokens of `tokenizer.json`, before those of the other files: it knows how a
    /// token is looked for.
    mutating func readAddedTokens(_ file: JSONFile) throws {
        let others = addedTokens
        addedTokens = []
        for value in try file.elements(of: "added_tokens") {
            guard let id = value["id"]?.integer else {
                throw file.wrong("added_tokens", value, "an object with an \"id\"")
            }
            try add(value, id: id, named: "added_tokens", isNormalized: true, in: file)
        }
        // Fast tokenizers number these themselves, whatever the file says.
        for index in addedTokens.indices { addedTokens[index].countsOn = true }
        for other in others
        where !addedTokens.contains(where: { $0.token.content == other.token.content }) {
            addedTokens.append(other)
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

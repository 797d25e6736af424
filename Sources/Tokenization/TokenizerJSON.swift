import Errors

extension TokenizerSettings {
    /// Applies `tokenizer.json`, which must describe a BERT tokenizer, and compares it with what
    /// `tokenizer_config.json` has said.
    mutating func read(tokenizer file: JSONFile, configuration: JSONFile?) throws {
        let model = JSONFile(path: file.path, root: file.root["model"] ?? .null)
        try expect("model's type", model.root["type"]?.string ?? "WordPiece", "WordPiece", in: file)
        if let unknown = try model.string("unk_token"), unknown != specialTokens["unk_token"] {
            throw TokenizerError.malformed(
                file: file.path, line: nil,
                problem: "the unknown token is \(quoted(unknown)); "
                    + "\(quoted(specialTokens["unk_token"] ?? "")) was expected")
        }
        continuationPrefix =
            try model.string("continuing_subword_prefix") ?? continuationPrefix
        longestWord =
            try model.integer("max_input_chars_per_word", in: 1...10_000) ?? longestWord
        try expect(
            "pre_tokenizer's type", file.root["pre_tokenizer"]?["type"]?.string,
            "BertPreTokenizer", in: file)
        try readNormalizer(file, configuration: configuration)
        try checkTemplate(file)

        try readAddedTokens(file)
    }

    private mutating func readNormalizer(
        _ file: JSONFile, configuration: JSONFile?
    ) throws {
        guard let value = file.root["normalizer"] else {
            normalizer = BertNormalizer(
                cleansText: false, separatesIdeographs: false, stripsAccents: false,
                lowercases: false)
            return try compare(file, configuration)
        }
        try expect("normalizer's type", value["type"]?.string, "BertNormalizer", in: file)
        let options = JSONFile(path: file.path, root: value)
        normalizer.cleansText = try options.boolean("clean_text") ?? true
        normalizer.separatesIdeographs = try options.boolean("handle_chinese_chars") ?? true
        normalizer.lowercases = try options.boolean("lowercase") ?? true
        normalizer.stripsAccents = try options.boolean("strip_accents") ?? normalizer.lowercases
        try compare(file, configuration)
    }

    /// What the two files state must be the same; what only one states is fine.
    private func compare(_ file: JSONFile, _ configuration: JSONFile?) throws {
        guard let configuration else { return }
        let lowercases = try configuration.boolean("do_lower_case") ?? normalizer.lowercases
        let strips = try configuration.boolean("strip_accents")
        let pairs = [
            ("do_lower_case", lowercases, normalizer.lowercases),
            ("strip_accents", strips ?? normalizer.stripsAccents, normalizer.stripsAccents),
            (
                "tokenize_chinese_chars",
                try configuration.boolean("tokenize_chinese_chars")
                    ?? normalizer.separatesIdeographs, normalizer.separatesIdeographs
            ),
        ]
        for (name, stated, used) in pairs where stated != used {
            throw TokenizerError.malformed(
                file: configuration.path, line: nil,
                problem: "\(name) is \(stated), but the normalizer in \(file.path) has it "
                    + "\(used); make the two agree")
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

    /// The pieces around the texts must be those of BERT, and so must the segments.
    /// Where nothing is said of them, `transformers` 5 puts BERT's there.
    private mutating func checkTemplate(_ file: JSONFile) throws {
        guard let root = file.root["post_processor"] else { return }
        let processor = JSONFile(path: file.path, root: root)
        let (start, end) = (specialTokens["cls_token"] ?? "", specialTokens["sep_token"] ?? "")
        let type = processor.root["type"]?.string
        if type == "BertProcessing" {
            for (name, expected) in [("cls", start), ("sep", end)] {
                let found = try readPostProcessorPair(name, of: processor)
                try expect("post_processor's \(name)", found, expected, in: file)
            }
            return
        }
        try expect("post_processor's type", type, "TemplateProcessing", in: file)
        let single = ["\(start):0", "A:0", "\(end):0"]
        for (name, expected) in [("single", single), ("pair", single + ["B:1", "\(end):1"])] {
            let found = try processor.elements(of: name).map { part in
                let element = part["SpecialToken"] ?? part["Sequence"]
                return "\(element?["id"]?.string ?? "?"):\(element?["type_id"]?.integer ?? -1)"
            }
            try expect(
                "template for \(name)", found.joined(separator: " "),
                expected.joined(separator: " "), in: file)
        }
        for content in [start, end] { try readTemplateID(of: content, in: processor) }
    }
}

/// Complains where a setting of a file is not the only one that is supported.
func expect(_ what: String, _ found: String?, _ expected: String, in file: JSONFile) throws {
    guard found != expected else { return }
    throw TokenizerError.unsupported(
        file: file.path,
        problem: "the \(what) is \(found.map { quoted($0) } ?? "missing"); "
            + "\(quoted(expected)) was expected")
}

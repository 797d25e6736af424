import Errors

/// What a byte-level BPE tokenizer's JSON files say beyond `TokenizerSettings`.
struct ByteLevelSettings {
    var settings = TokenizerSettings(specialTokens: [
        "unk_token": "<unk>", "sep_token": "</s>", "pad_token": "<pad>", "cls_token": "<s>",
        "mask_token": "<mask>",
    ])
    var addsPrefixSpace = false
    /// Whether offsets leave spaces out, and if so, whether the first one was added; nil: they keep
    /// them.
    var trimmingAddsPrefixSpace: Bool? = false
    /// How many separators stand between a query and a document.
    var separatorsBetween = 2
    var documentSegment: Int32 = 0

    /// Without `tokenizer.json` RoBERTa's defaults hold, but for what the other files say: those of
    /// `transformers` 5, where the mask leaves the spaces before it alone. In version 4 it took them
    /// along.
    init(_ files: TokenizerFiles) throws {
        try settings.read(
            configuration: files.configuration, specialTokensMap: files.specialTokensMap,
            addedTokens: files.addedTokens)
        guard let tokenizer = files.tokenizer else {
            try readConfiguration(files)
            return
        }
        try checkModel(tokenizer)
        if let normalizer = tokenizer.root["normalizer"] {
            throw TokenizerError.unsupported(
                file: tokenizer.path,
                problem: "the normalizer is \(normalizer["type"]?.summary ?? "unnamed"); byte-level"
                    + " BPE is supported without one")
        }
        try readPreTokenizer(tokenizer)
        try readPostProcessor(tokenizer, files)
        try compare(files.configuration, tokenizer)
        try settings.readAddedTokens(tokenizer)
    }

    private mutating func readConfiguration(_ files: TokenizerFiles) throws {
        guard let file = files.configuration else { return }
        try file.checkClass(["Roberta", "Bart", "Longformer"], family: "RoBERTa")
        addsPrefixSpace = try file.boolean("add_prefix_space") ?? false
        let trims = try file.boolean("trim_offsets") ?? true
        trimmingAddsPrefixSpace = trims ? addsPrefixSpace : nil
    }

    private func checkModel(_ file: JSONFile) throws {
        let model = JSONFile(path: file.path, root: file.root["model"] ?? .null)
        try expect("model's type", try model.string("type") ?? "BPE", "BPE", in: file)
        for name in ["continuing_subword_prefix", "end_of_word_suffix"] {
            try expect("model's \(name)", try model.string(name) ?? "", "", in: file)
        }
        for name in ["byte_fallback", "ignore_merges"] where try model.boolean(name) == true {
            throw TokenizerError.unsupported(
                file: file.path, problem: "the model's \(name) is true; only false is supported")
        }
        if let dropout = model.root["dropout"], dropout != .number(0) {
            throw TokenizerError.unsupported(
                file: file.path,
                problem: "the model's dropout is \(dropout.summary); no dropout was expected")
        }
    }

    private mutating func readPreTokenizer(_ file: JSONFile) throws {
        let options = JSONFile(path: file.path, root: file.root["pre_tokenizer"] ?? .null)
        try expect("pre_tokenizer's type", options.root["type"]?.string, "ByteLevel", in: file)
        if try options.boolean("use_regex") == false {
            throw TokenizerError.unsupported(
                file: file.path,
                problem: "the pre_tokenizer's use_regex is false; only true is supported")
        }
        addsPrefixSpace = try options.boolean("add_prefix_space") ?? true
    }

    private mutating func readPostProcessor(_ file: JSONFile, _ files: TokenizerFiles) throws {
        var processor = JSONFile(path: file.path, root: file.root["post_processor"] ?? .null)
        trimmingAddsPrefixSpace = nil
        // One of spaces alone, then one of special tokens.
        if processor.root["type"]?.string == "Sequence" {
            let parts = try processor.elements(of: "processors")
            let first = JSONFile(path: file.path, root: parts.first ?? .null)
            try expect(
                "post_processor's first part", first.root["type"]?.string, "ByteLevel", in: file)
            guard parts.count == 2 else {
                throw TokenizerError.unsupported(
                    file: file.path,
                    problem: "the post_processor has \(parts.count) parts; ByteLevel and "
                        + "TemplateProcessing were expected")
            }
            try readTrimming(first)
            processor = JSONFile(path: file.path, root: parts[1])
            try expect(
                "post_processor's second part", processor.root["type"]?.string,
                "TemplateProcessing", in: file)
        }
        if processor.root["type"]?.string == "TemplateProcessing" {
            return try readTemplates(processor, files)
        }
        try expect(
            "post_processor's type", processor.root["type"]?.string, "RobertaProcessing", in: file)
        try readTrimming(processor)
        for (name, role) in [("cls", "cls_token"), ("sep", "sep_token")] {
            try set(role, settings.readPostProcessorPair(name, of: processor), files)
        }
    }

    private mutating func readTrimming(_ processor: JSONFile) throws {
        let addsPrefixSpace = try processor.boolean("add_prefix_space") ?? true
        trimmingAddsPrefixSpace =
            try processor.boolean("trim_offsets") ?? true ? addsPrefixSpace : nil
    }

    /// Takes templates like `<s> A </s>` and `<s> A </s> </s> B </s>`, with one or two separators
    /// between the texts, and B in either segment.
    private mutating func readTemplates(_ processor: JSONFile, _ files: TokenizerFiles) throws {
        func parts(_ name: String) throws -> [String] {
            try processor.elements(of: name).map { part in
                let element = part["SpecialToken"] ?? part["Sequence"]
                let kind = part["Sequence"] == nil ? "" : "text "
                let segment = element?["type_id"]?.integer ?? -1
                return "\(kind)\(element?["id"]?.string ?? "?"):\(segment)"
            }
        }
        let single = try parts("single")
        guard single.count == 3, single[1] == "text A:0", single[0].hasSuffix(":0"),
            single[2].hasSuffix(":0"), !single[0].hasPrefix("text "), !single[2].hasPrefix("text ")
        else {
            throw TokenizerError.unsupported(
                file: processor.path,
                problem: "the template for single is \(quoted(single.joined(separator: " "))); a "
                    + "special token, the text and a special token were expected")
        }
        let pair = try parts("pair")
        let ends = [0, 1].map { "\(single[2].dropLast())\($0)" }
        let layouts = [1, 2].flatMap { separators in
            [0, 1].map { segment -> (parts: [String], Int, Int) in
                let between = Array(repeating: ends[0], count: separators - 1)
                return (
                    single + between + ["text B:\(segment)", ends[segment]], separators, segment
                )
            }
        }
        guard let layout = layouts.first(where: { $0.parts == pair }) else {
            throw TokenizerError.unsupported(
                file: processor.path,
                problem: "the template for pair is \(quoted(pair.joined(separator: " "))); that "
                    + "for single with a second text and its special token was expected")
        }
        (separatorsBetween, documentSegment) = (layout.1, Int32(layout.2))
        for (part, role) in [(single[0], "cls_token"), (single[2], "sep_token")] {
            let content = String(part.dropLast(2))
            try set(role, content, files)
            try settings.readTemplateID(of: content, in: processor)
        }
    }

    /// Gives a role to a token, unless another file gives it to another one.
    private mutating func set(_ role: String, _ content: String, _ files: TokenizerFiles) throws {
        for file in [files.configuration, files.specialTokensMap].compactMap({ $0 }) {
            guard let value = file.root[role] else { continue }
            let stated = try file.content(of: value, named: role)
            guard stated == content else {
                throw TokenizerError.malformed(
                    file: file.path, line: nil,
                    problem: "\(role) is \(quoted(stated)), but the post_processor in "
                        + "tokenizer.json has \(quoted(content)); make the two agree")
            }
        }
        settings.specialTokens[role] = content
    }

    /// What the two files state must be the same; what only one states is fine.
    private func compare(_ configuration: JSONFile?, _ file: JSONFile) throws {
        guard let configuration else { return }
        let options = [
            ("add_prefix_space", addsPrefixSpace),
            ("trim_offsets", trimmingAddsPrefixSpace != nil),
        ]
        for (name, used) in options {
            guard let stated = try configuration.boolean(name), stated != used else { continue }
            throw TokenizerError.malformed(
                file: configuration.path, line: nil,
                problem: "\(name) is \(stated), but \(file.path) has it \(used); make the two agree"
            )
        }
    }
}

import Errors

/// What the steps around byte-level BPE come to: no normalisation, `ByteLevel`, then RoBERTa's
/// special tokens or a template of the same form.
struct ByteLevelSteps {
    /// The token that begins every input.
    private(set) var classifier = ""
    /// The token that ends every text.
    private(set) var separator = ""
    /// How many separators stand between a query and a document.
    private(set) var separatorsBetween = 2
    private(set) var documentSegment = 0
    /// Whether a text is read as if a space stood before it.
    let addsPrefixSpace: Bool
    /// How offsets leave spaces out, if they do; nil: nothing is said of them.
    private(set) var trimming: ByteLevelOptions?

    /// - Throws: `TokenizerError.unsupported` for other steps.
    init(_ steps: PipelineSteps, file: String) throws {
        if let normalizer = steps.normalizer {
            throw TokenizerError.unsupported(
                file: file,
                problem: "the normalizer is \(normalizer.type.map { quoted($0) } ?? "unnamed"); "
                    + "byte-level BPE is supported without one")
        }
        guard case .byteLevel(let splitting)? = steps.preTokenizer else {
            throw unsupported("pre_tokenizer's type", steps.preTokenizer?.type, "ByteLevel", file)
        }
        guard splitting.usesRegex else {
            throw TokenizerError.unsupported(
                file: file,
                problem: "the pre_tokenizer's use_regex is false; only true is supported")
        }
        addsPrefixSpace = splitting.addsPrefixSpace
        switch steps.postProcessor {
        case .sequence(let parts): try read(parts, file)
        case .template(let template): try read(template, file)
        case .roberta(let classifier, let separator, let trimming):
            (self.classifier, self.separator) = (classifier.content, separator.content)
            self.trimming = trimming
        case let other:
            throw unsupported("post_processor's type", other?.type, "RobertaProcessing", file)
        }
    }

    /// Takes one step of spaces alone, then one of special tokens.
    private mutating func read(_ parts: [PostProcessor], _ file: String) throws {
        guard case .byteLevel(let trimming)? = parts.first else {
            throw unsupported("post_processor's first part", parts.first?.type, "ByteLevel", file)
        }
        guard parts.count == 2 else {
            throw TokenizerError.unsupported(
                file: file,
                problem: "the post_processor has \(parts.count) parts; ByteLevel and "
                    + "TemplateProcessing were expected")
        }
        guard case .template(let template) = parts[1] else {
            throw unsupported(
                "post_processor's second part", parts[1].type, "TemplateProcessing", file)
        }
        self.trimming = trimming
        try read(template, file)
    }

    /// Takes templates like `<s> A </s>` and `<s> A </s> </s> B </s>`, with one or two separators
    /// between the texts, and B in either segment.
    private mutating func read(_ template: PostProcessorTemplate, _ file: String) throws {
        let single = template.single
        guard single.count == 3, !single[0].isText, !single[2].isText,
            single == PostProcessorTemplate.parts(single[0].name, single[2].name).single
        else {
            throw TokenizerError.unsupported(
                file: file,
                problem: "the template for single is \(quoted(single.text)); a special token, the "
                    + "text and a special token were expected")
        }
        (classifier, separator) = (single[0].name, single[2].name)
        for (separators, segment) in [(1, 0), (1, 1), (2, 0), (2, 1)] {
            let parts = PostProcessorTemplate.parts(
                classifier, separator, separators: separators, segment: segment)
            guard template.pair == parts.pair else { continue }
            (separatorsBetween, documentSegment) = (separators, segment)
            return
        }
        throw TokenizerError.unsupported(
            file: file,
            problem: "the template for pair is \(quoted(template.pair.text)); that for single with "
                + "a second text and its special token was expected")
    }
}

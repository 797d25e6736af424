import Errors

/// The ids that the `post_processor` of a `tokenizer.json` states beside its tokens' texts. It puts
/// these ids around a text, whatever the vocabulary says, so they must be the vocabulary's.
extension TokenizerSettings {
    /// Takes `"cls": ["[CLS]", 101]` of `BertProcessing` and `RobertaProcessing`.
    ///
    /// - Returns: the token's text.
    mutating func readPostProcessorPair(
        _ name: String, of processor: JSONFile
    ) throws -> String {
        let pair = try processor.elements(of: name)
        guard pair.count == 2, let content = pair[0].string, let id = pair[1].integer else {
            throw processor.wrong(
                "post_processor.\(name)", processor.root[name] ?? .null, "a token and its id")
        }
        postProcessorIDs.append((content, id, processor.path))
        return content
    }

    /// Takes the one id that `TemplateProcessing` states for a token of its templates.
    mutating func readTemplateID(of content: String, in processor: JSONFile) throws {
        let ids = processor.root["special_tokens"]?[content]?["ids"]?.array
        guard let id = ids?.first?.integer, ids?.count == 1 else {
            throw TokenizerError.malformed(
                file: processor.path, line: nil,
                problem: "the post_processor states no single id for \(quoted(content))")
        }
        postProcessorIDs.append((content, id, processor.path))
    }
}

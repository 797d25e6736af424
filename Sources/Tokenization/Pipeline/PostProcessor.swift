import Errors
import JSON

/// The step that puts special tokens around the pieces of one or two texts.
package enum PostProcessor: Sendable, Equatable {
    /// `BertProcessing`: `[CLS] A [SEP]`, and `[CLS] A [SEP] B [SEP]` with B in segment 1.
    case bert(classifier: SpecialToken, separator: SpecialToken)
    /// `RobertaProcessing`: `<s> A </s>`, and `<s> A </s></s> B </s>`; it trims offsets, too.
    case roberta(classifier: SpecialToken, separator: SpecialToken, ByteLevelOptions)
    /// `ByteLevel`: trims offsets and adds nothing.
    case byteLevel(ByteLevelOptions)
    /// `TemplateProcessing`.
    case template(PostProcessorTemplate)
    /// `Sequence`: one after the other.
    indirect case sequence([PostProcessor])
    /// One that no tokenizer here has, as it is stated.
    case other(JSONFile)

    /// Reads `post_processor` of `tokenizer.json`, or a part of it.
    init(_ options: JSONFile) throws {
        switch options.type {
        case "BertProcessing":
            self = .bert(
                classifier: try SpecialToken("cls", of: options),
                separator: try SpecialToken("sep", of: options))
        case "RobertaProcessing":
            self = .roberta(
                classifier: try SpecialToken("cls", of: options),
                separator: try SpecialToken("sep", of: options), try ByteLevelOptions(options))
        case "ByteLevel": self = .byteLevel(try ByteLevelOptions(options))
        case "TemplateProcessing": self = .template(try PostProcessorTemplate(options))
        case "Sequence":
            self = .sequence(
                try options.elements(of: "processors").map {
                    try PostProcessor(JSONFile(path: options.path, root: $0))
                })
        default: self = .other(options)
        }
    }

    /// What `tokenizer.json` calls it.
    var type: String? {
        switch self {
        case .bert: "BertProcessing"
        case .roberta: "RobertaProcessing"
        case .byteLevel: "ByteLevel"
        case .template: "TemplateProcessing"
        case .sequence: "Sequence"
        case .other(let options): options.type
        }
    }

    /// The tokens that it puts around texts; without an id where it does not state a single one.
    private var tokens: [(content: String, id: Int?)] {
        switch self {
        case .bert(let classifier, let separator), .roberta(let classifier, let separator, _):
            [classifier, separator].map { ($0.content, $0.id) }
        case .template(let template):
            (template.single + template.pair).filter { !$0.isText }
                .map { ($0.name, template.ids[$0.name]) }
        case .sequence(let parts): parts.flatMap(\.tokens)
        case .byteLevel, .other: []
        }
    }

    /// Complains where it states other ids than those of the tokens: it puts these around a text,
    /// whatever the vocabulary says.
    func checkIDs(of added: [AddedToken], in file: JSONFile) throws {
        for (content, stated) in tokens {
            guard let stated else {
                throw TokenizerError.malformed(
                    file: file.path, line: nil,
                    problem: "the post_processor states no single id for \(quoted(content))")
            }
            guard Int(added.id(of: content)) != stated else { continue }
            throw TokenizerError.malformed(
                file: file.path, line: nil,
                problem: "the post_processor gives \(quoted(content)) the id \(stated); "
                    + "\(added.id(of: content)) was expected")
        }
    }
}

/// A token that a post-processor puts around texts.
package struct SpecialToken: Sendable, Equatable {
    package let content: String
    package let id: Int
}

extension SpecialToken {
    /// Reads `"cls": ["[CLS]", 101]`.
    fileprivate init(_ name: String, of processor: JSONFile) throws {
        let pair = try processor.elements(of: name)
        guard pair.count == 2, let content = pair[0].string, let id = pair[1].integer else {
            throw processor.wrong(
                "post_processor.\(name)", processor.root[name] ?? .null, "a token and its id")
        }
        self.init(content: content, id: id)
    }
}

/// What stands around one text, "A", and around two, "A" and "B".
package struct PostProcessorTemplate: Sendable, Equatable {
    /// A text or a special token.
    package struct Part: Sendable, Equatable {
        let isText: Bool
        /// The token, or "A" or "B".
        let name: String
        let segment: Int

        static func text(_ name: String, _ segment: Int) -> Part {
            Part(isText: true, name: name, segment: segment)
        }

        static func token(_ content: String, _ segment: Int) -> Part {
            Part(isText: false, name: content, segment: segment)
        }
    }

    let single: [Part]
    let pair: [Part]
    /// The ids of the special tokens that stand for a single id.
    let ids: [String: Int]
}

extension PostProcessorTemplate {
    fileprivate init(_ processor: JSONFile) throws {
        func parts(_ name: String) throws -> [Part] {
            try processor.elements(of: name).map { part in
                let element = part["SpecialToken"] ?? part["Sequence"]
                return Part(
                    isText: part["SpecialToken"] == nil && part["Sequence"] != nil,
                    name: element?["id"]?.string ?? "?",
                    segment: element?["type_id"]?.integer ?? -1)
            }
        }
        single = try parts("single")
        pair = try parts("pair")
        ids = (processor.root["special_tokens"]?.object ?? [:]).compactMapValues {
            let ids = $0["ids"]?.array
            return ids?.count == 1 ? ids?[0].integer : nil
        }
    }

    /// BERT's template.
    init(_ classifier: SpecialToken, _ separator: SpecialToken) {
        (single, pair) = Self.parts(classifier.content, separator.content)
        ids = [classifier, separator].reduce(into: [:]) { $0[$1.content] = $1.id }
    }

    /// One text between two special tokens, and a second one after it with the last of them again.
    ///
    /// - Parameters:
    ///   - separators: how many stand between the texts.
    ///   - segment: of the second text.
    static func parts(
        _ classifier: String, _ separator: String, separators: Int = 1, segment: Int = 1
    ) -> (single: [Part], pair: [Part]) {
        let single: [Part] = [.token(classifier, 0), .text("A", 0), .token(separator, 0)]
        let between = Array(repeating: Part.token(separator, 0), count: separators - 1)
        return (single, single + between + [.text("B", segment), .token(separator, segment)])
    }
}

extension [PostProcessorTemplate.Part] {
    /// As an error text shows them.
    var text: String {
        map { "\($0.isText ? "text " : "")\($0.name):\($0.segment)" }.joined(separator: " ")
    }
}

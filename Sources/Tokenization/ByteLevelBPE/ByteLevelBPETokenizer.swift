import Errors
import Files

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// RoBERTa's tokenizer: byte-pair encoding of a text's bytes, read from a Hugging Face folder.
///
/// Ids and offsets are those of Hugging Face `tokenizers` (ByteLevel, BPE, RobertaProcessing). A
/// space belongs to the piece after it, but not to that piece's offsets (`trim_offsets`). Special
/// tokens written in a text ("</s>") are read as such, as there.
///
///     let tokenizer = try ByteLevelBPETokenizer(folder: folder)
///     tokenizer.tokenize("A film.", maximumLength: 512)  // <s> A Ġfilm . </s>
///
/// Sennrich et al., "Neural machine translation of rare words with subword units", 2016; over bytes
/// in Radford et al., "Language models are unsupervised multitask learners", 2019; as used in Liu et
/// al., "RoBERTa", 2019.
package struct ByteLevelBPETokenizer: Tokenizer {
    /// One more than the largest id, added tokens included.
    package let vocabularySize: Int
    /// The id of <s>, which begins every input.
    package let classifierTokenID: Int32
    /// The id of </s>, which ends every text.
    package let separatorTokenID: Int32
    /// The id of <pad>.
    package let paddingTokenID: Int32
    /// The id of <mask>.
    package let maskTokenID: Int32
    /// The longest input that the folder names, in pieces; nil where it names none.
    package let modelMaximumLength: Int?

    private let rules: ByteLevelRules
    private let layout: InputLayout
    /// What counts as a word of a document.
    package var words: WordRule { layout.words }
    /// Added tokens that the vocabulary itself lacks.
    private let addedContents: [Int32: String]

    /// Reads a tokenizer from a Hugging Face model folder.
    ///
    /// `tokenizer.json` decides where it is there, as in Hugging Face's fast tokenizers, and an
    /// option that `tokenizer_config.json` states otherwise is an error. Without it `vocab.json`
    /// and `merges.txt` are read, then `tokenizer_config.json`, `special_tokens_map.json` and
    /// `added_tokens.json`, then RoBERTa's defaults hold (no added space, trimmed offsets).
    ///
    /// - Throws: `TokenizerError` where a file is missing, malformed or asks for what is not
    ///   supported.
    package init(folder: URL) throws {
        try self.init(TokenizerPipeline(FolderFiles(folder)), words: .whitespace)
    }

    init(_ pipeline: TokenizerPipeline<BytePairModel>, words: WordRule) throws {
        let steps = try ByteLevelSteps(pipeline.steps, file: "tokenizer.json")
        let model = pipeline.model
        let merges = MergeTable(model.merges)
        classifierTokenID = pipeline.id(of: "cls_token")
        separatorTokenID = pipeline.id(of: "sep_token")
        paddingTokenID = pipeline.id(of: "pad_token")
        maskTokenID = pipeline.id(of: "mask_token")
        modelMaximumLength = pipeline.modelMaximumLength
        addedContents = pipeline.addedContents
        vocabularySize = pipeline.vocabularySize
        layout = InputLayout(
            classifierTokenID: classifierTokenID, separatorTokenID: separatorTokenID,
            separatorsBetween: steps.separatorsBetween,
            documentSegment: Int32(steps.documentSegment), words: words)
        rules = ByteLevelRules(
            vocabulary: model.vocabulary, merges: merges, byteTokenIDs: model.byteTokenIDs,
            isWhole: Self.wholeTokens(model, merges),
            addsPrefixSpace: steps.addsPrefixSpace,
            trimming: steps.trimming.flatMap { trimming in
                guard trimming.trimsOffsets else { return nil }
                return OffsetTrimming(
                    addsPrefixSpace: trimming.addsPrefixSpace,
                    addedTokenIDs: Set(pipeline.addedTokens.map(\.id)))
            },
            verbatimTokens: AddedTokenMatcher(pipeline.addedTokens.filter { !$0.isNormalized }),
            normalizedTokens: AddedTokenMatcher(pipeline.addedTokens.filter(\.isNormalized)))
    }

    /// By id, whether merging a token's bytes gives that token; not found out for very long ones,
    /// which only cost more time then.
    private static func wholeTokens(_ model: BytePairModel, _ merges: MergeTable) -> [Bool] {
        var merger = PieceMerger()
        return (0..<model.vocabulary.count).map { id in
            guard let token = model.vocabulary.token(for: Int32(id)), token.count <= 128,
                let bytes = ByteLevelAlphabet.bytes(of: token)
            else { return false }
            merger.removeAll()
            for byte in bytes { merger.append(model.byteTokenIDs[Int(byte)]) }
            merger.merge(merges)
            return merger.ids[0] == Int32(id)
        }
    }

    /// The text of a token in the letters that stand for bytes ("Ġfilm"); nil for an id that has
    /// none.
    package func token(for id: Int32) -> String? {
        rules.vocabulary.token(for: id).map { String(decoding: $0, as: UTF8.self) }
            ?? addedContents[id]
    }

    /// Tokenizes a text as `<s> text </s>`, cut to `maximumLength` pieces (at least 2) in all.
    ///
    /// - Complexity: O(bytes × log of the longest stretch without spaces); stretches past the limit
    ///   are not looked at.
    package func tokenize(_ text: String, maximumLength: Int) -> TokenizedDocument {
        layout.input(text, maximumLength: maximumLength, rules)
    }

    /// Tokenizes a query and a document as `<s> query </s></s> document </s>`, all in segment 0.
    ///
    /// Only the document is cut to keep within `maximumLength` pieces. Without a query this is
    /// `tokenize(_:maximumLength:)`.
    ///
    /// - Throws: `TokenizerError.noRoomForDocument` where the query and the special tokens leave
    ///   no room for a piece of the document.
    package func tokenize(
        _ document: String, query: String?, maximumLength: Int
    ) throws -> TokenizedDocument {
        try layout.input(document, query: query, maximumLength: maximumLength, rules)
    }
}

import Errors
import Files

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// BERT's tokenizer: basic tokenization and greedy WordPiece, read from a Hugging Face folder.
///
/// Ids and offsets are those of Hugging Face `tokenizers` (BertNormalizer, BertPreTokenizer,
/// WordPiece). Special tokens written in a text ("[SEP]") are read as such, as there.
///
///     let tokenizer = try WordPieceTokenizer(folder: folder)
///     tokenizer.tokenize("A dull film.", maximumLength: 512).ids  // [101, 1037, 10634, 2143, …]
///
/// WordPiece: Schuster and Nakajima, "Japanese and Korean voice search", 2012; as used in Devlin et
/// al., "BERT", 2019.
package struct WordPieceTokenizer: Tokenizer {
    /// One more than the largest id, added tokens included.
    package let vocabularySize: Int
    /// The id of [CLS], which begins every input.
    package let classifierTokenID: Int32
    /// The id of [SEP], which ends every text.
    package let separatorTokenID: Int32
    /// The id of [PAD].
    package let paddingTokenID: Int32
    /// The id of [UNK], which stands for words that no pieces spell.
    package let unknownTokenID: Int32
    /// The id of [MASK].
    package let maskTokenID: Int32
    /// The longest input that the folder names, in pieces; nil where it names none.
    package var modelMaximumLength: Int? { pipeline.modelMaximumLength }

    private let pipeline: TokenizerPipeline<WordPieceModel>
    private let rules: PieceRules
    private let layout: InputLayout
    /// What counts as a word of a document.
    package var words: WordRule { layout.words }
    /// Added tokens that the vocabulary itself lacks.
    private let addedContents: [Int32: String]

    /// Reads a tokenizer from a Hugging Face model folder.
    ///
    /// The vocabulary is `vocab.txt`, or that of `tokenizer.json` where there is no such file;
    /// where both are there they must be the same. `tokenizer.json` decides on normalisation and
    /// added tokens where it is there, as in Hugging Face's fast tokenizers, and an option that
    /// `tokenizer_config.json` states otherwise is an error. Without it `tokenizer_config.json`,
    /// `special_tokens_map.json` and `added_tokens.json` count, then BERT's defaults (lower case).
    ///
    /// - Throws: `TokenizerError` where a file is missing, malformed or asks for what is not
    ///   supported.
    package init(folder: URL) throws {
        try self.init(FolderFiles(folder))
    }

    /// Reads a tokenizer from files that may have been read already.
    package init(_ folder: FolderFiles) throws {
        self.init(try TokenizerPipeline(folder), words: .whitespace)
    }

    init(_ pipeline: TokenizerPipeline<WordPieceModel>, words: WordRule) {
        self.pipeline = pipeline
        classifierTokenID = pipeline.id(of: "cls_token")
        separatorTokenID = pipeline.id(of: "sep_token")
        paddingTokenID = pipeline.id(of: "pad_token")
        unknownTokenID = pipeline.id(of: "unk_token")
        maskTokenID = pipeline.id(of: "mask_token")
        addedContents = pipeline.addedContents
        vocabularySize = pipeline.vocabularySize
        layout = InputLayout(
            classifierTokenID: classifierTokenID, separatorTokenID: separatorTokenID,
            words: words)
        let normalizer = WordPieceModel.normalizer(of: pipeline.steps)
        rules = PieceRules(
            normalizer: normalizer, vocabulary: pipeline.model.vocabulary,
            unknownTokenID: unknownTokenID, longestWord: pipeline.model.longestWord,
            verbatimTokens: AddedTokenMatcher(pipeline.addedTokens.filter { !$0.isNormalized }),
            normalizedTokens: AddedTokenMatcher(
                pipeline.addedTokens.filter(\.isNormalized).compactMap {
                    $0.normalized(by: normalizer)
                }))
    }

    /// The text of a token; nil for an id that has none.
    package func token(for id: Int32) -> String? {
        rules.vocabulary.token(for: id).map { String(decoding: $0, as: UTF8.self) }
            ?? addedContents[id]
    }

    /// How this tokenizer reads texts otherwise than another one; nil: it does not, but for pieces
    /// that only one of them knows.
    package func difference(from other: WordPieceTokenizer) -> String? {
        let (model, otherModel) = (pipeline.model, other.pipeline.model)
        if rules.normalizer != other.rules.normalizer { return "texts are normalised otherwise" }
        if model.longestWord != otherModel.longestWord {
            return "words of more than \(model.longestWord) scalars are unknown, not of more than "
                + "\(otherModel.longestWord)"
        }
        if model.continuationPrefix != otherModel.continuationPrefix {
            return "continuing pieces begin with \(quoted(model.continuationPrefix)), not with "
                + quoted(otherModel.continuationPrefix)
        }
        func ways(_ tokenizer: WordPieceTokenizer) -> [[UInt8]: AddedToken] {
            var ways: [[UInt8]: AddedToken] = [:]
            for var token in tokenizer.pipeline.addedTokens {
                token.id = 0
                ways[token.content] = token
            }
            return ways
        }
        let (own, others) = (ways(self), ways(other))
        let differing = (pipeline.addedTokens + other.pipeline.addedTokens).map(\.content).first {
            content in
            own[content] != others[content]
                && (own[content] != nil || rules.vocabulary.id(of: content) != nil)
        }
        return differing.map {
            "the token \(quoted(String(decoding: $0, as: UTF8.self))) is looked for otherwise"
        }
    }

    /// Tokenizes a text as `[CLS] text [SEP]`, cut to `maximumLength` pieces (at least 2) in all.
    ///
    /// - Complexity: O(bytes); pieces past the limit are not looked up.
    package func tokenize(_ text: String, maximumLength: Int) -> TokenizedDocument {
        layout.input(text, maximumLength: maximumLength, rules)
    }

    /// Tokenizes a query and a document as `[CLS] query [SEP] document [SEP]`.
    ///
    /// Only the document is cut to keep within `maximumLength` pieces (at least 2). Without a query
    /// this is `tokenize(_:maximumLength:)`.
    ///
    /// - Throws: `TokenizerError.noRoomForDocument` where the query and the special tokens leave
    ///   no room for a piece of the document.
    package func tokenize(
        _ document: String, query: String?, maximumLength: Int
    ) throws -> TokenizedDocument {
        try layout.input(document, query: query, maximumLength: maximumLength, rules)
    }
}

extension AddedToken {
    /// The token as it stands in normalised text; nil where normalisation leaves nothing of it.
    fileprivate func normalized(by normalizer: BertNormalizer) -> AddedToken? {
        var workspace = BertNormalizer.Workspace()
        content.withUnsafeBufferPointer {
            normalizer.normalize($0, in: 0..<$0.count, into: &workspace)
        }
        var token = self
        token.content = workspace.scalars.flatMap { scalar in
            Array(Unicode.Scalar(scalar.value).map { String($0).utf8 } ?? "".utf8)
        }
        return token.content.isEmpty ? nil : token
    }
}

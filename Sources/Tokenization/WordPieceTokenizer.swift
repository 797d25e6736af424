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
public struct WordPieceTokenizer: Tokenizer {
    /// One more than the largest id, added tokens included.
    public let vocabularySize: Int
    /// The id of [CLS], which begins every input.
    public let classifierTokenID: Int32
    /// The id of [SEP], which ends every text.
    public let separatorTokenID: Int32
    /// The id of [PAD].
    public let paddingTokenID: Int32
    /// The id of [UNK], which stands for words that no pieces spell.
    public let unknownTokenID: Int32
    /// The id of [MASK].
    public let maskTokenID: Int32
    /// The longest input that the folder names, in pieces; nil where it names none.
    public let modelMaximumLength: Int?

    private let rules: PieceRules
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
    public init(folder: URL) throws {
        let files = try TokenizerFolder(folder)
        var settings = files.settings
        let vocabulary = files.vocabulary

        // The tokens with a role are added tokens too, whatever the files list.
        for name in settings.specialTokens.values.sorted() {
            let file = JSONFile(path: files.vocabularyPath, root: .null)
            try settings.add(.string(name), named: name, isNormalized: false, in: file)
        }
        var tokens: [AddedToken] = []
        var contents: [Int32: String] = [:]
        for entry in settings.addedTokens {
            var token = entry.token
            let content = String(decoding: token.content, as: UTF8.self)
            let known = vocabulary.id(of: token.content)
            guard let id = known ?? entry.id.flatMap(Int32.init(exactly:)) else {
                throw TokenizerError.malformed(
                    file: files.vocabularyPath, line: nil,
                    problem: "lacks the token \(quoted(content)); one line with it was expected")
            }
            let holder = vocabulary.token(for: id).map { Array($0) }
            guard 0...WordPieceVocabulary.largestID ~= id, entry.id ?? Int(id) == Int(id),
                holder == nil || holder == token.content, contents[id] == nil
            else {
                throw TokenizerError.malformed(
                    file: entry.file, line: nil,
                    problem: "gives the token \(quoted(content)) the id \(entry.id ?? Int(id)), "
                        + "which does not agree with the vocabulary")
            }
            token.id = id
            tokens.append(token)
            if known == nil { contents[id] = content }
        }
        func id(of role: String) -> Int32 {
            let content = Array((settings.specialTokens[role] ?? "").utf8)
            return tokens.first { $0.content == content }?.id ?? 0
        }
        classifierTokenID = id(of: "cls_token")
        separatorTokenID = id(of: "sep_token")
        paddingTokenID = id(of: "pad_token")
        unknownTokenID = id(of: "unk_token")
        maskTokenID = id(of: "mask_token")
        modelMaximumLength = settings.modelMaximumLength
        addedContents = contents
        vocabularySize = max(vocabulary.count, (contents.keys.max().map(Int.init) ?? -1) + 1)
        rules = PieceRules(
            normalizer: settings.normalizer, vocabulary: vocabulary,
            unknownTokenID: unknownTokenID, longestWord: settings.longestWord,
            verbatimTokens: AddedTokenMatcher(tokens.filter { !$0.isNormalized }),
            normalizedTokens: AddedTokenMatcher(
                tokens.filter(\.isNormalized).compactMap { $0.normalized(by: settings.normalizer) })
        )
    }

    /// The text of a token; nil for an id that has none.
    public func token(for id: Int32) -> String? {
        rules.vocabulary.token(for: id).map { String(decoding: $0, as: UTF8.self) }
            ?? addedContents[id]
    }

    /// Tokenizes a text as `[CLS] text [SEP]`, cut to `maximumLength` pieces (at least 2) in all.
    ///
    /// - Complexity: O(bytes); pieces past the limit are not looked up.
    public func tokenize(_ text: String, maximumLength: Int) -> TokenizedDocument {
        precondition(maximumLength >= 2, "[CLS] and [SEP] need a maximum length of at least 2")
        return assemble(query: nil, document: text, room: maximumLength - 2)
    }

    /// Tokenizes a query and a document as `[CLS] query [SEP] document [SEP]`.
    ///
    /// Only the document is cut to keep within `maximumLength` pieces (at least 2). Without a query
    /// this is `tokenize(_:maximumLength:)`.
    ///
    /// - Throws: `TokenizerError.noRoomForDocument` where the query and the special tokens leave
    ///   no room for a piece of the document.
    public func tokenize(
        _ document: String, query: String?, maximumLength: Int
    ) throws -> TokenizedDocument {
        guard let query else { return tokenize(document, maximumLength: maximumLength) }
        let room = maximumLength - 3
        let pieces = withUTF8Bytes(of: query) {
            PieceReader.pieces(of: $0, rules: rules, limit: max(room, 0))
        }
        guard pieces.ids.count < room else {
            throw TokenizerError.noRoomForDocument(maximumLength: maximumLength)
        }
        return assemble(query: pieces, document: document, room: room - pieces.ids.count)
    }

    private func assemble(query: PieceList?, document: String, room: Int) -> TokenizedDocument {
        withUTF8Bytes(of: document) { bytes in
            let words = wordRanges(in: bytes)
            let pieces = PieceReader.pieces(of: bytes, rules: rules, limit: room)
            var ids = [classifierTokenID]
            var offsets = [0..<0]
            if let query {
                ids += query.ids + [separatorTokenID]
                offsets += query.offsets + [0..<0]
            }
            let firstCount = ids.count
            ids += pieces.ids
            ids.append(separatorTokenID)
            offsets += pieces.offsets
            offsets.append(0..<0)

            var wordIndices = Array(repeating: Int32(-1), count: firstCount)
            wordIndices.reserveCapacity(ids.count)
            // Pieces come in order, so one pass over the words finds the one of each first byte.
            var word = 0
            for offset in pieces.offsets {
                while word < words.count, words[word].upperBound <= offset.lowerBound { word += 1 }
                wordIndices.append(word < words.count ? Int32(word) : -1)
            }
            wordIndices.append(-1)
            var readWords = words.count
            if let firstDropped = pieces.firstDropped {
                readWords = words.firstIndex { $0.upperBound > firstDropped } ?? words.count
            }
            let first = Array(repeating: Int32(0), count: firstCount)
            let rest = Array(repeating: Int32(query == nil ? 0 : 1), count: ids.count - firstCount)
            return TokenizedDocument(
                ids: ids, segmentIDs: first + rest, offsets: offsets, wordIndices: wordIndices,
                words: words, readWords: readWords)
        }
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

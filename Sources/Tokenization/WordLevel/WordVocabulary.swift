import Files
import JSON

/// The words that a recurrent encoder knows: those that stand in enough of the training texts, in the
/// order of their scalars, behind padding, the unknown word, start and end (Jain & Wallace 2019;
/// `preprocess/vectorizer.py` of `successar/AttentionExplanation`).
package struct WordVocabulary: Sendable, Equatable {
    /// Padding, the unknown word, and what begins and ends a text: the ids 0 to 3.
    package static let specialWords = ["<pad>", "<unk>", "<s>", "</s>"]

    /// Every word by its id, the special ones first.
    package let words: [String]
    /// Whether texts are read in lower case.
    package let lowercases: Bool

    /// The words of texts.
    ///
    /// - Parameters:
    ///   - texts: words stand between white space.
    ///   - minimumDocuments: in how many texts a word must stand.
    ///   - lowercases: whether words that differ in case alone are one.
    /// - Complexity: O(bytes + w log w) for w different words.
    package init(
        of texts: some Sequence<String>, minimumDocuments: Int, lowercases: Bool = true
    ) {
        var documents: [[UInt8]: Int] = [:]
        for text in texts {
            var bytes = Array(text.utf8)
            if lowercases { bytes = lowercasedScalars(bytes) }
            let words = bytes.withUnsafeBufferPointer { bytes in
                Set(WordRule.whitespace.ranges(in: bytes).map { Array(bytes[$0]) })
            }
            for word in words { documents[word, default: 0] += 1 }
        }
        let special = Set(Self.specialWords.map { Array($0.utf8) })
        let known = documents.filter { $0.value >= minimumDocuments && !special.contains($0.key) }
            .keys.sorted { $0.lexicographicallyPrecedes($1) }
        words = Self.specialWords + known.map { String(decoding: $0, as: UTF8.self) }
        self.lowercases = lowercases
    }

    /// Reads texts by the vocabulary.
    ///
    /// - Throws: `TokenizerError`.
    package func tokenizer(words: WordRule = .whitespace) throws -> any Tokenizer {
        try openTokenizer(
            FolderFiles(contents: ["tokenizer.json": tokenizerJSON()], called: "vocabulary"),
            words: words)
    }

    /// The vocabulary as a `tokenizer.json` that Hugging Face's `tokenizers` reads, and `openTokenizer`.
    package func tokenizerJSON() -> [UInt8] {
        func part(_ kind: String, _ id: String, _ segment: Int) -> JSONText {
            [kind: ["id": .string(id), "type_id": .integer(segment)]]
        }
        let (start, end) = ("<s>", "</s>")
        let single = [
            part("SpecialToken", start, 0), part("Sequence", "A", 0), part("SpecialToken", end, 0),
        ]
        let second = [part("Sequence", "B", 1), part("SpecialToken", end, 1)]
        func special(_ word: String, _ id: Int) -> (key: String, value: JSONText) {
            (word, ["id": .string(word), "ids": [.integer(id)], "tokens": [.string(word)]])
        }
        let added: [JSONText] = Self.specialWords.enumerated().map { id, word in
            [
                "id": .integer(id), "content": .string(word), "single_word": false,
                "lstrip": false, "rstrip": false, "normalized": false, "special": true,
            ]
        }
        let file: JSONText = [
            "version": "1.0", "truncation": nil, "padding": nil, "added_tokens": .array(added),
            "normalizer": lowercases ? ["type": "Lowercase"] : nil,
            "pre_tokenizer": ["type": "WhitespaceSplit"],
            "post_processor": [
                "type": "TemplateProcessing", "single": .array(single),
                "pair": .array(single + second),
                "special_tokens": .object([special(start, 2), special(end, 3)]),
            ],
            "decoder": nil,
            "model": [
                "type": "WordLevel",
                "vocab": .object(
                    words.enumerated().map { (key: $1, value: JSONText.integer($0)) }),
                "unk_token": "<unk>",
            ],
        ]
        return Array(file.write().utf8) + [UInt8(ascii: "\n")]
    }
}

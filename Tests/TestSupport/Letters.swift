package import Tokenization

/// A vocabulary of single letters, so that any lower-case word can be read.
package enum Letters {
    /// Special tokens, letters at a word's beginning, and letters within.
    package static let vocabulary: [String] = {
        let letters = "abcdefghijklmnopqrstuvwxyz".map(String.init)
        return ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"] + letters + letters.map { "##" + $0 }
    }()

    /// Its tokenizer.
    package static func tokenizer(words: WordRule = .whitespace) throws -> any Tokenizer {
        try withFolder(["vocab.txt": vocabulary.joined(separator: "\n") + "\n"]) {
            try openTokenizer(folder: $0, words: words)
        }
    }
}

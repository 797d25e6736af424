import Models
import Tokenization

/// How many texts have a rationale that holds all of their words.
public struct WholeRationales: Sendable, Equatable {
    /// Texts with a rationale.
    public private(set) var texts = 0
    /// Those of them whose rationale holds all words; texts of a single word count only where they are
    /// written without spaces.
    public private(set) var whole = 0
    /// Those of them that are written without spaces.
    public private(set) var unspaced = 0

    /// No texts.
    package init() {}

    /// Adds a text with what was extracted from it.
    package mutating func add(_ text: String, _ extraction: Extraction) {
        texts += 1
        guard extraction.rationale.selection.count == extraction.words else { return }
        let isUnspaced = hasHardlyAnySpaces(text)
        guard isUnspaced || extraction.words > 1 else { return }
        whole += 1
        if isUnspaced { unspaced += 1 }
    }

    /// One line for people where most texts have such a rationale, which explains nothing; nil else.
    ///
    /// - Parameter words: what the model takes for words.
    package func notice(words: WordRule) -> String? {
        guard whole * 2 > texts else { return nil }
        let what = "the rationales of \(whole) of \(texts) texts hold all of their words"
        return words == .whitespace && unspaced * 2 > whole
            ? "\(what), since they are written without spaces: train a model with --words unicode"
            : "\(what): they leave nothing out, and explain as little"
    }
}

import Warrant

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Counts documents that could not be answered in full, and names the first of them.
struct DocumentNotices {
    /// How many documents of a kind are named before they are only counted.
    static let named = 3

    /// Documents that got no answer.
    private(set) var unreadable = 0
    private var truncated = 0
    private var wholeRationales = WholeRationales()

    /// Takes note of a document of which only the beginning was read.
    mutating func noteTruncation(_ extraction: Extraction, of row: Example, limit: Int) {
        truncated += 1
        guard truncated <= Self.named else { return }
        Messages.say(
            "\(row.location): \(Figures.count(extraction.readWords)) of "
                + "\(Figures.count(extraction.words)) words were read; the encoder's limit is "
                + "\(limit) tokens")
    }

    /// Takes note of how much of a document its rationale holds.
    mutating func noteRationale(_ extraction: Extraction, of row: Example) {
        wholeRationales.add(row.text, extraction)
    }

    /// Takes note of a document without an answer.
    mutating func noteUnreadable(_ row: Example, _ reason: String) {
        unreadable += 1
        guard unreadable <= Self.named else { return }
        Messages.say("\(row.location): \(reason)")
    }

    /// Says how many there were, where not all of them were named.
    ///
    /// - Parameter words: what the model takes for words.
    func summarize(words: WordRule) {
        if let notice = wholeRationales.notice(words: words) { Messages.say(notice) }
        if truncated > Self.named {
            Messages.say("\(Figures.count(truncated, "document")) were longer than the limit")
        }
        if unreadable > Self.named {
            Messages.say("\(Figures.count(unreadable, "document")) had no words that can be read")
        }
    }

    /// Why nothing can be said of a document.
    static func reason(_ row: Example, limit: Int) -> String {
        wordRanges(in: row.text).isEmpty
            ? "the text has no words: nothing to predict from"
            : "no word of the text can be read within \(limit) tokens: nothing to predict from"
    }
}

import Warrant

#if canImport(FoundationEssentials)
import FoundationEssentials
#else
import Foundation
#endif

/// Counts documents that could not be answered in full, and names the first of them.
///
/// A class, for readers of rows and writers of answers count in one place.
final class DocumentNotices {
    /// How many documents of a kind are named before they are only counted.
    static let named = 3

    /// Documents that got no answer.
    private(set) var unreadable = 0
    /// Rows that are none, and were left out.
    private(set) var bad = 0
    /// Documents that got one.
    var answered = 0
    private var truncated = 0
    private var wholeRationales = WholeRationales()

    /// Takes note of a document of which only the beginning was read.
    func noteTruncation(_ extraction: Extraction, of row: Example, limit: Int) {
        truncated += 1
        guard truncated <= Self.named else { return }
        Messages.say(
            "\(row.location): \(Figures.count(extraction.readWords)) of "
                + "\(Figures.count(extraction.words)) words were read; the encoder's limit is "
                + "\(limit) tokens")
    }

    /// Takes note of how much of a document its rationale holds.
    func noteRationale(_ extraction: Extraction, of row: Example) {
        wholeRationales.add(row.text, extraction)
    }

    /// Takes note of a document without an answer.
    func noteUnreadable(_ row: Example, _ reason: String) {
        unreadable += 1
        guard unreadable <= Self.named else { return }
        Messages.say("\(row.location): \(reason)")
    }

    /// Takes note of a row that cannot be read or answered: each is named, since nothing stands for it in
    /// the output.
    func noteBad(_ error: DatasetError) {
        bad += 1
        Messages.say(error.description)
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
        if bad > 0 {
            Messages.say(
                "\(Figures.count(bad, "row")) could not be read and \(bad == 1 ? "has" : "have") no answer; "
                    + "\(Figures.count(answered, "row")) \(answered == 1 ? "was" : "were") answered"
            )
        }
    }

    /// Why nothing can be said of a document.
    static func reason(_ row: Example, limit: Int) -> String {
        wordRanges(in: row.text).isEmpty
            ? "the text has no words: nothing to predict from"
            : "no word of the text can be read within \(limit) tokens: nothing to predict from"
    }
}

import Models
import Randomness
import Tokenization

/// A change of one word of a document.
package struct WordEdit: Sendable, Equatable {
    /// The word's index.
    package let word: Int
    /// What takes its place; nil: it is deleted.
    package let replacement: String?

    /// A change of the word at an index.
    package init(word: Int, replacement: String?) {
        self.word = word
        self.replacement = replacement
    }

    /// The document with the change; human marks move with their words.
    ///
    /// With a deleted word goes the white space after it, or before it at the end, unless there is a
    /// line break in it, which may end a sentence.
    ///
    /// - Parameter words: the UTF-8 ranges of the document's words.
    /// - Complexity: O(bytes of the text + marks).
    package func applied(to document: Document, words: [Range<Int>]) -> Document {
        let bytes = Array(document.text.utf8)
        var range = words[word]
        var edited = document
        if let replacement {
            edited.text = String(
                decoding: bytes[..<range.lowerBound] + replacement.utf8
                    + bytes[range.upperBound...], as: UTF8.self)
            return edited
        }
        let after =
            range.upperBound..<(word + 1 < words.count ? words[word + 1].lowerBound : bytes.count)
        let before = (word > 0 ? words[word - 1].upperBound : 0)..<range.lowerBound
        func isPlain(_ gap: Range<Int>) -> Bool {
            !gap.isEmpty && bytes[gap].allSatisfy { $0 == 0x20 || $0 == 0x09 }
        }
        if word + 1 < words.count, isPlain(after) {
            range = range.lowerBound..<after.upperBound
        } else if word + 1 == words.count, isPlain(before) {
            range = before.lowerBound..<range.upperBound
        }
        edited.text = String(
            decoding: bytes[..<range.lowerBound] + bytes[range.upperBound...], as: UTF8.self)
        // Marks count runs without white space, of which a word of another rule may be a part.
        let runs = wordRanges(in: document.text)
        guard let run = runs.firstIndex(of: words[word]) else { return edited }
        edited.humanRationale = document.humanRationale.map { ranges in
            ranges.map { range in
                let start = range.lowerBound - (run < range.lowerBound ? 1 : 0)
                return start..<(range.upperBound - (run < range.upperBound ? 1 : 0))
            }.filter { !$0.isEmpty }
        }
        return edited
    }
}

/// Draws edits of unselected words.
package struct WordEdits: Sendable {
    /// All words of the data set, as often as they stand there.
    private let vocabulary: [String]
    private let seed: UInt64

    /// - Parameters:
    ///   - texts: those that words are drawn from.
    ///   - rule: what counts as a word.
    ///   - limit: the most words that are kept; of more, every n-th.
    package init(drawnFrom texts: [String], by rule: WordRule, seed: UInt64, limit: Int = 1 << 20) {
        let counts = texts.map { rule.ranges(in: $0).count }
        let step = max(1, (counts.reduce(0, +) + limit - 1) / limit)
        var (vocabulary, number) = ([String](), 0)
        for text in texts {
            let bytes = Array(text.utf8)
            for range in rule.ranges(in: text) {
                if number % step == 0 {
                    vocabulary.append(String(decoding: bytes[range], as: UTF8.self))
                }
                number += 1
            }
        }
        self.vocabulary = vocabulary
        self.seed = seed
    }

    /// Edits of words that are not selected, each drawn by itself: a word is taken as often as chance
    /// takes it.
    ///
    /// - Parameters:
    ///   - document: the document's number, for draws of its own.
    ///   - words: the document's words.
    ///   - selection: the indices of the selected ones.
    /// - Returns: none where every word is selected.
    package func draw(
        _ edit: Stability.Edit, _ count: Int, document: Int, words: [String], selection: [Int]
    ) -> [WordEdit] {
        let selected = Set(selection)
        let free = words.indices.filter { !selected.contains($0) }
        guard !free.isEmpty, words.count > 1, !vocabulary.isEmpty else { return [] }
        var generator = SeededGenerator(
            seed: seed &+ UInt64(document) &* 0x9E37_79B9_7F4A_7C15
                &+ (edit == .replace ? 1 : 2) &* 0xD1B5_4A32_D192_ED03)
        func below(_ bound: Int) -> Int {
            Int(generator.next().multipliedFullWidth(by: UInt64(bound)).high)
        }
        return (0..<count).map { _ in
            let word = free[below(free.count)]
            guard edit == .replace else { return WordEdit(word: word, replacement: nil) }
            // A few draws, for a data set may have one word only.
            var replacement = vocabulary[below(vocabulary.count)]
            for _ in 0..<16 where replacement.utf8.elementsEqual(words[word].utf8) {
                replacement = vocabulary[below(vocabulary.count)]
            }
            return WordEdit(word: word, replacement: replacement)
        }
    }
}

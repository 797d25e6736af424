/// A document's sentences as ranges of word indices.
///
/// Where a line break stands between two words, each line is a sentence, as in ERASER's documents,
/// and nothing else ends one: who gave lines has split already. Otherwise a sentence ends
///
/// - at a word that ends in `.`, `!`, `?` or `…`, quotes and brackets that close after it passed
///   over (`end."`, `end.)`), or is nothing but that, as in texts with spaces around marks;
/// - but not at an abbreviation before the name or number that it belongs to: a capital with a dot
///   (`J.`), single letters with dots (`e.g.`, `U.S.`), and titles and references (`Mr.`, `vs.`,
///   `Fig.`), whatever their case; letters are those of the Latin, Greek and Cyrillic scripts;
/// - words of closing marks alone (`.`, `?`, `)`, `”`) belong to the sentence that ends before
///   them. A straight quote alone may open or close; it starts the next sentence.
///
/// Where words touch each other, as those of texts without spaces may, what stands between white space
/// is read as above; within it a sentence ends after a full stop of such scripts (`。`, `！`, `？`, `।`,
/// `؟`, …) and the marks that close after it.
///
/// An example:
///
///     let text = "Mr. J. Doe left. Why ? !"
///     let words = [0..<3, 4..<6, 7..<10, 11..<16, 17..<20, 21..<22, 23..<24]
///     sentenceRanges(in: text, words: words) // [0..<4, 4..<7]
///
/// - Parameters:
///   - text: the document.
///   - words: UTF-8 ranges of the words, or of the first of them: ascending, disjoint, not empty,
///     with white space or nothing between.
/// - Returns: ascending ranges, not empty, that together hold all of `words`.
/// - Complexity: O(UTF-8 length of the text).
package func sentenceRanges(in text: String, words: [Range<Int>]) -> [Range<Int>] {
    let bytes = Array(text.utf8)
    var end = 0
    for word in words {
        precondition(
            word.lowerBound >= end && !word.isEmpty && word.upperBound <= bytes.count,
            "word ranges ascend, do not overlap, are not empty and lie within the text")
        end = word.upperBound
    }
    let followers = words.indices.dropFirst()
    var starts = followers.filter { next in
        holdsLineBreak(bytes[words[next - 1].upperBound..<words[next].lowerBound])
    }
    if starts.isEmpty {
        var hasEnded = false
        for run in runs(of: words) {
            let part = SentencePart(
                bytes[words[run.lowerBound].lowerBound..<words[run.upperBound - 1].upperBound])
            if hasEnded && !part.isClosing && run.lowerBound > 0 { starts.append(run.lowerBound) }
            var endsInside = false
            for word in run where run.count > 1 {
                let mark = UnspacedMark(bytes[words[word]])
                if endsInside && mark == .none { starts.append(word) }
                endsInside = mark == .stop || endsInside && mark == .closing
            }
            hasEnded = part.ends || hasEnded && part.isClosing || endsInside
        }
    }
    let bounds = [0] + starts + [words.count]
    return words.isEmpty ? [] : zip(bounds, bounds.dropFirst()).map { $0..<$1 }
}

/// Words that touch each other, as ranges of word indices.
private func runs(of words: [Range<Int>]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    for index in words.indices {
        if let last = runs.last, words[index].lowerBound == words[index - 1].upperBound {
            runs[runs.count - 1] = last.lowerBound..<index + 1
        } else {
            runs.append(index..<index + 1)
        }
    }
    return runs
}

/// What a word that touches others means for where sentences end.
private enum UnspacedMark {
    case stop, closing, none

    init(_ bytes: ArraySlice<UInt8>) {
        let scalars = String(decoding: bytes, as: UTF8.self).unicodeScalars
        guard let scalar = scalars.first, scalars.count == 1 else {
            self = .none
            return
        }
        self =
            switch scalar {
            case "。", "｡", "！", "？", "।", "॥", "؟", "۔", "።", "။", "។": .stop
            case "」", "』", "）", "】", "》", "〉", "”", "’", "»": .closing
            default: .none
            }
    }
}

/// Whether one of Unicode's line breaks is among the bytes: U+000A to U+000D, U+0085, U+2028 and
/// U+2029.
private func holdsLineBreak(_ bytes: ArraySlice<UInt8>) -> Bool {
    String(decoding: bytes, as: UTF8.self).unicodeScalars.contains { scalar in
        switch scalar.value {
        case 0x0a...0x0d, 0x85, 0x2028...0x2029: true
        default: false
        }
    }
}

/// What a word means for where sentences end.
private struct SentencePart {
    /// Whether a sentence ends at the word.
    let ends: Bool

    /// Whether the word is marks alone that end a sentence or close what it opened.
    let isClosing: Bool

    init(_ bytes: ArraySlice<UInt8>) {
        // Most words end in an ASCII letter and need no closer look.
        if let byte = bytes.last, (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte | 0x20) {
            (ends, isClosing) = (false, false)
            return
        }
        let word = Array(String(decoding: bytes, as: UTF8.self).unicodeScalars)
        isClosing = word.allSatisfy { Self.isFinal($0) || Self.isClosing($0) }
        guard let last = word.lastIndex(where: { !Self.isClosing($0) && !Self.isQuote($0) }) else {
            ends = false
            return
        }
        ends = Self.isFinal(word[last]) && !Self.isAbbreviation(word[...last])
    }

    private static func isFinal(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case ".", "!", "?", "…": true
        default: false
        }
    }

    private static func isClosing(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case ")", "]", "}", "”", "’", "»": true
        default: false
        }
    }

    private static func isQuote(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "\"" || scalar == "'"
    }

    /// Whether the word, up to its dot, is an abbreviation.
    private static func isAbbreviation(_ word: ArraySlice<Unicode.Scalar>) -> Bool {
        let opened = word.drop { !$0.isAlphabeticLetter }
        guard opened.last == "." else { return false }
        let parts = opened.dropLast().split(separator: ".", omittingEmptySubsequences: false)
        if parts.allSatisfy({ $0.count == 1 && $0.allSatisfy(\.isAlphabeticLetter) }) {
            // A small letter is a name at the end of a sentence as often as not: "the point x."
            return parts.count > 1 || parts.allSatisfy { $0.allSatisfy(\.isCapitalLetter) }
        }
        var name = String.UnicodeScalarView()
        for scalar in opened.dropLast() {
            let isCapital = ("A"..."Z").contains(scalar)
            name.append(isCapital ? Unicode.Scalar(UInt8(scalar.value | 0x20)) : scalar)
        }
        return abbreviations.contains(String(name))
    }

    /// Abbreviations that stand before what they belong to, hardly ever at a sentence's end.
    private static let abbreviations: Set = [
        "al", "approx", "cf", "dr", "eq", "fig", "figs", "gen", "gov", "hon", "jr", "lt", "messrs",
        "mr", "mrs", "ms", "mt", "pp", "prof", "ref", "refs", "rev", "sen", "sgt", "sr", "st",
        "viz",
        "vs",
    ]
}

import Tokenization

/// What the numbers of a human rationale count.
public enum RationaleUnit: String, CaseIterable, Sendable, Hashable {
    /// Words, from 0: `[first, after the last]`.
    case words
    /// Characters as Python counts them, which are Unicode scalars, from 0.
    case characters
    /// UTF-16 code units as JavaScript counts them, from 0.
    case utf16
    /// Bytes of UTF-8, from 0.
    case bytes
    /// One number a word: 1 for a word that belongs to the rationale, 0 for any other.
    case mask

    /// The units' names, for messages and help.
    package static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }

    /// The unit's name for a sentence.
    var plural: String {
        switch self {
        case .words, .characters, .bytes: rawValue
        case .utf16: "UTF-16 code units"
        case .mask: "masks"
        }
    }
}

/// A text with its words, to find the words that offsets stand for.
package struct WordSpans {
    let text: String
    /// The words' places in UTF-8.
    let words: [Range<Int>]

    /// Finds the runs without white space, or takes the words of another rule: places in UTF-8, ascending.
    package init(_ text: String, words: [Range<Int>]? = nil) {
        self.text = text
        self.words = words ?? wordRanges(in: text)
    }

    /// How many of a unit the text has.
    func count(of unit: RationaleUnit) -> Int {
        switch unit {
        case .words, .mask: words.count
        case .characters: text.unicodeScalars.count
        case .utf16: text.utf16.count
        case .bytes: text.utf8.count
        }
    }

    /// The words that places in UTF-8 overlap, in the order of the places; empty where one overlaps none.
    ///
    /// - Complexity: O(places · log words).
    package func words(overlapping places: [Range<Int>]) -> [Range<Int>] {
        places.map { place in
            let first = firstWord { $0.upperBound > place.lowerBound }
            let end = firstWord { $0.lowerBound >= place.upperBound }
            return place.isEmpty ? first..<first : first..<max(first, end)
        }
    }

    /// Where spans are in UTF-8.
    ///
    /// - Parameter spans: characters, UTF-16 code units or bytes, each within the text and not inverted.
    /// - Complexity: O(text + spans · log spans).
    func bytes(of spans: [Range<Int>], in unit: RationaleUnit) -> [Range<Int>] {
        guard unit == .characters || unit == .utf16 else { return spans }
        let offsets = Set(spans.flatMap { [$0.lowerBound, $0.upperBound] }).sorted()
        var places: [Int: Int] = [:]
        places.reserveCapacity(offsets.count)
        /// Where spans end that end between the halves of a surrogate pair.
        var ends: [Int: Int] = [:]
        var next = 0
        var (units, bytes) = (0, 0)
        for scalar in text.unicodeScalars {
            let width = unit == .utf16 ? UTF16.width(scalar) : 1
            while next < offsets.count, offsets[next] < units + width {
                places[offsets[next]] = bytes
                if offsets[next] > units { ends[offsets[next]] = bytes + UTF8.width(scalar) }
                next += 1
            }
            if next == offsets.count { break }
            units += width
            bytes += UTF8.width(scalar)
        }
        return spans.map { span in
            let start = places[span.lowerBound] ?? bytes
            let end = ends[span.upperBound] ?? places[span.upperBound] ?? bytes
            return start..<max(start, end)
        }
    }

    /// Whether spans, counted in characters, begin with words and end with words or before punctuation:
    /// numbers of words rarely do.
    func areAligned(_ spans: [Range<Int>]) -> Bool {
        let count = count(of: .characters)
        guard spans.allSatisfy({ !$0.isEmpty && $0.upperBound <= count }) else { return false }
        var text = text
        return text.withUTF8 { utf8 in
            bytes(of: spans, in: .characters).allSatisfy { span in
                let first = firstWord { $0.lowerBound >= span.lowerBound }
                guard first < words.count, words[first].lowerBound == span.lowerBound else {
                    return false
                }
                let last = firstWord { $0.upperBound >= span.upperBound }
                guard last < words.count, words[last].lowerBound < span.upperBound else {
                    return false
                }
                return words[last].upperBound == span.upperBound
                    || Self.isPunctuation(utf8[span.upperBound])
            }
        }
    }

    private static func isPunctuation(_ byte: UInt8) -> Bool {
        (0x21...0x2F).contains(byte) || (0x3A...0x40).contains(byte)
    }

    /// The first word that a condition holds for, which holds for all words behind it.
    private func firstWord(where holds: (Range<Int>) -> Bool) -> Int {
        var (low, high) = (0, words.count)
        while low < high {
            let middle = (low + high) / 2
            if holds(words[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}

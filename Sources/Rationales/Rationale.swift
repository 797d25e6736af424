import Tokenization

/// A selection of a document's words that can be shown in place.
///
///     let text = "a dull , lifeless film"
///     let words = [0..<1, 2..<6, 7..<8, 9..<17, 18..<22]
///     let rationale = Rationale(text: text, words: words, selection: [1, 3, 4])
///     rationale.snippets.map(\.text)             // ["dull", "lifeless film"]
///     rationale.classifierInput(query: nil).text // "dull lifeless film"
public struct Rationale: Sendable, Hashable {
    /// A maximal run of adjacent selected words, verbatim.
    public struct Snippet: Sendable, Hashable {
        /// The run as it stands in the document, white space between its words included.
        public let text: String

        /// Where the run stands in the document, in UTF-8 bytes.
        public let utf8Range: Range<Int>

        /// Where the run stands in the document, in Unicode scalars, as Python counts.
        public let scalarRange: Range<Int>

        /// Where the run stands in the document, in UTF-16 code units, as JavaScript counts.
        public let utf16Range: Range<Int>

        /// The indices of the run's words.
        public let words: Range<Int>
    }

    /// The indices of the selected words, ascending, each once.
    public let selection: [Int]

    /// The selected words, in document order.
    public let words: [String]

    /// Where the selected words stand in the document, in UTF-8 bytes; parallel to `selection`.
    public let wordRanges: [Range<Int>]

    /// The selection as maximal runs of adjacent words, in document order.
    public let snippets: [Snippet]

    /// Selects words of a document.
    ///
    /// - Parameters:
    ///   - text: the document.
    ///   - words: UTF-8 ranges of *all* the document's words: ascending, disjoint, not empty.
    ///   - selection: indices into `words`, ascending, each once; may be empty.
    /// - Complexity: O(words + UTF-8 length of the text up to the last snippet).
    public init(text: String, words: [Range<Int>], selection: [Int]) {
        var text = text
        text.makeContiguousUTF8()
        Self.check(words: words, in: text.utf8)

        var previous = -1
        for index in selection {
            precondition(
                index > previous && index < words.count,
                "a selection holds ascending indices below the number of words")
            previous = index
        }

        self.selection = selection
        wordRanges = selection.map { words[$0] }
        self.words = wordRanges.map { String(text[text.utf8.indices(at: $0)]) }
        snippets = text.withUTF8 { bytes in
            var place = TextPlace()
            return maximalRuns(of: selection).map { run in
                let range = words[run.lowerBound].lowerBound..<words[run.upperBound - 1].upperBound
                let start = place.advanced(to: range.lowerBound, in: bytes)
                place = start.advanced(to: range.upperBound, in: bytes)
                return Snippet(
                    text: String(decoding: bytes[range], as: UTF8.self), utf8Range: range,
                    scalarRange: start.scalars..<place.scalars,
                    utf16Range: start.utf16Units..<place.utf16Units, words: run)
            }
        }
    }

    /// What a classifier may see of this rationale: its words and the query, and nothing else.
    public func classifierInput(query: String?) -> RationaleWords {
        RationaleWords(words: words, query: query)
    }

    /// The snippet's place in `text`, or `nil` when the snippet does not stand there verbatim.
    ///
    /// - Complexity: O(UTF-8 length of the snippet) for a native string.
    public func range(of snippet: Snippet, in text: String) -> Range<String.Index>? {
        guard snippet.utf8Range.upperBound <= text.utf8.count else { return nil }
        let range = text.utf8.indices(at: snippet.utf8Range)
        return text.utf8[range].elementsEqual(snippet.text.utf8) ? range : nil
    }

    private static func check(words: [Range<Int>], in text: String.UTF8View) {
        var end = 0
        for word in words {
            precondition(
                word.lowerBound >= end && !word.isEmpty && word.upperBound <= text.count,
                "word ranges ascend, do not overlap, are not empty and lie within the text")
            precondition(
                text.isScalarBoundary(word.lowerBound) && text.isScalarBoundary(word.upperBound),
                "word ranges start and end between Unicode scalars")
            end = word.upperBound
        }
    }
}

/// A place in a text, counted in three ways.
private struct TextPlace {
    private var bytes = 0
    private(set) var scalars = 0
    private(set) var utf16Units = 0

    /// The place `end` bytes after the text's beginning, not before this one.
    func advanced(to end: Int, in text: UnsafeBufferPointer<UInt8>) -> TextPlace {
        var place = self
        for byte in text[bytes..<end] where byte & 0b1100_0000 != 0b1000_0000 {
            place.scalars += 1
            // Four bytes of UTF-8 are a pair of surrogates.
            place.utf16Units += byte >= 0xF0 ? 2 : 1
        }
        place.bytes = end
        return place
    }
}

/// Ascending indices as maximal runs of adjacent ones.
package func maximalRuns(of indices: [Int]) -> [Range<Int>] {
    var runs: [Range<Int>] = []
    for index in indices {
        if let run = runs.last, run.upperBound == index {
            runs[runs.count - 1] = run.lowerBound..<(index + 1)
        } else {
            runs.append(index..<(index + 1))
        }
    }
    return runs
}

extension String.UTF8View {
    /// Byte offsets as indices; O(1) for a native string.
    fileprivate func indices(at offsets: Range<Int>) -> Range<Index> {
        let lower = index(startIndex, offsetBy: offsets.lowerBound)
        return lower..<index(lower, offsetBy: offsets.count)
    }

    /// Whether no scalar's bytes lie on both sides of the offset.
    fileprivate func isScalarBoundary(_ offset: Int) -> Bool {
        offset == count || self[index(startIndex, offsetBy: offset)] & 0b1100_0000 != 0b1000_0000
    }
}

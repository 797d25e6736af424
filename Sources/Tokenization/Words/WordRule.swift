/// What counts as a word of a document.
public enum WordRule: String, Sendable, CaseIterable, Codable {
    /// A maximal run without white space, as in the papers and in ERASER.
    case whitespace
    /// A run of letters and digits of a script that writes spaces, a CJK character, or a grapheme
    /// cluster of anything else: for texts without spaces between words.
    case unicode

    /// The words of a text as UTF-8 byte ranges: in order, disjoint, between scalars; together they hold
    /// all that is not white space.
    ///
    ///     WordRule.unicode.ranges(in: "film 很好!")  // [0..<4, 5..<8, 8..<11, 11..<12]
    ///
    /// - Complexity: O(bytes), one pass.
    public func ranges(in text: String) -> [Range<Int>] {
        withUTF8Bytes(of: text, ranges(in:))
    }

    func ranges(in bytes: UnsafeBufferPointer<UInt8>) -> [Range<Int>] {
        switch self {
        case .whitespace: wordRanges(in: bytes)
        case .unicode: UnicodeWords.ranges(in: bytes)
        }
    }

    /// The rule's words in each run without white space, as ranges of word indices: ascending, not
    /// empty, and without gaps.
    ///
    ///     WordRule.unicode.runs(in: "film 很好!")  // [0..<1, 1..<4]
    package func runs(in text: String) -> [Range<Int>] {
        let words = wordRanges(in: text)
        guard self != .whitespace else { return words.indices.map { $0..<$0 + 1 } }
        let own = ranges(in: text)
        var first = 0
        return words.map { run in
            var end = first
            while end < own.count, own[end].upperBound <= run.upperBound { end += 1 }
            defer { first = end }
            return first..<end
        }
    }

    /// The rule's words in ranges that count runs without white space, as human rationales in data
    /// do; ranges beyond the text are cut.
    ///
    /// - Parameter marked: ascending ranges.
    package func words(inRuns marked: [Range<Int>], of text: String) -> [Range<Int>] {
        guard self != .whitespace else { return marked }
        let runs = runs(in: text)
        return marked.compactMap { range in
            let range = range.clamped(to: 0..<runs.count)
            guard !range.isEmpty else { return nil }
            return runs[range.lowerBound].lowerBound..<runs[range.upperBound - 1].upperBound
        }
    }
}

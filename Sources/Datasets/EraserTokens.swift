/// The tokens of a document as ERASER's `utils.py` counts them: a sentence is a line that is not
/// blank, a token what stands between spaces, after whitespace at both ends of the line is dropped.
///
/// In a row of ERASER's `docs.jsonl` blank lines are sentences, too, and nothing between two spaces is a
/// token: its `utils.py` drops neither there.
///
/// Only U+0020 parts tokens. Warrant's words are parted by any whitespace, so where there are tabs or
/// no-break spaces within a line a token holds several words, or none.
package struct EraserTokens {
    /// Where a document comes from, which decides how it is cut.
    package enum Form: Sendable {
        /// A file of its own.
        case file
        /// A row of a file of all documents.
        case row
    }

    /// The number of tokens of each sentence.
    package private(set) var sentences: [Int] = []

    /// The bytes of each token; empty where only their number was asked for.
    private var bytes: [Range<Int>] = []

    /// The number of tokens.
    package var count: Int { sentences.reduce(0, +) }

    /// Counts the tokens of a text.
    ///
    /// - Parameter keepsPlaces: whether ``words(_:)`` will be asked; places take 16 bytes a token.
    /// - Complexity: O(bytes), one pass.
    package init(_ text: String, _ form: Form = .file, keepsPlaces: Bool = false) {
        if form == .row {
            readRow(text, keepsPlaces: keepsPlaces)
        } else {
            readFile(text, keepsPlaces: keepsPlaces)
        }
    }

    private mutating func readRow(_ text: String, keepsPlaces: Bool) {
        var position = 0
        for line in text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false) {
            let solid = line.drop(while: \.isPythonSpace)
            let end =
                solid.lastIndex { !$0.isPythonSpace }.map(line.index(after:)) ?? solid.startIndex
            var start = position + Self.width(line[..<solid.startIndex])
            let tokens = solid[..<end].split(separator: " ", omittingEmptySubsequences: false)
            sentences.append(tokens.count)
            for token in tokens where keepsPlaces {
                let length = Self.width(token)
                bytes.append(start..<start + length)
                start += length + 1
            }
            position += Self.width(line) + 1
        }
    }

    private static func width(_ scalars: Substring.UnicodeScalarView) -> Int {
        scalars.reduce(0) { $0 + UTF8.width($1) }
    }

    private mutating func readFile(_ text: String, keepsPlaces: Bool) {
        var line = Line()
        var position = 0
        func endToken(_ tokens: inout [Range<Int>]) {
            if let start = line.tokenStart, keepsPlaces { tokens.append(start..<position) }
            line.tokenStart = nil
        }
        func endLine(_ tokens: inout EraserTokens) {
            endToken(&tokens.bytes)
            // What is whitespace at the line's end is none of its tokens.
            if keepsPlaces { tokens.bytes.removeLast(line.tokens - line.solidTokens) }
            if line.solidTokens > 0 { tokens.sentences.append(line.solidTokens) }
            line = Line()
        }
        for scalar in text.unicodeScalars {
            switch scalar {
            case " ": endToken(&bytes)
            case "\n", "\r": endLine(&self)
            default: line.add(isSolid: !scalar.isPythonSpace, at: position)
            }
            position += UTF8.width(scalar)
        }
        endLine(&self)
    }

    /// A line as far as it was read.
    private struct Line {
        /// Where the token begins that is being read.
        var tokenStart: Int?
        /// How many tokens have begun.
        var tokens = 0
        /// How many of them stand before or at the last scalar that is not whitespace.
        var solidTokens = 0

        /// Reads a scalar that parts nothing.
        mutating func add(isSolid: Bool, at position: Int) {
            // Whitespace at the line's beginning is none of its tokens.
            guard isSolid || solidTokens > 0 else { return }
            if tokenStart == nil {
                tokenStart = position
                tokens += 1
            }
            if isSolid { solidTokens = tokens }
        }
    }

    /// Whether the tokens are the words one by one, to the byte.
    package func areWords(_ words: [Range<Int>]) -> Bool { bytes == words }

    /// The words that each token holds, as a range of word indices.
    ///
    /// - Parameter words: the words of the text, as bytes.
    package func words(_ words: [Range<Int>]) -> [Range<Int>] {
        var first = 0
        var next = 0
        return bytes.map { token in
            while first < words.count, words[first].upperBound <= token.lowerBound { first += 1 }
            next = max(next, first)
            while next < words.count, words[next].lowerBound < token.upperBound { next += 1 }
            return first..<next
        }
    }
}

extension Unicode.Scalar {
    /// What Python's `str.strip` drops: White_Space and the four information separators.
    fileprivate var isPythonSpace: Bool {
        switch value {
        case 0x09...0x0D, 0x1C...0x20, 0x85, 0xA0, 0x1680, 0x2000...0x200A, 0x2028...0x2029, 0x202F,
            0x205F, 0x3000:
            true
        default: false
        }
    }
}

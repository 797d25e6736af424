import Warrant

/// Compares a line with the row that it answers.
struct SourceComparison {
    /// What the model takes for words.
    let words: WordRule
    /// Whether the model predicts something of a text.
    let isPredictable: (Document) throws -> Bool

    /// What differs, a line each.
    func differences(_ line: CertifiedLine, _ row: Example) throws -> [String] {
        var found: [String] = []
        // Or any answer could be replaced by none.
        if line.certificate == nil, line.isWithoutPrediction, try isPredictable(row.document) {
            found.append("error: the text in \(row.location) has words to predict from")
        }
        if let certificate = line.certificate, !same(row.query, certificate.query) {
            found.append("query: \(row.location) has another one")
        }
        let text = Array(row.text.utf8)
        let words = words.ranges(in: row.text)
        for snippet in line.rationale ?? [] where !stands(snippet, in: text, words) {
            found.append(
                "rationale: \(quoted(snippet.text)) does not stand at bytes \(snippet.start) to "
                    + "\(snippet.end) of the text in \(row.location)")
        }
        return found
    }

    /// Whether a snippet stands at its offsets, verbatim, and is made of the words that it names.
    private func stands(
        _ snippet: CertifiedLine.Snippet, in text: [UInt8], _ words: [Range<Int>]
    ) -> Bool {
        guard snippet.start >= 0, snippet.start < snippet.end, snippet.end <= text.count,
            text[snippet.start..<snippet.end].elementsEqual(snippet.text.utf8)
        else { return false }
        guard snippet.words.count == 2, snippet.words[0] >= 0,
            snippet.words[0] < snippet.words[1], snippet.words[1] <= words.count
        else { return false }
        return words[snippet.words[0]].lowerBound == snippet.start
            && words[snippet.words[1] - 1].upperBound == snippet.end
            && isPlaced(snippet.characters, snippet, in: text) {
                // A byte that continues a scalar counts for nothing.
                $0 & 0xC0 == 0x80 ? 0 : 1
            }
            && isPlaced(snippet.utf16, snippet, in: text) {
                $0 & 0xC0 == 0x80 ? 0 : $0 >= 0xF0 ? 2 : 1
            }
    }

    /// Whether a pair of offsets, where there is one, is the snippet's place in units of another kind.
    ///
    /// - Parameter units: how many units a byte of UTF-8 counts for.
    private func isPlaced(
        _ pair: [Int]?, _ snippet: CertifiedLine.Snippet, in text: [UInt8],
        units: (UInt8) -> Int
    ) -> Bool {
        guard let pair else { return true }
        let start = text[..<snippet.start].reduce(0) { $0 + units($1) }
        let end = text[snippet.start..<snippet.end].reduce(start) { $0 + units($1) }
        return pair == [start, end]
    }
}

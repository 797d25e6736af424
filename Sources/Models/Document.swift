import Datasets
import Tokenization

/// A text to classify, with the query that is asked about it where a task has one.
public struct Document: Sendable, Hashable, ExpressibleByStringLiteral {
    /// The text as it was given.
    public var text: String
    /// What is asked about the text.
    public var query: String?
    /// The words that a human marked, as ascending, disjoint ranges of word indices, which count runs
    /// without white space whatever a model takes for words; the scorer `human` needs them, nothing
    /// else reads them.
    public var humanRationale: [Range<Int>]?
    /// Where in the text's UTF-8 the human's marks are, where they were not given in words: a mark may be
    /// a part of a run without white space.
    public var humanMarks: [Range<Int>]?

    /// A document.
    public init(
        _ text: String, query: String? = nil, humanRationale: [Range<Int>]? = nil,
        humanMarks: [Range<Int>]? = nil
    ) {
        self.text = text
        self.query = query
        self.humanRationale = humanRationale
        self.humanMarks = humanMarks
    }

    /// A document without a query.
    public init(stringLiteral text: String) { self.init(text) }
}

extension Document {
    /// The words that a human marked, as a rule counts words; nil where nobody marked any.
    package func humanRationale(in rule: WordRule) -> [Range<Int>]? {
        guard rule != .whitespace, humanRationale != nil, let humanMarks else {
            return humanRationale.map { rule.words(inRuns: $0, of: text) }
        }
        let words = WordSpans(text, words: rule.ranges(in: text))
        return mergedRanges(words.words(overlapping: humanMarks))
    }
}

extension Example {
    /// What a model is given of the row.
    public var document: Document {
        Document(text, query: query, humanRationale: rationale, humanMarks: marks)
    }
}

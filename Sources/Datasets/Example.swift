import Tokenization

/// One row of a dataset.
public struct Example: Sendable, Hashable {
    /// The row's own name, where it has one.
    public var id: String?

    /// The document, as it stands in the data.
    public var text: String

    /// What is asked about the document, where the task has a query; nil where there is none, or none
    /// with words.
    public var query: String?

    /// The class, where the row is labelled.
    public var label: String?

    /// The words that a human marked as the reason for the label: ascending, disjoint, not empty
    /// ranges of word indices into `text`, where a word is a maximal run of non-whitespace.
    /// `nil` when the row has no human rationale.
    public var rationale: [Range<Int>]?

    /// Where in the text's UTF-8 the human's marks are, where the data do not count words; the words of
    /// `rationale` are those that they overlap.
    public var marks: [Range<Int>]?

    /// The documents that the text is put together from, in order, where the data name them.
    package var parts: [Part] = []

    /// Where the row starts.
    public var location: SourceLocation

    /// A document that is part of a row's text.
    package struct Part: Sendable, Hashable {
        /// The document's name in the data.
        package var name: String
        /// How many words of the text are its own.
        package var words: Int
        /// Of a document whose tokens, as the data count them, are not its words one by one: the
        /// words that each token holds.
        package var tokens: [Range<Int>]?
    }

    /// Makes a row. A query without words, as an empty cell of a table gives, is none.
    public init(
        id: String? = nil, text: String, query: String? = nil, label: String? = nil,
        rationale: [Range<Int>]? = nil, location: SourceLocation
    ) {
        self.id = id
        self.text = text
        self.query = query.flatMap { wordRanges(in: $0).isEmpty ? nil : $0 }
        self.label = label
        self.rationale = rationale
        self.location = location
    }
}

/// A text to classify, with the query that is asked about it where a task has one.
public struct Document: Sendable, Hashable, ExpressibleByStringLiteral {
    /// The text as it was given.
    public var text: String
    /// What is asked about the text.
    public var query: String?

    /// A document.
    public init(_ text: String, query: String? = nil) {
        self.text = text
        self.query = query
    }

    /// A document without a query.
    public init(stringLiteral text: String) { self.init(text) }
}

extension Example {
    /// What a model is given of the row.
    public var document: Document { Document(text, query: query) }
}

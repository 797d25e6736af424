/// Everything a rationale classifier may see: the selected words and the query.
///
/// There are no positions, no scores and no document here, by design: a position alone can give
/// a label away, and what the type does not hold the classifier cannot use.
public struct RationaleWords: Sendable, Hashable, Codable {
    /// The selected words, in document order.
    public let words: [String]

    /// The task's query, such as a question with its answer; `nil` where a task has none.
    public let query: String?

    /// The words joined by single spaces: the text the classifier reads.
    public var text: String { words.joined(separator: " ") }

    /// Holds the words, in document order, and the query.
    public init(words: [String], query: String? = nil) {
        self.words = words
        self.query = query
    }
}

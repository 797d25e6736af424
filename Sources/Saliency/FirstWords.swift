/// 1 / (1 + the word's number in the document): the document's beginning, which often says what it
/// is about. Strictly decreasing for the first 8 million words.
package struct FirstWords: ModelFreeScorer {
    /// The scorer; it has no settings.
    package init() {}

    static let entry = SaliencyScorers.Entry(
        "first", "the earlier a word stands, the higher", scorer: FirstWords())

    /// `first`.
    package var name: String { Self.entry.name }

    package func wordScores(_ input: SaliencyInput) -> [Float] {
        input.chunk.wholeWords.map { 1 / Float($0 + 1) }
    }
}

/// 1 for the words that a human marked and 0 for the others: how well a classifier does with a
/// person's extracts (DeYoung et al. 2020; Jain, Wiegreffe, Pinter & Wallace 2020).
package struct HumanSaliency: ModelFreeScorer {
    /// The scorer; it has no settings.
    package init() {}

    static let entry = SaliencyScorers.Entry(
        "human", "the words that a human marked; every row needs a rationale",
        scorer: HumanSaliency())

    /// `human`.
    package var name: String { Self.entry.name }

    package func wordScores(_ input: SaliencyInput) throws(SaliencyError) -> [Float] {
        guard let marked = input.humanRationale else {
            throw .cannotScore(
                scorer: name,
                problem: "the row has no human rationale; give its \"rationale\", the marked words "
                    + "as [[start, end], …], or choose another scorer")
        }
        let words = input.chunk.wholeWords
        var scores = [Float](repeating: 0, count: words.count)
        for range in marked {
            for word in range.clamped(to: words) { scores[word - words.lowerBound] = 1 }
        }
        return scores
    }
}

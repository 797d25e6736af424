/// The k words with the highest scores, k = ⌈ratio · words⌉; ties go to the earlier word.
///
///     TopK(ratio: 0.4).select([0.1, 0.3, 0.2, 0.3, 0.1]) // [1, 3]
///
/// Source: Jain et al., ACL 2020, section 3.
public struct TopK: Thresholder, Hashable {
    /// The share of a document's words to keep, in (0, 1].
    public let ratio: Double

    /// The name `top-k`.
    public var name: String { ThresholderName.topK.rawValue }

    /// Keeps a share of a document's words, `ratio` in (0, 1].
    public init(ratio: Double) {
        precondition(ratio > 0 && ratio <= 1, "a ratio lies above 0 and is at most 1")
        self.ratio = ratio
    }

    /// Selects the k highest scores.
    ///
    /// - Complexity: O(n log n) for n words.
    public func select(_ scores: [Float]) -> [Int] {
        precondition(scores.allSatisfy(\.isFinite), "scores are finite")
        let size = selectionSize(ratio: ratio, wordCount: scores.count)
        let ranking = scores.indices.sorted { first, second in
            scores[first] == scores[second] ? first < second : scores[first] > scores[second]
        }
        return ranking.prefix(size).sorted()
    }
}

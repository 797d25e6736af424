/// A document's words from the highest score to the lowest; among equal scores the earlier first.
///
/// - Complexity: O(n log n) for n words.
func ranking(_ scores: [Float]) -> [Int] {
    precondition(scores.allSatisfy(\.isFinite), "scores are finite")
    return scores.indices.sorted { first, second in
        scores[first] == scores[second] ? first < second : scores[first] > scores[second]
    }
}

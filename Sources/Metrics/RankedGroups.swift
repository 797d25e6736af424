/// Positives and negatives that got the same score, from the highest score down.
///
/// Equal scores stand together, as in scikit-learn: nothing in the scores says which of them comes
/// first, so no measure may depend on it.
struct RankedGroups {
    /// The counts at one score.
    struct Group {
        var positives = 0
        var negatives = 0
    }

    let groups: [Group]
    let positives: Int
    let negatives: Int

    /// Sorts what is scored.
    ///
    /// - Complexity: O(n log n).
    init(truth: [Bool], scores: [Double]) {
        precondition(truth.count == scores.count, "one score for each")
        precondition(scores.allSatisfy { !$0.isNaN }, "scores are numbers")
        var groups: [Group] = []
        var last: Double?
        for index in scores.indices.sorted(by: { scores[$0] > scores[$1] }) {
            if scores[index] != last { groups.append(Group()) }
            last = scores[index]
            if truth[index] {
                groups[groups.count - 1].positives += 1
            } else {
                groups[groups.count - 1].negatives += 1
            }
        }
        self.groups = groups
        positives = truth.count { $0 }
        negatives = truth.count - positives
    }
}

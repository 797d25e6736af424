/// How much the heads of two rankings have in common: Kendall's distance of top-k lists (Fagin, Kumar &
/// Sivakumar 2003, section 3.1, with p = ½), and whether the largest of one is among the largest of the
/// other.
public enum TopRanks {
    /// The distance of the `count` largest elements of each side: 0 for equal lists, 1 for lists that share
    /// nothing.
    ///
    /// With A and B the two lists, C what they share, and τ Kendall's within C:
    /// ((1 - τ) / 2 · |C|² + Σ over C of the elements of A ∖ B and of B ∖ A that stand before it in their
    /// list + (k - |C|) (k - |C| - 1) / 2) / |A ∪ B|², as `kendall_top_k.py` of
    /// `successar/AttentionExplanation` has it.
    ///
    /// - Parameters:
    ///   - first: one ranking; no element is NaN.
    ///   - second: the other, of the same length.
    ///   - count: k, at least 1; at most as many as there are elements.
    /// - Complexity: O(n log n + k²).
    public static func kendallDistance(_ first: [Double], _ second: [Double], top count: Int)
        -> Double
    {
        precondition(first.count == second.count, "two rankings of the same elements")
        precondition(count > 0 && !first.isEmpty, "the head of a ranking has an element")
        let k = min(count, first.count)
        let (a, b) = (head(first, k), head(second, k))
        let shared = a.intersection(b).sorted()
        let correlation =
            KendallCorrelation(shared.map { first[$0] }, shared.map { second[$0] })?.tau ?? 0
        let size = Double(shared.count)
        let disorder = shared.count < 2 ? 0 : (1 - correlation) / 2 * size * size
        let (onlyFirst, onlySecond) = (a.subtracting(b), b.subtracting(a))
        let between = shared.reduce(0) { sum, element in
            sum + onlyFirst.count { first[$0] > first[element] }
                + onlySecond.count { second[$0] > second[element] }
        }
        let rest = Double(k) - size
        let union = Double(a.union(b).count)
        return (disorder + Double(between) + rest * (rest - 1) / 2) / (union * union)
    }

    /// Whether the second side's element at the first side's maximum is among the largest `share` of the
    /// second side: fewer than ⌈share · n⌉ of its elements are strictly larger (Snell et al. 2021,
    /// `classification` of `Sea-Snell/AttentionDynamics`).
    ///
    /// - Parameters:
    ///   - first: a ranking, not empty; the first of equal maxima counts.
    ///   - second: the other, of the same length.
    ///   - share: above 0, at most 1.
    /// - Complexity: O(n).
    public static func matches(_ first: [Double], _ second: [Double], share: Double) -> Bool {
        precondition(first.count == second.count, "two rankings of the same elements")
        precondition(!first.isEmpty && share > 0, "a share of some elements")
        var best = 0
        for place in first.indices where first[place] > first[best] { best = place }
        let most = (share * Double(second.count)).rounded(.up)
        return Double(second.count { $0 > second[best] }) < most
    }

    /// The elements of the k largest values, the first of equal ones.
    private static func head(_ values: [Double], _ k: Int) -> Set<Int> {
        Set(values.indices.sorted { (values[$1], $0) < (values[$0], $1) }.prefix(k))
    }
}

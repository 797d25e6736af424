/// The scorers by name.
public enum SaliencyScorers {
    /// Every name that `named` knows, with the settings that may follow it.
    public static let names = [ClassifierAttention.name]

    /// The scorer that `name` describes, such as `cls-attention`.
    ///
    /// - Parameter seed: of scorers that draw at random, where the name gives none.
    /// - Throws: `SaliencyError` for an unknown name or settings that it does not take.
    public static func named(
        _ name: String, seed: UInt64 = 0
    ) throws(SaliencyError) -> any SaliencyScorer {
        switch name {
        case ClassifierAttention.name: return ClassifierAttention()
        default: throw .unknownScorer(name)
        }
    }
}

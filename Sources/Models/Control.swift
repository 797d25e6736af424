import Rationales

/// Rationales that know nothing of the support model's reasons, or what is left without them: what a
/// rationale's score is to be compared with.
public enum Control: String, Sendable, CaseIterable, Codable {
    /// As many words of each document, drawn at random: in as many runs of the same lengths as the
    /// rationale's, for words that stand together say more than words that do not.
    case random
    /// As many words from the document's beginning.
    case first
    /// The words that are not in the rationale.
    case remaining

    /// What a classifier trained on the control reads, in a few words.
    package var reads: String {
        switch self {
        case .random: "as many random words"
        case .first: "as many first words"
        case .remaining: "the remaining words"
        }
    }
}

extension ThresholderSettings: CustomStringConvertible {
    /// The thresholder and what was set of it, for people: `top-k, ratio 0.2`.
    public var description: String {
        let parts: [(String, String?)] = [
            ("ratio", ratio.map { "\($0)" }), ("words", words.map { "\($0)" }),
            ("mass", mass.map { "\($0)" }), ("cut-off", cutOff.map { "\($0)" }),
            ("at least", minimum.map { "\($0) words" }),
        ]
        return ([name.rawValue] + parts.compactMap { name, value in value.map { "\(name) \($0)" } })
            .joined(separator: ", ")
    }
}

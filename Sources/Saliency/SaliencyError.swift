import Errors

/// A scorer that cannot be made, or cannot score, as asked.
public enum SaliencyError: DescribedError, Equatable {
    /// No scorer has this name.
    case unknownScorer(String)
    /// The settings after a scorer's name, or the model's shape, do not fit.
    case wrongSettings(scorer: String, problem: String)
    /// A document lacks what the scorer needs.
    case cannotScore(scorer: String, problem: String)

    /// Documents that lack something are bad data; all else is asked for wrongly.
    public var kind: FailureKind {
        if case .cannotScore = self { .badData } else { .wrongUsage }
    }

    /// What is wrong, what was expected.
    public var problem: String {
        switch self {
        case .unknownScorer(let name):
            "unknown scorer \(name.debugDescription); choose one of: "
                + SaliencyScorers.names.joined(separator: ", ")
        case .wrongSettings(let scorer, let problem), .cannotScore(let scorer, let problem):
            "scorer \(scorer): \(problem)"
        }
    }
}

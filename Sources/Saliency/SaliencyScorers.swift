/// The scorers by name.
public enum SaliencyScorers {
    /// A scorer as the command line knows it.
    package struct Entry: Sendable {
        /// The name, without settings.
        package let name: String
        /// What may follow the name, such as `[:STEPS]`; empty: nothing.
        package let settings: String
        /// What the score is, in one line.
        package let summary: String
        let make: @Sendable (ScorerSettings) throws(SaliencyError) -> any SaliencyScorer

        init(
            _ name: String, settings: String = "", _ summary: String,
            make: @escaping @Sendable (ScorerSettings) throws(SaliencyError) -> any SaliencyScorer
        ) {
            self.name = name
            self.settings = settings
            self.summary = summary
            self.make = make
        }

        /// A scorer that takes no settings.
        init(_ name: String, _ summary: String, scorer: any SaliencyScorer) {
            self.init(name, summary) { settings throws(SaliencyError) in
                guard settings.text == nil else { throw settings.wrong("it takes no settings") }
                return scorer
            }
        }
    }

    /// Every scorer: by attention, by gradients, by what the model does without a word, and those
    /// that do not ask the model.
    package static let entries = [
        CLSAttention.entry, WordAttentionWeights.entry, AttentionRollout.entry, AttentionFlow.entry,
        AttentionNorm.entry, EffectiveAttention.entry, AttentionGradient.entry,
        GradientNorm.entry, GradientTimesInput.entry, FreshGradient.entry,
        IntegratedGradients.entry, LeaveOneOut.entry, Lime.entry, RandomSaliency.entry,
        FirstWords.entry, HumanSaliency.entry,
    ]

    /// Every name that `named` knows, without the settings that may follow it.
    public static let names = entries.map(\.name)

    /// A line for each scorer: name, settings, what it is.
    public static let descriptions = entries.map { "\($0.name)\($0.settings): \($0.summary)" }

    /// The scorer that `name` describes, such as `cls-attention` or `integrated-gradients:100`.
    ///
    /// - Parameter seed: of scorers that draw at random, where the name gives none.
    /// - Throws: `SaliencyError` for an unknown name or settings that it does not take.
    public static func named(
        _ name: String, seed: UInt64 = 0
    ) throws(SaliencyError) -> any SaliencyScorer {
        let parts = name.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard let entry = entries.first(where: { $0.name == parts[0] }) else {
            throw .unknownScorer(name)
        }
        return try entry.make(
            ScorerSettings(
                scorer: entry.name, text: parts.count > 1 ? String(parts[1]) : nil, seed: seed))
    }
}

/// What follows a scorer's name.
struct ScorerSettings: Sendable {
    let scorer: String
    /// After the colon; nil: there is none.
    let text: String?
    /// Of scorers that draw at random.
    let seed: UInt64

    /// The error of settings that do not fit.
    func wrong(_ expected: String) -> SaliencyError {
        .wrongSettings(
            scorer: scorer,
            problem: "the settings are \((text ?? "").debugDescription); \(expected)")
    }

    /// The settings as one number; `standard` where there are none.
    func number(
        _ what: String, _ range: ClosedRange<Int>, default standard: Int
    ) throws(SaliencyError) -> Int {
        guard let text else { return standard }
        guard let number = Self.number(text), range.contains(number) else {
            throw wrong(
                "expected \(what) from \(range.lowerBound) to \(range.upperBound), such as "
                    + "\(scorer):\(standard)")
        }
        return number
    }

    /// A number of decimal digits alone; nil for anything else.
    static func number(_ text: String) -> Int? {
        text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
    }
}

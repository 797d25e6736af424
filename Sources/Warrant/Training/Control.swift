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
    public var reads: String {
        switch self {
        case .random: "as many random words"
        case .first: "as many first words"
        case .remaining: "the remaining words"
        }
    }

    /// The control's selections, as long as `selections` document by document (`remaining`: the rest).
    ///
    /// - Parameters:
    ///   - selections: the model's, for each document of each set.
    ///   - words: how many words each document has.
    ///   - seed: of `random`.
    package func selections(
        like selections: Splits<[[Int]]>, words: Splits<[Int]>, seed: UInt64
    ) -> Splits<[[Int]]> {
        var generator = SeededGenerator(seed: seed, stream: "controls")
        return selections.zip(words).map { selections, words in
            zip(selections, words).map { selection, count in
                switch self {
                case .first: return Array(0..<selection.count)
                case .remaining:
                    let selected = Set(selection)
                    return (0..<count).filter { !selected.contains($0) }
                case .random: return Self.scattered(selection, words: count, &generator)
                }
            }
        }
    }

    /// The maximal runs of a selection, in another order and in other places: every way to place
    /// them, with a word between them at least, is as likely.
    private static func scattered(
        _ selection: [Int], words: Int, _ generator: inout SeededGenerator
    ) -> [Int] {
        let runs = generator.shuffled(maximalRuns(of: selection).map(\.count))
        // Words beyond the runs and one between each two of them: before, between and after the runs
        // they stand as the places of the runs among all of both decide.
        let free = words - selection.count - max(0, runs.count - 1)
        let places = generator.shuffled(0..<(free + runs.count)).prefix(runs.count)
        var (scattered, taken): ([Int], Int) = ([], 0)
        for (place, length) in zip(places.sorted(), runs) {
            scattered += (place + taken)..<(place + taken + length)
            taken += length
        }
        return scattered
    }
}

/// A classifier of a run, by what it reads.
public enum Variant: Sendable, Hashable {
    /// Whole documents.
    case support
    /// Rationales.
    case classifier
    /// A control's selections.
    case control(Control)

    /// The name in tables and files.
    public var name: String {
        switch self {
        case .support: "support"
        case .classifier: "classifier"
        case .control(let control): control.rawValue
        }
    }

    /// The part of a run that trains it.
    public var stage: TrainingProgress.Stage {
        switch self {
        case .support: .support
        case .classifier: .classifier
        case .control(let control): .control(control)
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

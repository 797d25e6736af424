/// Rationales that know nothing of the support model's reasons, or what is left without them: what a
/// rationale's score is to be compared with.
public enum Control: String, Sendable, CaseIterable, Codable {
    /// As many words of each document, drawn at random; one span where the rationale is one.
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
    ///   - asSpans: whether `random` draws a span.
    ///   - seed: of `random`.
    package func selections(
        like selections: Splits<[[Int]]>, words: Splits<[Int]>, asSpans: Bool, seed: UInt64
    ) -> Splits<[[Int]]> {
        var generator = SeededGenerator(seed: seed ^ 0x434F_4E54_524F_4C)
        return selections.zip(words).map { selections, words in
            zip(selections, words).map { selection, count in
                switch self {
                case .first: return Array(0..<selection.count)
                case .remaining:
                    let selected = Set(selection)
                    return (0..<count).filter { !selected.contains($0) }
                case .random where asSpans:
                    let start = Int.random(in: 0...(count - selection.count), using: &generator)
                    return Array(start..<(start + selection.count))
                case .random:
                    return (0..<count).shuffled(using: &generator).prefix(selection.count).sorted()
                }
            }
        }
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

extension ThresholderSettings {
    /// Whether a selection is always one span.
    var selectsOneSpan: Bool { name == .contiguous || name == .globalContiguous }
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

import Randomness
import Rationales

/// Scores and sentences of a document that was made up.
struct RandomDocument {
    let scores: [Float]
    let sentences: [Range<Int>]

    /// Scores that add up to 1, as a scorer gives them, often equal to each other.
    init(words: ClosedRange<Int>, _ generator: inout SeededGenerator) {
        let raw = (0..<Int.random(in: words, using: &generator)).map { _ in
            Float(Int.random(in: 0...8, using: &generator))
        }
        let sum = max(1, raw.reduce(0, +))
        self.init(scores: raw.map { $0 / sum }, &generator)
    }

    /// Random sentences for given scores.
    init(scores: [Float], _ generator: inout SeededGenerator) {
        self.scores = scores
        var starts = [0]
        for word in scores.indices.dropFirst()
        where Int.random(in: 0..<4, using: &generator) == 0 {
            starts.append(word)
        }
        let bounds = starts + [scores.count]
        sentences = scores.isEmpty ? [] : zip(bounds, bounds.dropFirst()).map { $0..<$1 }
    }
}

/// A thresholder of this name with parameters that keep about a third of most documents.
func anyThresholder(_ name: ThresholderName) throws -> any Thresholder {
    let options = Set(name.options)
    // One with a cut-off beside a ratio has a budget over a data set, and a cut-off per word of it.
    let isGlobal = options.isSuperset(of: [.ratio, .cutOff])
    return try ThresholderSettings(
        name, ratio: options.contains(.ratio) && !isGlobal ? 0.3 : nil,
        mass: options.contains(.mass) ? 0.5 : nil,
        cutOff: options.contains(.cutOff) ? (isGlobal ? 1.25 : 0.1) : nil,
        minimum: options.contains(.minimumWords) ? 2 : nil
    ).thresholder()
}

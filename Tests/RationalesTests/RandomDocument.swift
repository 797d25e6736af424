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
    switch name {
    case .topK, .contiguous, .sentences: try ThresholderSettings(name, ratio: 0.3).thresholder()
    case .topP: try ThresholderSettings(.topP, mass: 0.5).thresholder()
    case .threshold: try ThresholderSettings(.threshold, cutOff: 0.1).thresholder()
    default:
        try ThresholderSettings(name, cutOff: 1.25, minimum: 2).thresholder()
    }
}

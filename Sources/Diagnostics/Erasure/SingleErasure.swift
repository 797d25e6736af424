import Encoders
import Metrics
import Randomness
import Tensors

/// What the largest weight of a text decides, beside another one: each is erased alone (Serrano & Smith
/// 2019, section 4.1).
package struct SingleErasure: Sendable, Equatable {
    /// A weight that was erased, and what became of the output.
    package struct Outcome: Sendable, Equatable {
        /// The word.
        package let word: Int
        /// Its weight.
        package let weight: Double
        /// The Jensen-Shannon divergence of the output to the text's own.
        package let divergence: Double
        /// Whether the decision changed.
        package let isFlip: Bool
    }

    /// The largest weight, the first of equal ones.
    package let highest: Outcome
    /// The other weight.
    package let other: Outcome
    /// ΔJS: how much further the largest weight's erasure moves the output. Below 0, the other weight
    /// decided more.
    package var divergenceDifference: Double { highest.divergence - other.divergence }
    /// Δα: how much larger the largest weight is.
    package var weightDifference: Double { highest.weight - other.weight }

    /// Beside a word that is drawn, each other word as likely; nil for a text of fewer than two words.
    ///
    /// - Parameters:
    ///   - seed: the run's.
    ///   - number: the text's; what is drawn depends on the seed, on it, and on the number of words.
    package init?(_ text: AttendedText, seed: UInt64, number: Int) {
        guard text.words > 1 else { return nil }
        var generator = SeededGenerator(seed: seed, stream: "single-erasure.\(number)")
        let drawn = generator.below(text.words - 1)
        self.init(text, other: drawn < text.attention.indexOfLargest ? drawn : drawn + 1)
    }

    /// Beside a given word, which is not that of the largest weight.
    package init(_ text: AttendedText, other word: Int) {
        let weights = text.ownWeights
        let largest = text.attention.indexOfLargest
        precondition(word != largest && weights.indices.contains(word), "another word")
        let logits = text.logits(weights)
        let (p, decision) = (
            AttendedText.probabilities(logits: logits),
            AttendedText.predictedClass(logits: logits)
        )
        func erase(_ word: Int) -> Outcome {
            var left = weights
            left[word] = 0
            let sum = left.reduce(0, +)
            let logits = text.logits(sum > 0 ? left.map { $0 / sum } : left)
            return Outcome(
                word: word, weight: weights[word],
                divergence: Divergence.jensenShannon(
                    p, AttendedText.probabilities(logits: logits)),
                isFlip: AttendedText.predictedClass(logits: logits) != decision)
        }
        (highest, other) = (erase(largest), erase(word))
    }
}

/// How many texts' decisions change when the largest weight is erased, and when another one is (Serrano &
/// Smith 2019, table 2).
package struct SingleErasureTable: Sendable, Equatable {
    /// Both change it.
    package let both: Int
    /// The largest alone does.
    package let onlyHighest: Int
    /// The other alone does.
    package let onlyOther: Int
    /// Neither does.
    package let neither: Int

    /// Counts texts.
    package init(_ erasures: [SingleErasure]) {
        func count(_ highest: Bool, _ other: Bool) -> Int {
            erasures.count { $0.highest.isFlip == highest && $0.other.isFlip == other }
        }
        both = count(true, true)
        onlyHighest = count(true, false)
        onlyOther = count(false, true)
        neither = count(false, false)
    }

    /// McNemar's exact test, one-sided: the probability of so many texts in which the largest weight alone
    /// decides if either weight were as likely to.
    package var pValue: Double { McNemarTest.pValue(more: onlyHighest, fewer: onlyOther) }
}

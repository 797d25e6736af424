import Randomness
import Rationales
import Training

/// What a tagger learns of each training document: the words that a thresholder selected or, of a
/// share of the documents, those that a human marked.
package struct TaggingTargets: Sendable {
    /// For each document whether each of its words belongs to the rationale.
    package let words: [[Bool]]
    /// The documents that learn what a human marked.
    package let humanDocuments: Set<Int>

    /// The targets of documents.
    ///
    /// - Parameters:
    ///   - selections: for each document the words that a thresholder selected.
    ///   - human: for each document the words that a human marked; nil: nobody did.
    ///   - wordCounts: how many words each document has.
    ///   - seed: draws the documents that learn what a human marked.
    package init(
        selections: [[Int]], human: [[Range<Int>]?], wordCounts: [Int],
        _ tagging: TrainingOptions.Tagging, seed: UInt64
    ) {
        let chosen = Self.humanDocuments(human, tagging, seed: seed)
        words = wordCounts.indices.map { index in
            var target = [Bool](repeating: false, count: wordCounts[index])
            if chosen.contains(index), let ranges = human[index] {
                for word in ranges.joined() where word < target.count { target[word] = true }
            } else {
                for word in selections[index] { target[word] = true }
            }
            return target
        }
        humanDocuments = chosen
    }

    /// How much a word of a rationale weighs: 1 / ratio - 1, so that both classes weigh the same;
    /// where there is no ratio, that of the targets.
    package func positiveWeight(_ settings: ThresholderSettings) -> Double {
        let all = words.reduce(0) { $0 + $1.count }
        let positive = words.reduce(0) { $0 + $1.count { $0 } }
        let ratio = settings.ratio ?? Double(positive) / Double(max(1, all))
        return ratio > 0 ? max(1 / ratio - 1, 1e-3) : 1
    }

    /// The documents to supervise by human rationales: a share of all, drawn by the seed from those
    /// that have one.
    private static func humanDocuments(
        _ human: [[Range<Int>]?], _ tagging: TrainingOptions.Tagging, seed: UInt64
    ) -> Set<Int> {
        guard tagging.humanShare > 0 else { return [] }
        let marked = human.indices.filter { human[$0] != nil }
        var generator = SeededGenerator(seed: seed, stream: "human share")
        let wanted = tagging.humanDocuments(of: human.count)
        return Set(generator.shuffled(marked).prefix(wanted))
    }
}

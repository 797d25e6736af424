import Encoders

/// How often each target word stands in a pair with each source word (Snell et al. 2021, section 4).
///
/// Under uniform attention, to begin with, the gradient of the summed output relevance counts this: what
/// attention learns first is what occurs together. From *this movie is great – dieser Film ist
/// großartig* and *this movie is bad – dieser Film ist schlecht* the counts are 2 for words that both
/// pairs have, 1 for those that one has, 0 for *great* and *schlecht*.
package struct Cooccurrences: Sendable, Hashable, Codable {
    /// [target word][source word].
    package let counts: [[Int]]

    /// Counts all occurrences in all pairs; the start symbol of a target is none.
    ///
    /// - Parameter vocabularySize: ids lie below it.
    package init(_ pairs: [SequencePair], vocabularySize: Int) {
        var counts = [[Int]](
            repeating: Array(repeating: 0, count: vocabularySize), count: vocabularySize)
        for pair in pairs {
            for word in pair.words {
                for source in pair.source { counts[Int(word)][Int(source)] += 1 }
            }
        }
        self.counts = counts
    }

    /// The source words that occur most often with a target word.
    package func best(of word: Int) -> [Int] {
        let most = counts[word].max() ?? 0
        return counts[word].indices.filter { counts[word][$0] == most }
    }
}

/// Evenly distributed in [0, 1): what any other scorer must beat.
///
/// A word's score is a hash of the seed, its number in the document, its pieces, how many words the
/// document has and where the first of them stand: so that it is the same in every run, batch and
/// chunk, and another in another document.
package struct RandomSaliency: ModelFreeScorer {
    /// Other seeds give other scores.
    package let seed: UInt64
    /// `random`, with the seed where the name gave one.
    package let name: String

    /// Scores by a seed, which the name tells.
    package init(seed: UInt64) { self.init(seed: seed, name: "\(Self.entry.name):\(seed)") }

    private init(seed: UInt64, name: String) {
        self.seed = seed
        self.name = name
    }

    static let entry = SaliencyScorers.Entry(
        "random", settings: "[:SEED]", "scores drawn at random, the same for each seed"
    ) { settings throws(SaliencyError) in
        guard let text = settings.text else {
            return RandomSaliency(seed: settings.seed, name: settings.scorer)
        }
        guard let seed = UInt64(text), "\(seed)" == text else {
            throw settings.wrong("expected a seed from 0 to \(UInt64.max), such as random:1")
        }
        return RandomSaliency(seed: seed)
    }

    package func wordScores(_ input: SaliencyInput) -> [Float] {
        let chunk = input.chunk
        var document = ContentHash(seed)
        document.add(chunk.words.count)
        // Not all words, for a long document is scored chunk by chunk.
        for word in chunk.words.prefix(64) { document.add(word.upperBound) }
        var hashes = chunk.wholeWords.map { word in
            var hash = document
            hash.add(word)
            return hash
        }
        for (id, word) in zip(chunk.ids, chunk.wordIndices)
        where chunk.wholeWords.contains(Int(word)) {
            hashes[Int(word) - chunk.wholeWords.lowerBound].add(id)
        }
        // 24 bits: what a Float holds exactly.
        return hashes.map { Float($0.value >> 40) * 0x1p-24 }
    }
}

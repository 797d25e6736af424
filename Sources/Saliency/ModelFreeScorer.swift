import Encoders

/// A scorer whose scores do not come from the support model, which is not asked.
package protocol ModelFreeScorer: SaliencyScorer {
    /// A score for each of the chunk's whole words.
    func wordScores(_ input: SaliencyInput) throws(SaliencyError) -> [Float]
}

extension ModelFreeScorer {
    /// A score for each word.
    package func passBytes(tokens: Int, _ configuration: any ClassifierConfiguration) -> Double {
        4 * Double(tokens)
    }

    /// No pass of the model.
    package func score(
        _ inputs: [SaliencyInput], _ context: ScoringContext
    ) throws(SaliencyError) -> [ChunkSaliency] {
        var scores: [ChunkSaliency] = []
        scores.reserveCapacity(inputs.count)
        for input in inputs {
            scores.append(ChunkSaliency(logits: nil, words: try wordScores(input)))
        }
        return scores
    }
}

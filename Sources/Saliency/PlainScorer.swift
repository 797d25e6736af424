import Encoders
import Tensors

/// A scorer whose scores do not come from the support model, which is run for its logits alone.
protocol PlainScorer: SaliencyScorer {
    /// A score for each of the window's whole words.
    func wordScores(_ input: SaliencyInput) throws(SaliencyError) -> [Float]
}

extension PlainScorer {
    /// One pass over each window.
    public func score(
        _ inputs: [SaliencyInput], _ context: ScoringContext
    ) throws(SaliencyError) -> [WindowSaliency] {
        var scores: [[Float]] = []
        for input in inputs { scores.append(try wordScores(input)) }
        let logits = context.model.logits(inputs.map(\.window), workers: context.workers)
        return zip(logits, scores).map { WindowSaliency(logits: $0, words: $1) }
    }
}

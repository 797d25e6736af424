import Encoders

/// |Σ x · ∫₀¹ ∂p(αx)/∂x dα| over a token's word embedding x, for the probability p of the predicted
/// class (Sundararajan, Taly & Yan 2017, section 3).
///
/// The baseline is zero word embeddings for all tokens, special ones included; positions and
/// segments stay, and so do the other chunks of a long document, whose probability it is. The integral is taken by the midpoint rule. All tokens' signed attributions add
/// up to p(x) - p(0) but for the error of the rule, which is the chunk's `convergenceDelta`.
package struct IntegratedGradients: SaliencyScorer {
    /// At how many points between baseline and text gradients are taken.
    package let steps: Int

    /// How many steps there are unless told otherwise.
    package static let standardSteps = 50

    /// The scorer; `steps` is at least 1.
    package init(steps: Int = standardSteps) {
        precondition(steps > 0, "an integral needs a point")
        self.steps = steps
    }

    static let entry = SaliencyScorers.Entry(
        "integrated-gradients", settings: "[:STEPS]",
        "the probability's gradient from zero embeddings to the text (Sundararajan et al. 2017); "
            + "\(standardSteps) passes unless told otherwise"
    ) { settings throws(SaliencyError) in
        IntegratedGradients(
            steps: try settings.number("steps", 1...10_000, default: standardSteps))
    }

    /// `integrated-gradients`, and how many steps unless the usual number.
    package var name: String {
        Self.entry.name + (steps == Self.standardSteps ? "" : ":\(steps)")
    }

    /// Attributions are of the predicted class's probability.
    package var explainsPrediction: Bool { true }

    /// A pass that hands out gradients.
    package func passBytes(tokens: Int, _ configuration: any ClassifierConfiguration) -> Double {
        configuration.passBytes(tokens: tokens, [.wordEmbeddings, .wordEmbeddingGradients])
    }

    /// What a point on the way gives.
    private struct Point: Sendable {
        let probability: Double
        /// Σ x · ∂p/∂x for each token.
        let products: [Double]
    }

    /// A pass over the chunk as it is, one over the baseline, and `steps` between them.
    package func score(
        _ inputs: [SaliencyInput], _ context: ScoringContext
    ) throws(SaliencyError) -> [ChunkSaliency] {
        let chunks = inputs.map(\.chunk)
        let (model, workers) = (context.model, context.workers)
        let whole = model.logits(chunks, workers: workers)
        return context.scores(
            lengths: chunks.map(\.ids.count), copies: chunks.map { _ in steps + 1 }
        ) { copies in
            let classes = copies.map { inputs[$0.chunk].predictedClass(whole[$0.chunk]) }
            let scales = copies.map { copy in
                // The last copy is the baseline.
                copy.number == steps ? 0 : (Float(copy.number) + 0.5) / Float(steps)
            }
            return model.trace(
                copies.map { chunks[$0.chunk] }, [.wordEmbeddings, .wordEmbeddingGradients],
                Differentiation(
                    of: .probability, classes: classes,
                    others: copies.map { inputs[$0.chunk].others }),
                probe: { WordEmbeddingScales(scales[$0]) }, workers: workers
            ) { index, trace in
                Point(
                    probability: inputs[copies[index].chunk].probability(
                        of: classes[index], trace.logits),
                    products: trace.rowProducts(.wordEmbeddings, .wordEmbeddingGradients))
            }
        } finish: { index, points in
            let (input, logits) = (inputs[index], whole[index])
            let chunk = input.chunk
            var sums = [Double](repeating: 0, count: chunk.ids.count)
            for point in points.dropLast() {
                for token in sums.indices { sums[token] += point.products[token] }
            }
            let attributions = sums.map { $0 / Double(steps) }
            let difference =
                input.probability(of: input.predictedClass(logits), logits)
                - points[steps].probability
            return ChunkSaliency(
                logits: logits, words: chunk.wordSums(attributions.map { Float(abs($0)) }),
                convergenceDelta: Float(attributions.reduce(0, +) - difference))
        }
    }
}

/// How much the predicted class's probability drops when a word is left out (Li, Monroe & Jurafsky
/// 2016, erasure; DeYoung et al. 2020). A word without which the model is surer of its class speaks
/// against it, and gets 0. A word of a long document is left out of one chunk at a time.
///
/// It takes a pass for each word.
package struct LeaveOneOut: SaliencyScorer {
    /// How a word is left out.
    package let removal: WordRemoval

    /// The scorer; words are masked unless told otherwise.
    package init(_ removal: WordRemoval = .mask) { self.removal = removal }

    static let entry = SaliencyScorers.Entry(
        "leave-one-out", settings: "[:mask|:delete]",
        "drop of the class's probability without the word; a pass for each word"
    ) { settings throws(SaliencyError) in
        guard let text = settings.text else { return LeaveOneOut() }
        guard let removal = WordRemoval(rawValue: text) else {
            throw settings.wrong("expected mask or delete")
        }
        return LeaveOneOut(removal)
    }

    /// `leave-one-out`, or `leave-one-out:delete`.
    package var name: String {
        Self.entry.name + (removal == .mask ? "" : ":\(removal.rawValue)")
    }

    /// Drops are of the predicted class's probability.
    package var explainsPrediction: Bool { true }

    /// One pass over the chunk as it is, and one without each of its words.
    package func score(
        _ inputs: [SaliencyInput], _ context: ScoringContext
    ) throws(SaliencyError) -> [ChunkSaliency] {
        let chunks = inputs.map(\.chunk)
        let whole = context.model.logits(chunks, workers: context.workers)
        return context.scores(
            lengths: chunks.map(\.ids.count), copies: chunks.map(\.readWords)
        ) { copies in
            let texts = copies.map { copy in
                chunks[copy.chunk].without(removal, maskTokenID: context.maskTokenID) {
                    $0 == copy.number
                }
            }
            return zip(copies, context.model.logits(texts, workers: context.workers)).map {
                let input = inputs[$0.chunk]
                return input.probability(of: input.predictedClass(whole[$0.chunk]), $1)
            }
        } finish: { chunk, without in
            let (input, logits) = (inputs[chunk], whole[chunk])
            let probability = input.probability(of: input.predictedClass(logits), logits)
            return ChunkSaliency(
                logits: logits, words: without.map { Float(max(0, probability - $0)) })
        }
    }
}

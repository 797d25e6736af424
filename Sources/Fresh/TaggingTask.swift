import Encoders
import Models
import Rationales
import Tensors
import Tokenization
import Training

/// Which words of a document belong to its rationale: a tagger's binary cross-entropy, and the F1 of
/// its selected words on the development set.
struct TaggingTask: FineTuningTask {
    /// Each training document in chunks.
    let documents: [ChunkedDocument]
    /// For each training document whether each of its words belongs to the rationale.
    let targets: [[Bool]]
    /// How much a word of a rationale weighs.
    let positiveWeight: Double
    /// The development documents, and the words that a tagger should select of them.
    let dev: (set: DocumentSet, selections: [[Int]])
    /// What selects by the tagger's scores; a budget over a data set is calibrated on them anew.
    let settings: ThresholderSettings
    /// How texts become pieces.
    let tokenizer: any Tokenizer
    /// In how long chunks they are read.
    let chunk: ChunkSize

    func pass(
        _ model: TokenTagger, _ numbers: [Int], chunks: [Range<Int>], _ batch: PackedBatch,
        weight: Double, on tape: Tape
    ) -> [Double] {
        let read = zip(numbers, chunks).map { documents[$0].chunks[$1] }
        return model.trainingPass(
            batch, chunks: read.flatMap { $0 }, counts: chunks.map(\.count),
            targets: zip(numbers, read).flatMap { number, chunks in
                chunks.map { Array(targets[number][$0.wholeWords]) }
            }, positiveWeight: positiveWeight, weight: weight, on: tape)
    }

    /// F1 over all words of the set: 2 · both / (selected + wanted).
    func measure(_ model: TokenTagger, workers: Workers) throws -> Double {
        // Scores do not depend on what selects by them.
        let scores = try Extractor(
            .tagger(model), tokenizer: tokenizer,
            thresholder: TopK(ratio: 1), chunk: chunk
        ).scores(dev.set.documents, dev.set.tokenized, workers: workers)
        let thresholder = try settings.calibrated(on: scores.map(\.saliency.scores)).thresholder()
        var (both, all) = (0, 0)
        for (index, score) in scores.enumerated() {
            let selected = thresholder.select(
                score.saliency, of: dev.set.documents[index], dev.set.tokenized[index])
            let wanted = Set(dev.selections[index])
            both += selected.count { wanted.contains($0) }
            all += selected.count + wanted.count
        }
        return all == 0 ? 0 : 2 * Double(both) / Double(all)
    }

    func metric(_ score: Double) -> Double { score }
}

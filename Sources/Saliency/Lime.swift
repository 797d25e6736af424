import Encoders
import Randomness
import Tokenization

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// The size of a word's coefficient in a linear model of what the support model does around a
/// chunk (Ribeiro, Singh & Guestrin 2016, section 3). As in `lime_text`, samples leave out any
/// number of words, evenly drawn; they count by exp(-d² / 25²)^½, d being 100 times the cosine
/// distance from the whole chunk; the document's predicted class's probability is fitted by ridge regression
/// with a penalty of 1 and a constant. Otherwise than there, a word is masked by its place and not
/// wherever it stands, every word is fitted and not a choice of ten, and samples are 500 and not
/// 5,000 unless told otherwise.
///
/// Samples are drawn by the seed and the chunk's pieces, so they do not depend on other chunks.
package struct Lime: SaliencyScorer {
    /// How many texts are run for each chunk, the whole one included.
    package let samples: Int
    /// Of the samples.
    package let seed: UInt64

    /// How many samples there are unless told otherwise.
    package static let standardSamples = 500
    private static let width = 25.0

    /// The scorer; `samples` is at least 1.
    package init(samples: Int = standardSamples, seed: UInt64 = 0) {
        precondition(samples > 0, "nothing can be fitted to no sample")
        self.samples = samples
        self.seed = seed
    }

    static let entry = SaliencyScorers.Entry(
        "lime", settings: "[:SAMPLES]",
        "weight of the word in a local linear model (Ribeiro et al. 2016); "
            + "\(standardSamples) passes unless told otherwise"
    ) { settings throws(SaliencyError) in
        Lime(
            samples: try settings.number("samples", 2...100_000, default: standardSamples),
            seed: settings.seed)
    }

    /// `lime`, and how many samples unless the usual number.
    package var name: String {
        Self.entry.name + (samples == Self.standardSamples ? "" : ":\(samples)")
    }

    /// What is fitted is the predicted class's probability.
    package var explainsPrediction: Bool { true }

    /// A pass, and the regression's two matrices of doubles for the words, of which there are no more
    /// than tokens.
    package func passBytes(tokens: Int, _ configuration: any ClassifierConfiguration) -> Double {
        configuration.passBytes(tokens: tokens) + 2 * 8 * Double(tokens) * Double(tokens)
    }

    /// `samples` passes over each chunk, and a regression with its words as features.
    package func score(
        _ inputs: [SaliencyInput], _ context: ScoringContext
    ) throws(SaliencyError) -> [ChunkSaliency] {
        let chunks = inputs.map(\.chunk)
        let whole = context.model.logits(chunks, workers: context.workers)
        return context.scores(
            lengths: chunks.map(\.ids.count),
            copies: chunks.map { $0.readWords == 0 ? 0 : samples }
        ) { copies in
            let texts = copies.map { copy in
                let chunk = chunks[copy.chunk]
                let keeps = kept(chunk, copy.number)
                return chunk.without(.mask, maskTokenID: context.maskTokenID) { !keeps[$0] }
            }
            return zip(copies, context.model.logits(texts, workers: context.workers)).map {
                let input = inputs[$0.chunk]
                return input.probability(of: input.predictedClass(whole[$0.chunk]), $1)
            }
        } finish: { index, probabilities in
            let chunk = chunks[index]
            var regression = RidgeRegression(features: chunk.readWords)
            for (number, probability) in probabilities.enumerated() {
                let keeps = kept(chunk, number)
                regression.add(
                    keeps.map { $0 ? 1 : 0 }, target: probability, weight: Self.weight(keeps))
            }
            return ChunkSaliency(
                logits: whole[index],
                words: regression.coefficients(penalty: 1).map { Float(abs($0)) })
        }
    }

    /// Which whole words sample `number` keeps; sample 0 keeps all.
    package func kept(_ chunk: TokenizedDocument, _ number: Int) -> [Bool] {
        let words = chunk.readWords
        var keeps = [Bool](repeating: true, count: words)
        guard number > 0, words > 0 else { return keeps }
        var hash = ContentHash(seed)
        for id in chunk.ids { hash.add(id) }
        hash.add(number)
        var generator = SeededGenerator(seed: hash.value)
        // The first places of a shuffle.
        var order = Array(0..<words)
        for place in 0..<(1 + generator.below(words)) {
            order.swapAt(place, place + generator.below(words - place))
            keeps[order[place]] = false
        }
        return keeps
    }

    /// How much a sample counts: 1 for the whole text.
    package static func weight(_ keeps: [Bool]) -> Double {
        let share = Double(keeps.count { $0 }) / Double(keeps.count)
        // The cosine of the angle between a vector of zeros and ones and one of ones alone; the
        // zero vector is as far away as can be.
        let distance = 100 * (1 - share.squareRoot())
        return exp(-distance * distance / (width * width)).squareRoot()
    }
}

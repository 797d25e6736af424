import Encoders
import Saliency
import Tensors
import Testing

@Suite struct LimeTests {
    @Test func samplesLeaveOutAnyNumberOfWordsEvenly() {
        let chunk = TinyModel.chunk(words: 6)
        let lime = Lime(samples: 3_000, seed: 1)
        #expect(lime.kept(chunk, 0).allSatisfy { $0 })
        var (sizes, words) = ([Int](repeating: 0, count: 7), [Int](repeating: 0, count: 6))
        for number in 1..<3_000 {
            let kept = lime.kept(chunk, number)
            sizes[kept.count { !$0 }] += 1
            for (word, isKept) in kept.enumerated() where !isKept { words[word] += 1 }
        }
        #expect(sizes[0] == 0)
        // 500 and 1,750 are expected; five standard deviations of a count are 102 and 135.
        #expect(sizes.dropFirst().allSatisfy { abs($0 - 500) < 102 }, "\(sizes)")
        #expect(words.allSatisfy { abs($0 - 1_750) < 135 }, "\(words)")
    }

    @Test func samplesCountByTheirDistance() {
        #expect(Lime.weight([true, true, true]) == 1)
        // A quarter of the words: cosine 0.5, distance 50, e^(-2500 / 625 / 2) = e^-2.
        #expect(abs(Lime.weight([true, false, false, false]) - 0.135_335_283) < 1e-9)
        // Nothing in common: distance 100, e^-8.
        #expect(abs(Lime.weight([false, false]) - 0.000_335_462_628) < 1e-12)
    }

    @Test func scoresAreCoefficientsOfARegressionOnTheMaskedTexts() throws {
        let model = TinyModel.make()
        let chunk = TinyModel.chunk(words: 7, first: 3)
        let lime = Lime(samples: 60, seed: 4)
        let logits = model.logits([chunk], workers: Workers(threads: 1))[0]
        let label = logits[1] > logits[0] ? 1 : 0
        var regression = RidgeRegression(features: 7)
        for number in 0..<60 {
            let kept = lime.kept(chunk, number)
            var text = chunk
            for piece in chunk.ids.indices {
                let word = Int(chunk.wordIndices[piece]) - 3
                guard word >= 0, !kept[word] else { continue }
                var ids = text.ids
                ids[piece] = TinyModel.maskTokenID
                text = .init(
                    ids: ids, segmentIDs: text.segmentIDs, offsets: text.offsets,
                    wordIndices: text.wordIndices, words: text.words, wholeWords: text.wholeWords)
            }
            let masked = model.logits([text], workers: Workers(threads: 1))[0]
            regression.add(
                kept.map { $0 ? 1 : 0 }, target: CrossEntropy.probabilities(masked)[label],
                weight: Lime.weight(kept))
        }
        let expected = regression.coefficients(penalty: 1).map { Float(abs($0)) }
        #expect(try TinyModel.score(lime, chunk, model).words == expected)
        #expect(expected.contains { $0 > 1e-3 })
    }

    @Test func theSeedDecides() throws {
        let chunk = TinyModel.chunk(words: 5)
        func words(_ seed: UInt64) throws -> [Float] {
            try TinyModel.score(SaliencyScorers.named("lime:50", seed: seed), chunk).words
        }
        #expect(try words(1) == words(1))
        #expect(try words(1) != words(2))
    }

    // 500 copies of these take several stretches, and a stretch ends within a chunk's copies.
    @Test func chunksWhoseCopiesDoNotFitAStretchScoreTheSame() throws {
        let model = TinyModel.make(layers: 1, heads: 1, hidden: 8)
        let inputs = [3, 20, 0, 18, 2].map { SaliencyInput(TinyModel.chunk(words: $0)) }
        #expect(inputs[1].chunk.ids.count * Lime.standardSamples > 1 << 14)
        let context = TinyModel.context(model, threads: 2)
        let together = try Lime().score(inputs, context)
        #expect(together.count == inputs.count)
        for (input, score) in zip(inputs, together) {
            #expect(try Lime().score([input], context)[0].words == score.words)
        }
    }
}

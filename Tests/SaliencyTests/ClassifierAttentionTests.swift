import Encoders
import Saliency
import Tensors
import Testing
import Tokenization

@Suite struct ClassifierAttentionTests {
    @Test func headsAreAveraged() {
        // [2 heads, 3 tokens].
        #expect(ClassifierAttention.mean([1, 2, 3, 3, 4, 8], heads: 2) == [2, 3, 5.5])
        #expect(ClassifierAttention.mean([0.25, 0.75], heads: 1) == [0.25, 0.75])
    }

    @Test func onlyTheFirstRowOfTheLastLayerIsAskedFor() {
        let model = Self.model()
        #expect(
            ClassifierAttention().quantities(model.configuration)
                == [.classifierAttention(layer: 1)])
    }

    @Test func scoresAreTheFinalLayersAttentionFromTheClassifierToken() throws {
        let model = Self.model()
        let document = SaliencyMapTests.document
        let workers = Workers(threads: 1)
        let scorer = ClassifierAttention()
        let context = ScoringContext(model: model, maskTokenID: 4, workers: workers)
        let scored = try scorer.score([SaliencyInput(document)], context)[0]

        let whole = model.trace([document], [.attention(layer: 1)], workers: workers)[0]
        let attention = try #require(whole[.attention(layer: 1)])
        let (heads, tokens) = (model.configuration.heads, document.ids.count)
        let rows = (0..<heads).map { attention[($0 * tokens * tokens)...].prefix(tokens) }
        // Each row is a distribution; otherwise it is not the row that is meant.
        for row in rows { #expect(abs(row.reduce(0, +) - 1) < 1e-5) }
        // Two words were read: pieces 3 and 4 make the first, piece 5 is the second.
        let raw = [[3, 4], [5]].map { pieces in
            rows.reduce(Float(0)) { sum, row in
                pieces.reduce(sum) { $0 + row[row.startIndex + $1] }
            }
        }
        // Some float roundings lie between the two ways.
        #expect(abs(scored.words[0] - raw[0] / 4) < 1e-5)
        #expect(abs(scored.words[1] - raw[1] / 4) < 1e-5)
        #expect(scored.words.count == 2)
        // The last layer was computed for all rows there, and for one here.
        for (logit, other) in zip(scored.logits, whole.logits) {
            #expect(abs(logit - other) < 1e-5)
        }
    }

    @Test func scorersAreFoundByName() throws {
        for name in SaliencyScorers.names {
            #expect(try SaliencyScorers.named(name).name == name)
        }
        #expect(try SaliencyScorers.named("cls-attention") is ClassifierAttention)
        #expect(throws: SaliencyError.unknownScorer("no such scorer")) {
            try SaliencyScorers.named("no such scorer")
        }
    }

    /// Two layers with random weights, large enough that attention is far from uniform.
    private static func model() -> SequenceClassifier {
        var configuration = EncoderConfiguration(
            hiddenSize: 32, layers: 2, heads: 4, intermediateSize: 64, vocabularySize: 12,
            maximumLength: 16)
        configuration.labels = ["negative", "positive"]
        let model = SequenceClassifier(configuration)
        var generator = SeededGenerator(seed: 3)
        for parameter in model.parameters.all {
            let tensor = model.parameters[parameter]
            let isNorm = parameter.name.hasSuffix("LayerNorm.weight")
            for index in 0..<tensor.count {
                tensor.pointer[index] =
                    isNorm ? 1 : Float.random(in: -0.5...0.5, using: &generator)
            }
        }
        return model
    }
}

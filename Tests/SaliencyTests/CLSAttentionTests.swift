import Encoders
import Saliency
import Tensors
import Testing
import Tokenization

@Suite struct CLSAttentionTests {
    @Test func headsAreAveraged() {
        // [2 heads, 3 tokens].
        #expect(CLSAttention.mean([1, 2, 3, 3, 4, 8], heads: 2) == [2, 3, 5.5])
        #expect(CLSAttention.mean([0.25, 0.75], heads: 1) == [0.25, 0.75])
    }

    @Test func onlyTheFirstRowOfTheLastLayerIsAskedFor() {
        let model = TinyModel.make()
        #expect(
            CLSAttention().quantities(model.configuration)
                == [.clsAttention(layer: 1)])
    }

    @Test func scoresAreTheFinalLayersAttentionFromTheClassifierToken() throws {
        let model = TinyModel.make()
        let document = SaliencyMapTests.document
        let workers = Workers(threads: 1)
        let scorer = CLSAttention()
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
        for (logit, other) in zip(try #require(scored.logits), whole.logits) {
            #expect(abs(logit - other) < 1e-5)
        }
    }

    @Test func aLayerAndAHeadMayBeChosen() throws {
        let model = TinyModel.make(layers: 3)
        let chunk = TinyModel.chunk(words: 5)
        let trace = model.trace(
            [chunk], [.clsAttention(layer: 1)], workers: Workers(threads: 1))[0]
        let heads = try #require(trace[.clsAttention(layer: 1)])
        let third = Array(heads[(2 * trace.tokens)..<(3 * trace.tokens)])
        #expect(
            try TinyModel.score(SaliencyScorers.named("cls-attention:1.2"), chunk, model).words
                == chunk.wordSums(third))
        #expect(
            try TinyModel.score(SaliencyScorers.named("cls-attention:1"), chunk, model).words
                == chunk.wordSums(CLSAttention.mean(heads, heads: 4)))
    }

    @Test(arguments: ["cls-attention:2", "cls-attention:0.4"])
    func aLayerOrHeadThatIsNotThereIsRefused(_ name: String) throws {
        let scorer = try SaliencyScorers.named(name)
        let model = TinyModel.make(layers: 2, heads: 4)
        let error = #expect(throws: SaliencyError.self) { try scorer.check(model.configuration) }
        #expect(error?.description.contains("numbered from 0 to") == true)
        #expect(throws: SaliencyError.self, "whoever did not check is told all the same") {
            try TinyModel.score(scorer, TinyModel.chunk(words: 2), model)
        }
    }
}

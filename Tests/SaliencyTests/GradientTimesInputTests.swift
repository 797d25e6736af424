import Encoders
import Saliency
import Tensors
import Testing

@Suite struct GradientTimesInputTests {
    // One word of one piece, with nothing else scaled: the logit's derivative along the embedding.
    @Test func itIsTheChangeOfTheLogitAlongTheEmbedding() throws {
        let model = TinyModel.make(layers: 2)
        let chunk = try #require(
            (0..<20).map { TinyModel.chunk(words: 1, seed: $0) }.first { $0.ids.count == 3 })
        let score = try TinyModel.score(GradientTimesInput(), chunk, model)
        let whole = try #require(score.logits)
        let predicted = whole[1] > whole[0] ? 1 : 0
        let id = Int(chunk.ids[1])
        let table = try #require(TinyModel.values(model, "word_embeddings.weight"))
        let embedding = (0..<32).map { table[id, $0] }
        func logit(_ scale: Float) -> Float {
            for place in 0..<32 { table.pointer[id * 32 + place] = embedding[place] * scale }
            return model.logits([chunk], workers: Workers(threads: 1))[0][predicted]
        }
        let step: Float = 1e-2
        let difference = (logit(1 + step) - logit(1 - step)) / (2 * step)
        // Central differences in float32: about 1e-7 of a logit by 2e-2, and h² of the truncation.
        #expect(abs(score.words[0] - abs(difference)) < 2e-3, "differences \(difference)")
        #expect(score.words[0] > 1e-2)
    }
}

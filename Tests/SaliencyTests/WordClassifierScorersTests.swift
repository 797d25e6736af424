import Encoders
import Saliency
import Tensors
import TestSupport
import Testing
import Tokenization

@Suite("Scorers of classifiers with attention over words")
struct WordClassifierScorersTests {
    /// Those that work with every classifier, and the one that needs this attention.
    private static let usable = [
        "attention", "gradient", "gradient-x-input", "fresh-gradient", "integrated-gradients:4",
        "leave-one-out", "leave-one-out:delete", "lime:30", "random:7", "first", "human",
    ]
    private static let refused = [
        "cls-attention", "cls-attention:0", "cls-attention:1.3", "attention-rollout",
        "attention-flow", "attention-norm", "effective-attention", "attention-gradient",
    ]

    private static func model(
        _ encoder: String = "lstm", pairs: Bool = false, classes: Int = 2
    ) throws -> WordClassifier {
        let model = AttentionClassifier(
            AttentionConfiguration(
                encoder: try #require(WordEncoders.named(encoder)), attention: .additive,
                shape: WordEncoderShape(
                    vocabularySize: TinyModel.vocabulary, embeddingSize: 12, hiddenSize: 16),
                labels: (0..<classes).map { "class \($0)" }, readsPairs: pairs))
        model.initialize(seed: 3)
        return WordClassifier(model)
    }

    /// A chunk behind a query of three words.
    private static func behindQuery(_ chunk: TokenizedDocument) -> TokenizedDocument {
        let query: [Int32] = [2, 9, 8, 7, 3]
        let rest = chunk.ids.dropFirst()
        return TokenizedDocument(
            ids: query + rest, segmentIDs: query.map { _ in 0 } + rest.map { _ in 1 },
            offsets: (query + rest).map { _ in 0..<0 },
            wordIndices: query.map { _ in -1 } + chunk.wordIndices.dropFirst(),
            words: chunk.words, wholeWords: chunk.wholeWords)
    }

    @Test func everyScorerIsUsableOrRefused() {
        let names = (Self.usable + Self.refused).map { String($0.prefix { $0 != ":" }) }
        #expect(Set(names) == Set(SaliencyScorers.names))
    }

    @Test(arguments: usable, WordEncoders.names.flatMap { [($0, false), ($0, true)] })
    func aChunksScoresAreItsOwn(_ name: String, _ kind: (encoder: String, pairs: Bool)) throws {
        let model = try Self.model(kind.encoder, pairs: kind.pairs)
        let scorer = try SaliencyScorers.named(name, seed: 5)
        try scorer.check(model.configuration)
        let chunks = TinyModel.chunks.map { kind.pairs ? Self.behindQuery($0) : $0 }
        let inputs = chunks.map { SaliencyInput($0, humanRationale: [1..<3]) }
        for precision in Precision.available {
            let alone = try inputs.map {
                try scorer.score([$0], TinyModel.context(model, precision: precision))[0]
            }
            for (input, score) in zip(inputs, alone) {
                #expect(score.words.count == input.chunk.readWords)
                #expect(score.words.allSatisfy { $0.isFinite && $0 >= 0 })
                #expect(score.logits.map { $0.count == 2 } ?? true, "a logit for each class")
            }
            #expect(Set(alone.flatMap(\.words)).count > 2 || name == "human" || name == "first")
            let together = try scorer.score(
                inputs, TinyModel.context(model, threads: 3, precision: precision))
            #expect(together.map(\.words) == alone.map(\.words))
            #expect(together.map(\.logits) == alone.map(\.logits))
        }
    }

    @Test(arguments: refused)
    func scorersOfLayersAreRefusedInOneLine(_ name: String) throws {
        let scorer = try SaliencyScorers.named(name)
        let model = try Self.model()
        let error = #expect(throws: SaliencyError.self) { try scorer.check(model.configuration) }
        let text = "\(try #require(error))"
        #expect(text.hasPrefix("scorer \(name): ") && !text.contains("\n"))
        #expect(text.contains("layers of a transformer") && text.contains("lstm"))
    }

    @Test func transformersHaveNoAttentionOverWords() throws {
        let error = #expect(throws: SaliencyError.self) {
            try WordAttentionWeights().check(TinyModel.make().configuration)
        }
        #expect("\(try #require(error))".contains("attention over words"))
    }

    @Test func attentionIsTheModelsOwnAndAddsUpToOne() throws {
        let model = try Self.model("average")
        let chunk = TinyModel.chunk(words: 6)
        let scores = try TinyModel.score(WordAttentionWeights(), chunk, model).words
        #expect(abs(scores.reduce(0, +) - 1) < 1e-5)
        let weights = model.model.trace([chunk], [.wordAttention], workers: Workers(threads: 1)) {
            $1[.wordAttention] ?? []
        }[0]
        #expect(scores == chunk.wordSums(weights))
    }

    /// Integrated gradients add up to what the probability is more than that of the baseline, whose
    /// query stays.
    @Test func attributionsAddUp() throws {
        let model = try Self.model("cnn", pairs: true, classes: 3)
        let chunk = Self.behindQuery(TinyModel.chunk(words: 7))
        func delta(_ steps: Int) throws -> Float {
            try abs(
                #require(
                    TinyModel.score(IntegratedGradients(steps: steps), chunk, model)
                        .convergenceDelta))
        }
        #expect(try delta(400) < 2e-3)
        #expect(try delta(400) < delta(1))
    }
}

import Encoders
import Saliency
import Tensors
import TestSupport
import Testing
import Tokenization

@Suite("Every scorer")
struct SaliencyScorersTests {
    /// Each scorer of transformers, and each setting; with few passes where that is a setting.
    static let names =
        SaliencyScorers.names.filter {
            !["lime", "integrated-gradients", "attention"].contains($0)
        } + [
            "cls-attention:0", "cls-attention:1.3", "leave-one-out:delete", "lime:30",
            "integrated-gradients:4", "random:7",
        ]

    @Test("is found by its name, and tells it", arguments: SaliencyScorers.names + names)
    func scorersAreFoundByName(_ name: String) throws {
        #expect(try SaliencyScorers.named(name).name == name)
    }

    @Test func helpHasALineForEach() {
        #expect(SaliencyScorers.descriptions.count == SaliencyScorers.names.count)
        #expect(Set(SaliencyScorers.names).count == SaliencyScorers.names.count)
        for (line, name) in zip(SaliencyScorers.descriptions, SaliencyScorers.names) {
            #expect(line.hasPrefix(name) && !line.contains("\n"))
        }
    }

    @Test func anUnknownNameIsRefused() {
        #expect(throws: SaliencyError.unknownScorer("no such scorer")) {
            try SaliencyScorers.named("no such scorer")
        }
    }

    @Test(
        "settings that do not fit are refused with what was expected",
        arguments: [
            "cls-attention:", "cls-attention:x", "cls-attention:-1", "cls-attention:1.",
            "cls-attention:.1", "cls-attention:1.2.3", "cls-attention:99999999999999999999",
            "attention-flow:1", "gradient:", "integrated-gradients:0", "integrated-gradients:+5",
            "integrated-gradients:10001", "leave-one-out:drop", "leave-one-out:", "lime:1",
            "lime:1e3", "lime:100001", "random:-1", "random:01", "random:x", "first:2", "human:x",
        ])
    func wrongSettings(_ name: String) throws {
        let error = #expect(throws: SaliencyError.self) { try SaliencyScorers.named(name) }
        guard case .wrongSettings(let scorer, let problem)? = error else {
            Issue.record("another error: \(String(describing: error))")
            return
        }
        #expect(name.hasPrefix(scorer))
        #expect(problem.contains("expected") || problem.contains("no settings"))
    }

    @Test(
        "gives a chunk the same bits alone, in any batch and on any number of threads",
        arguments: names, EncoderFamily.allCases)
    func invariance(_ name: String, _ family: EncoderFamily) throws {
        let model = TinyModel.make(layers: 3, family: family)
        let scorer = try SaliencyScorers.named(name, seed: 5)
        try scorer.check(model.configuration)
        let inputs = TinyModel.chunks.map { SaliencyInput($0, humanRationale: [1..<3]) }
        let order = (0..<40).map { $0 * 7 % inputs.count }
        for precision in Precision.available {
            let one = TinyModel.context(model, precision: precision)
            let alone = try inputs.map { try scorer.score([$0], one)[0] }
            for threads in [1, 3] {
                let context = TinyModel.context(model, threads: threads, precision: precision)
                let scores = try scorer.score(order.map { inputs[$0] }, context)
                for (place, score) in zip(order, scores) {
                    let own = alone[place]
                    #expect(score.logits == own.logits, "chunk \(place), \(precision)")
                    #expect(score.words == own.words, "chunk \(place), \(precision)")
                    #expect(score.convergenceDelta == own.convergenceDelta, "chunk \(place)")
                }
            }
        }
    }

    @Test(
        "gives finite scores that are not negative, one for each whole word",
        arguments: names, EncoderFamily.allCases)
    func shape(_ name: String, _ family: EncoderFamily) throws {
        let model = TinyModel.make(family: family)
        let scorer = try SaliencyScorers.named(name)
        let inputs = TinyModel.chunks.map { SaliencyInput($0, humanRationale: []) }
        let context = TinyModel.context(model)
        let logits = model.logits(TinyModel.chunks, workers: context.workers)
        for (index, score) in try scorer.score(inputs, context).enumerated() {
            #expect(score.words.count == inputs[index].chunk.readWords)
            #expect(score.words.allSatisfy { $0.isFinite && $0 >= 0 })
            guard !(scorer is any ModelFreeScorer) else {
                #expect(
                    score.logits == nil, "the model is not asked for what does not depend on it")
                continue
            }
            // Passes that record for gradients do not read packed weights, and sum in another order.
            #expect(largestDifference(try #require(score.logits), logits[index]) < 5e-5)
        }
        #expect(try scorer.score([], context).isEmpty)
    }

    @Test("works with a single layer", arguments: names.filter { !$0.hasSuffix("1.3") })
    func oneLayer(_ name: String) throws {
        let model = TinyModel.make(layers: 1)
        let scorer = try SaliencyScorers.named(name)
        try scorer.check(model.configuration)
        let chunk = TinyModel.chunk(words: 6)
        let score = try scorer.score(
            [SaliencyInput(chunk, humanRationale: [0..<2])], TinyModel.context(model))[0]
        #expect(score.words.contains { $0 > 0 })
    }
}

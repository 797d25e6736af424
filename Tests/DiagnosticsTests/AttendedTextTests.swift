import Diagnostics
import Encoders
import Tensors
import TestSupport
import Testing

@Suite(
    "Texts whose states are held fixed",
    .enabled(if: Outside.hasShared, "the recordings are not there"))
struct AttendedTextTests {
    private let recorded: RecordedEncoders

    init() throws { recorded = try RecordedEncoders() }

    @Test(arguments: RecordedEncoders.singles + RecordedEncoders.pairs)
    func ownWeightsGiveTheModelsLogits(name: String) throws {
        let texts = try recorded.attendedTexts(name)
        let attention = try recorded.rows("\(name).attention")
        for (text, expected) in zip(texts, attention) {
            #expect(largestDifference([0] + text.attention + [0], expected) < 2e-6)
        }
        let logits = texts.flatMap { $0.logits($0.ownWeights).map { Float($0) } }
        // Float32 against double precision.
        #expect(largestDifference(logits, try recorded.file.floats("\(name).logits")) < 5e-6)
    }

    @Test(arguments: RecordedEncoders.singles + RecordedEncoders.pairs)
    func otherWeightsGiveTheLogitsOfAPassWithThem(name: String) throws {
        let model = try recorded.model(name)
        let texts = try recorded.attendedTexts(name, threads: 2)
        let weights = recorded.values.inputs.enumerated().map { number, ids in
            draws(ids.count - 2, seed: UInt64(number + 1)).map { abs($0) }
        }
        let expected = model.trace(
            recorded.documents, questions: recorded.questions(name), [],
            probe: { FixedWordAttention(.given(Array(weights[$0]))) },
            workers: Workers(threads: 1)
        ) { $1.logits }
        for (number, text) in texts.enumerated() {
            let own = text.logits(weights[number].map { Double($0) })
            #expect(largestDifference(own.map { Float($0) }, expected[number]) < 1e-5)
        }
    }

    @Test(arguments: ["lstm-tanh", "pair-lstm-tanh", "pair-cnn-dot"])
    func gradientsAreThoseOfSmallChanges(name: String) throws {
        for text in try recorded.attendedTexts(name) {
            let weights = text.ownWeights
            let best = AttendedText.predictedClass(logits: text.logits(weights))
            let gradient = text.probabilityGradient(weights)
            #expect(gradient.count == text.words && gradient.contains { $0 != 0 })
            for word in weights.indices {
                func probability(_ change: Double) -> Double {
                    var changed = weights
                    changed[word] += change
                    return text.probabilities(changed)[best]
                }
                let slope = (probability(1e-5) - probability(-1e-5)) / 2e-5
                #expect(abs(slope - gradient[word]) < 1e-8)
            }
        }
    }

    @Test func oneLogitIsThatOfTheSecondClass() {
        let text = AttendedText(attention: [0.25, 0.75], values: [4, -2], bias: [0.1])
        #expect(abs(text.logits([0.25, 0.75])[0] - (-0.4)) < 1e-6)
        let p = text.probabilities([1, 0])
        #expect(abs(p[1] - 0.98369) < 1e-5 && abs(p[0] + p[1] - 1) < 1e-12)
        #expect(AttendedText.predictedClass(logits: [0.1]) == 1)
        #expect(AttendedText.predictedClass(logits: [0]) == 0, "½ is not above ½")
        #expect(AttendedText.predictedClass(logits: [1, 3, 3]) == 1, "the first of the largest")
    }
}

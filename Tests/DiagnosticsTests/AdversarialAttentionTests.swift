import CKernels
import Diagnostics
import Encoders
import Foundation
import Metrics
import Tensors
import TestSupport
import Testing

/// The search for adversarial attention, beside PyTorch's in double precision.
@Suite(
    "Adversarial attention", .enabled(if: Outside.hasShared, "the recordings are not there"))
struct AdversarialAttentionTests {
    private let experiments: RecordedExperiments
    private var recorded: RecordedExperiments.Adversarial { experiments.values.adversarial }

    init() throws { experiments = try RecordedExperiments() }

    private func starts() throws -> [[[Double]]] {
        try experiments.vectors("adversarial.noise").map { $0.map { $0.map { 3 * Double($0) } } }
    }

    @Test(arguments: [Int32(0), 1, 2]) func theSearchFollowsTheRecordedOne(variant: Int32) throws {
        let before = warrant_limit_instructions(variant)
        defer { _ = warrant_limit_instructions(before) }
        let texts = try experiments.encoders.attendedTexts("lstm-tanh")
        let starts = try starts()
        var losses = [Double](repeating: 0, count: 501)
        let found = zip(texts, starts).map { text, start in
            AdversarialAttention(text, start: start) { losses[$0] += $1 }
        }
        // A search in float32 by PyTorch stays as close.
        for expected in recorded.losses {
            #expect(
                abs(losses[expected.step] - expected.loss) < 1e-4, "step \(expected.step)")
        }
        #expect(abs(losses[500] - recorded.final_loss) < 1e-4)
        let attention = try experiments.vectors("adversarial.final-attention")
        for (number, row) in recorded.rows.enumerated() {
            for (k, candidate) in found[number].candidates.enumerated() {
                #expect(abs(candidate.divergence - row.jsd[k]) < 1e-4)
                #expect(abs(candidate.difference - row.difference[k]) < 1e-4)
                let weights = candidate.weights.map { Float($0) }
                #expect(largestDifference(weights, attention[number][k]) < 1e-4)
            }
            let chosen = found[number].chosen
            #expect(abs(chosen.divergence - row.epsilon_max_jsd) < 1e-4)
            #expect(abs(chosen.difference - row.difference[row.best]) < 1e-4)
        }
    }

    @Test func theFirstGradientIsThatRecorded() throws {
        let texts = try experiments.encoders.attendedTexts("lstm-tanh")
        let expected = try experiments.vectors("adversarial.gradient-of-first-loss")
        for (number, start) in try starts().enumerated() {
            let objective = AdversarialObjective(
                texts[number], count: recorded.K, tolerance: 0.01, penalty: 500)
            let gradient = objective(start).gradient
            for (own, expected) in zip(gradient, expected[number]) {
                // The penalty of 500 multiplies float32's last digits.
                #expect(largestDifference(own, expected) < 1e-4)
            }
        }
    }

    @Test func aPairsOutputStaysAndItsAttentionDoesNot() throws {
        let texts = try experiments.encoders.attendedTexts("pair-lstm-tanh")
        var divergences: [Double] = []
        for (number, text) in texts.enumerated() {
            let found = AdversarialAttention(text, seed: 3, number: number)
            divergences.append(found.chosen.divergence)
            let own = text.probabilities(text.ownWeights)
            for candidate in found.candidates {
                let p = text.probabilities(candidate.weights)
                #expect(Divergence.totalVariation(own, p) == candidate.difference)
                #expect(abs(candidate.weights.reduce(0, +) - 1) < 1e-6)
            }
            #expect(found.chosen.difference <= 0.05)
            #expect(
                found.candidates.allSatisfy {
                    $0.difference > 0.05 || $0.divergence <= found.chosen.divergence
                })
        }
        #expect(divergences[3] == 0, "a single word has but one weight")
        #expect(divergences.count { $0 > 0.1 } == 3)
    }

    @Test func aStartDependsOnSeedAndNumberAlone() throws {
        let text = try experiments.encoders.attendedTexts("lstm-tanh")[4]
        var options = AdversarialAttention.Options()
        options.steps = 20
        func weights(_ seed: UInt64, _ number: Int) -> [[Double]] {
            AdversarialAttention(text, options: options, seed: seed, number: number)
                .candidates.map(\.weights)
        }
        #expect(weights(1, 7) == weights(1, 7))
        #expect(weights(1, 7) != weights(1, 8))
        #expect(weights(1, 7) != weights(2, 7))
        #expect(Set(weights(1, 7)).count == 5)
    }

    @Test func threadsDoNotChangeTheResult() throws {
        let model = try experiments.encoders.model("lstm-tanh")
        let documents = (0..<40).map { experiments.encoders.documents[$0 % 5] }
        func search(threads: Int) -> [AdversarialAttention.Candidate] {
            model.attend(documents, workers: Workers(threads: threads)) {
                AdversarialAttention($1, seed: 0, number: $0).chosen
            }
        }
        #expect(search(threads: 1) == search(threads: 3))
    }

    @Test func whereNothingIsAcceptedTheOwnWeightsAreChosen() {
        // Any other weights change the output.
        let text = AttendedText(attention: [0.5, 0.5], values: [400, -400], bias: [0])
        var options = AdversarialAttention.Options()
        options.steps = 0
        let found = AdversarialAttention(
            text, options: options, start: Array(repeating: [2, -2], count: 5))
        #expect(found.candidates.allSatisfy { $0.difference > 0.4 && $0.divergence > 0.1 })
        #expect(found.chosen.weights == [0.5, 0.5] && found.chosen.divergence == 0)
        let single = AttendedText(attention: [1], values: [3], bias: [0])
        #expect(AdversarialAttention(single, seed: 0, number: 0).chosen.divergence == 0)
        let empty = AttendedText(attention: [], values: [], bias: [0])
        #expect(AdversarialAttention(empty, seed: 0, number: 0).candidates.isEmpty)
    }
}

@Suite("The kernel of adversarial attention") struct AdversaryKernelTests {
    /// The kernel, and the slow loop in double precision.
    @Test(arguments: [Int32(0), 1, 2], [1, 3, 128])
    func equalsTheSlowLoop(variant: Int32, outputs: Int) {
        let before = warrant_limit_instructions(variant)
        defer { _ = warrant_limit_instructions(before) }
        for (number, words) in [1, 2, 15, 16, 17, 40].enumerated() {
            for hasInner in [false, true] {
                let seed = UInt64(number + 1)
                let (stride, count) = ((words + 15) / 16 * 16, 3)
                let width = hasInner ? 20 : outputs
                let values = draws(width * (hasInner ? words : stride), seed: seed, scale: 4)
                let (offset, bias) = (
                    draws(width, seed: seed + 10), draws(outputs, seed: seed + 20)
                )
                let output = draws(outputs * width, seed: seed + 30, scale: 3)
                let z = draws(count * stride, seed: seed + 40, scale: 24).map { Double($0) }
                let raw = draws(words, seed: seed + 50, scale: 1).map { $0 + 0.6 }
                let sum = raw.reduce(0, +)
                let own = raw.map { $0 / sum } + [Float](repeating: 0, count: stride - words)
                let probabilities = [Double](repeating: 1 / Double(outputs + 1), count: outputs)
                var fast = (
                    a: [Float](repeating: 0, count: count * stride),
                    d: [Float](repeating: 0, count: count),
                    g: [Float](repeating: 0, count: count * stride), loss: 0.0
                )
                var slow = (
                    a: [Double](repeating: 0, count: count * stride),
                    d: [Double](repeating: 0, count: count),
                    g: [Double](repeating: 0, count: count * stride), loss: 0.0
                )
                withPointers([values, offset, output, bias, own]) { p in
                    probabilities.withUnsafeBufferPointer { probabilities in
                        var text = warrant_adversary(
                            words: words, stride: stride, width: width, outputs: outputs,
                            values: p[0], offset: hasInner ? p[1] : nil,
                            output: hasInner ? p[2] : nil, bias: p[3], attention: p[4],
                            probabilities: probabilities.baseAddress, tolerance: 0.01, penalty: 5)
                        var scratch = [Float](
                            repeating: .nan, count: warrant_adversary_scratch(&text, count))
                        warrant_adversary_gradient(
                            &text, count, z, &fast.a, &fast.d, &fast.g, &fast.loss, &scratch)
                        warrant_adversary_gradient_reference(
                            &text, count, z, &slow.a, &slow.d, &slow.g,
                            &slow.loss)
                    }
                }
                let name: Comment = "\(words) words, inner layer: \(hasInner)"
                #expect(largestDifference(fast.a, slow.a.map { Float($0) }) < 2e-6, name)
                #expect(largestDifference(fast.d, slow.d.map { Float($0) }) < 5e-6, name)
                #expect(largestDifference(fast.g, slow.g.map { Float($0) }) < 2e-5, name)
                #expect(abs(fast.loss - slow.loss) < 5e-5, name)
                #expect(words == 1 || slow.g.contains { abs($0) > 1e-3 }, name)
            }
        }
    }

    /// Calls `body` with the arrays' elements.
    private func withPointers(
        _ arrays: [[Float]], _ pointers: [UnsafePointer<Float>] = [],
        _ body: ([UnsafePointer<Float>]) -> Void
    ) {
        guard pointers.count < arrays.count else { return body(pointers) }
        arrays[pointers.count].withUnsafeBufferPointer { buffer in
            guard let first = buffer.baseAddress else { return }
            withPointers(arrays, pointers + [first], body)
        }
    }
}

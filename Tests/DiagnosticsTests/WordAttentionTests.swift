import Diagnostics
import Encoders
import Foundation
import Tensors
import TestSupport
import Testing

/// Probes that replace the attention of words, beside PyTorch's recordings in double precision.
@Suite(
    "Probes of the attention of words",
    .enabled(if: Outside.hasShared, "the recordings are not there"))
struct WordAttentionTests {
    private let recorded: RecordedEncoders
    private let workers = Workers(threads: 1)

    init() throws { recorded = try RecordedEncoders() }

    @Test(arguments: RecordedEncoders.singles)
    func uniformAttentionGivesTheRecordedLogits(name: String) throws {
        let model = try recorded.model(name)
        let expected = try recorded.file.floats("\(name).uniform.logits")
        let traces = model.trace(
            recorded.documents, [.wordAttention], probe: { _ in FixedWordAttention(.uniform) },
            workers: workers
        ) { $1 }
        #expect(largestDifference(traces.flatMap(\.logits), expected) < 5e-6)
        for (trace, ids) in zip(traces, recorded.values.inputs) {
            let words = ids.count - 2
            let uniform = [0] + [Float](repeating: 1 / Float(words), count: words) + [0]
            #expect(trace[.wordAttention] == uniform, "what was put in its place is traced")
        }
        let given = recorded.values.inputs.map { ids in
            [Float](repeating: 1 / Float(ids.count - 2), count: ids.count - 2)
        }
        let same = model.trace(
            recorded.documents, [], probe: { FixedWordAttention(.given(Array(given[$0]))) },
            workers: workers
        ) { $1.logits }
        #expect(same == traces.map(\.logits))
    }

    private struct Experiments: Decodable {
        struct Permutation: Decodable {
            struct Row: Decodable {
                let permutations: [[Int]]
                let probabilities: [Double]
                let probability, median_difference, max_attention: Double
            }
            let rows: [Row]
        }
        let permutation: Permutation
    }

    @Test func permutedAttentionGivesTheRecordedProbabilities() throws {
        let file = RecordedEncoders.folder.appendingPathComponent("experiments.json")
        let rows = try JSONDecoder().decode(Experiments.self, from: Data(contentsOf: file))
            .permutation.rows
        #expect(rows.count == recorded.documents.count)
        let model = try recorded.model("lstm-tanh")
        func probabilities(_ orders: [[Int]], threads: Int = 1) -> [Double] {
            model.trace(
                recorded.documents, [],
                probe: { WordAttentionPermutation(orders: Array(orders[$0])) },
                workers: Workers(threads: threads)
            ) { AttentionClassifier.probabilities($1.logits)[1] }
        }
        let plain = model.trace(recorded.documents, [.wordAttention], workers: workers) { $1 }
        var differences = [[Double]](repeating: [], count: rows.count)
        for number in 0..<100 {
            let own = probabilities(rows.map { $0.permutations[number] })
            for (text, row) in rows.enumerated() {
                // Float32 against double precision.
                #expect(abs(own[text] - row.probabilities[number]) < 2e-6, "text \(text)")
                differences[text].append(abs(own[text] - row.probability))
            }
        }
        for (text, row) in rows.enumerated() {
            let sorted = differences[text].sorted()
            #expect(abs((sorted[49] + sorted[50]) / 2 - row.median_difference) < 2e-6)
            let weights = try #require(plain[text][.wordAttention])
            #expect(abs(Double(weights.max() ?? 0) - row.max_attention) < 2e-6)
        }
        let orders = rows.map { $0.permutations[0] }
        #expect(probabilities(orders, threads: 2) == probabilities(orders))
        let identity = rows.map { Array($0.permutations[0].indices) }
        let unchanged = plain.map { AttentionClassifier.probabilities($0.logits)[1] }
        #expect(probabilities(identity) == unchanged, "the identity changes no bit")
    }

    @Test(arguments: RecordedEncoders.singles, [true, false])
    func gradientsWithAttentionHeldConstantAreThoseRecorded(
        name: String, isDetached: Bool
    ) throws {
        let model = try recorded.model(name)
        let tape = Tape(worker: Worker(), parameters: model.parameters, isRecording: true)
        let batch = PackedBatch(recorded.documents)
        let pass = model(
            batch, on: tape, probes: PassProbes(isDetached ? FixedWordAttention(.own) : nil))
        let seed = pass.head.logits.value.values.map { logit in
            let p = BinaryCrossEntropy.probability(logit)
            return Float(p * (1 - p))
        }
        tape.backward(from: pass.head.logits, seed: seed)
        let prefix =
            "\(name).probability-gradient."
            + (isDetached ? "detached" : "through-attention")
        for (variable, part) in [(pass.embedded, "embedded"), (pass.states, "hidden")] {
            let own = try #require(variable.gradient).values
            let expected = try recorded.rows("\(prefix).\(part)").flatMap { $0 }
            #expect(largestDifference(own, expected) < 2e-6, "\(part)")
        }
    }

    @Test(arguments: RecordedEncoders.singles + RecordedEncoders.pairs)
    func gradientTimesInputIsThatRecorded(name: String) throws {
        let model = try recorded.model(name)
        let traces = model.trace(
            recorded.documents, questions: recorded.questions(name),
            [.wordEmbeddings, .wordEmbeddingGradients], Differentiation(of: .probability),
            probe: { _ in FixedWordAttention(.own) }, workers: workers
        ) { $1 }
        let expected = try recorded.rows("\(name).gradient-x-input.detached")
        for (text, trace) in traces.enumerated() {
            let embeddings = try #require(trace[.wordEmbeddings])
            let gradients = try #require(trace[.wordEmbeddingGradients])
            let width = embeddings.count / trace.tokens
            let products = (0..<trace.tokens).map { token in
                abs(
                    (token * width..<(token + 1) * width).reduce(Float(0)) {
                        $0 + embeddings[$1] * gradients[$1]
                    })
            }
            #expect(largestDifference(products, expected[text]) < 5e-6, "text \(text)")
        }
    }

    @Test func gradientsReachTheWeightsThatAPermutationTakes() throws {
        let model = try recorded.model("average-tanh")
        let text = Array(recorded.documents[1...1])
        let tape = Tape(worker: Worker(), parameters: model.parameters, isRecording: true)
        // Word 0 gets the weight of word 2, and so on.
        let probe = WeightObserver(WordAttentionPermutation(orders: [[2, 0, 3, 1]]))
        let pass = model(PackedBatch(text), on: tape, probes: PassProbes(probe))
        tape.backward(from: pass.head.logits, seed: [1])
        let before = try #require(probe.seen?.gradient).values
        let after = try #require(pass.head.attention.gradient).values
        #expect(before == [after[0], after[2], after[4], after[1], after[3], after[5]])
        #expect(after[1...4].allSatisfy { $0 != 0 })
    }

    @Test func trainingRunsWithAProbe() throws {
        let model = try recorded.model("average-tanh")
        let gradients = Gradients(for: model.parameters)
        gradients.begin()
        let tape = Tape(worker: Worker(), parameters: model.parameters, gradients: gradients)
        _ = model.trainingPass(
            PackedBatch(recorded.documents), labels: [1, 0, 1, 0, 1], weight: 1,
            probe: FixedWordAttention(.uniform), on: tape)
        gradients.finish()
        #expect(
            !gradients.weights.contains { $0.target.name.hasPrefix("attention") },
            "uniform attention learns nothing")
        let key = try #require(model.parameters.all.first { $0.name == "attention.key.bias" })
        #expect(gradients[key].allSatisfy { $0 == 0 })
        #expect(gradients.weights.contains { $0.target.name == "encoder.projection.weight" })
    }
}

/// Keeps the value that another probe replaces.
private final class WeightObserver: Probe {
    private let other: any Probe
    private(set) var seen: Variable?

    init(_ other: any Probe) { self.other = other }

    var points: Set<ProbePoint> { other.points }

    func replacement(
        of point: ProbePoint, _ x: Variable, _ batch: PackedBatch, on tape: Tape
    ) -> Variable {
        seen = x
        return other.replacement(of: point, x, batch, on: tape)
    }
}

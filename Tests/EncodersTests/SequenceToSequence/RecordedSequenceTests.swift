import Encoders
import Tensors
import TestSupport
import Testing

/// The sequence-to-sequence model of Snell et al. (2021) against what PyTorch recorded of it in double
/// precision: probabilities, attention, output relevance, losses, gradients.
@Suite(
    "A sequence-to-sequence model with attention follows PyTorch",
    .enabled(if: Outside.hasShared, "the recordings are not there"))
struct RecordedSequenceTests {
    private let recorded: RecordedSequences

    init() throws { recorded = try RecordedSequences() }

    private func floats(_ rows: [[Double]]) -> [Float] { rows.joined().map { Float($0) } }

    @Test func values() throws {
        let model = try recorded.model()
        let names = recorded.file.names.filter { $0.hasPrefix("seq2seq.weights.") }
        #expect(
            Set(names) == Set(model.parameters.all.map { "seq2seq.weights.\($0.name)" }))
        let traces = model.trace(
            recorded.pairs, relevance: true, workers: Workers(threads: 1))
        for (row, trace) in zip(recorded.rows, traces) {
            // Float32 against double precision, over some ten operations in a row.
            let logarithms = trace.logits.flatMap { logits in
                (0..<logits.count).map {
                    Float(-CrossEntropy.loss(logits, label: $0).loss)
                }
            }
            #expect(largestDifference(logarithms, floats(row.log_probabilities)) < 5e-6)
            #expect(
                largestDifference(trace.attention.flatMap { $0 }, floats(row.attention)) < 2e-6)
            let relevance = try #require(trace.relevance)
            #expect(largestDifference(floats(relevance), floats(row.beta)) < 1e-5)
            #expect(abs(trace.loss - row.loss) < 1e-6 * row.loss)
        }
    }

    @Test func uniformAttention() throws {
        let traces = try recorded.model().trace(
            recorded.pairs, .uniform, relevance: true, workers: Workers(threads: 1))
        for (row, trace) in zip(recorded.rows, traces) {
            #expect(abs(trace.loss - row.uniform_loss) < 1e-6 * row.uniform_loss)
            #expect(trace.attention.joined().allSatisfy { $0 == 1 / Float(row.source.count) })
            let relevance = try #require(trace.relevance)
            #expect(largestDifference(floats(relevance), floats(row.uniform_beta)) < 1e-5)
        }
    }

    @Test("gradients of the sum of both pairs' mean losses") func gradients() throws {
        let model = try recorded.model()
        let gradients = Gradients(for: model.parameters)
        gradients.begin()
        let worker = Worker()
        let tape = Tape(worker: worker, parameters: model.parameters, gradients: gradients)
        let losses = model.trainingPass(PackedPairs(recorded.pairs), weight: 1, on: tape)
        gradients.finish()
        for (row, loss) in zip(recorded.rows, losses) { #expect(abs(loss - row.loss) < 1e-5) }
        for parameter in model.parameters.all {
            let own = gradients.sum(parameter, on: worker)
            let expected = try recorded.file.floats("seq2seq.gradients.\(parameter.name)")
            let largest = expected.reduce(0) { max($0, abs($1)) }
            let difference = largestDifference(own, expected)
            #expect(
                difference < 1e-5 * max(0.1, largest),
                "\(parameter.name): \(difference) of \(largest)")
            #expect(own.contains { $0 != 0 }, "\(parameter.name) has a gradient")
        }
    }
}

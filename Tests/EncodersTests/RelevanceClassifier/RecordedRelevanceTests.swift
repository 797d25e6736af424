import Encoders
import Tensors
import TestSupport
import Testing

/// The classifier of Snell et al. (2021) against what PyTorch recorded of it in double precision:
/// attention, output relevance, influence, losses, gradients.
@Suite(
    "A classifier with output relevance follows PyTorch",
    .enabled(if: Outside.hasShared, "the recordings are not there"))
struct RecordedRelevanceTests {
    private let recorded: RecordedRelevance

    init() throws { recorded = try RecordedRelevance() }

    @Test(arguments: [false, true]) func values(isUniform: Bool) throws {
        let model = try recorded.model()
        let names = recorded.file.names.filter { $0.hasPrefix("relevance.weights.") }
        #expect(
            Set(names) == Set(model.parameters.all.map { "relevance.weights.\($0.name)" }))
        let traces = model.trace(
            recorded.documents, isUniform ? .uniform : .learned, influenceOn: recorded.labels,
            workers: Workers(threads: 1))
        #expect(traces.count == recorded.rows.count)
        for (row, trace) in zip(recorded.rows, traces) {
            let values = isUniform ? row.uniform : row.standard
            // Float32 against double precision, over some ten operations in a row.
            #expect(largestDifference(trace.attention, values.alpha.map { Float($0) }) < 2e-6)
            #expect(largestDifference(trace.relevance, values.beta.map { Float($0) }) < 5e-6)
            #expect(abs(Double(trace.logit) - values.score) < 5e-6)
            let loss = BinaryCrossEntropy.loss(trace.logit, label: Int(row.label)).loss
            #expect(abs(loss - values.loss) < 5e-6)
            let influence = try #require(trace.influence)
            let expected = values.influence.map { Float($0) }
            let largest = expected.reduce(0) { max($0, abs($1)) }
            #expect(largestDifference(influence, expected) < 1e-4 * max(0.01, largest))
        }
    }

    @Test("gradients of the mean loss") func gradients() throws {
        let model = try recorded.model()
        let gradients = Gradients(for: model.parameters)
        gradients.begin()
        let worker = Worker()
        let tape = Tape(worker: worker, parameters: model.parameters, gradients: gradients)
        let share = 1 / Double(recorded.rows.count)
        let losses = model.trainingPass(
            PackedBatch(recorded.documents), labels: recorded.labels, weight: share, on: tape)
        gradients.finish()
        #expect(abs(losses.reduce(0, +) * share - recorded.meanLoss) < 5e-6)
        for parameter in model.parameters.all {
            let own = gradients.sum(parameter, on: worker)
            let expected = try recorded.file.floats("relevance.gradients.\(parameter.name)")
            let largest = expected.reduce(0) { max($0, abs($1)) }
            let difference = largestDifference(own, expected)
            #expect(
                difference < 1e-5 * max(0.1, largest),
                "\(parameter.name): \(difference) of \(largest)")
        }
    }
}

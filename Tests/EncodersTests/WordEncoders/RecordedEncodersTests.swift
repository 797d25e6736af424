import Encoders
import Optimization
import Tensors
import TestSupport
import Testing

/// The recurrent, convolutional and averaging encoders of Jain & Wallace (2019) with both kinds of
/// attention, against what PyTorch recorded of them in double precision: values of the pass, gradients,
/// three steps of Adam.
@Suite(
    "Encoders with attention follow PyTorch",
    .enabled(if: Outside.hasShared, "the recordings are not there"))
struct RecordedEncodersTests {
    private let recorded: RecordedEncoders
    private var scalars: [String: Double] { recorded.values.scalars }

    init() throws { recorded = try RecordedEncoders() }

    /// Every parameter of a recording belongs to a model, and the other way round.
    private func hasRecordedNames(_ model: AttentionClassifier, _ name: String) -> Bool {
        let prefix = "\(name).weights."
        let names = recorded.file.names.filter { $0.hasPrefix(prefix) }
        return Set(names) == Set(model.parameters.all.map { prefix + $0.name })
    }

    @Test(arguments: RecordedEncoders.singles + RecordedEncoders.pairs)
    func values(name: String) throws {
        let model = try recorded.model(name)
        #expect(hasRecordedNames(model, name))
        let states = TraceQuantity.hiddenStates(layer: 1)
        let traces = model.trace(
            recorded.documents, questions: recorded.questions(name), [states, .wordAttention],
            workers: Workers(threads: 1)
        ) { $1 }
        // Float32 against double precision, over some ten operations in a row.
        let logits = traces.flatMap(\.logits)
        #expect(largestDifference(logits, try recorded.file.floats("\(name).logits")) < 5e-6)
        let hidden = try recorded.rows("\(name).hidden")
        let attention = try recorded.rows("\(name).attention")
        for (text, trace) in traces.enumerated() {
            #expect(largestDifference(try #require(trace[states]), hidden[text]) < 2e-6)
            let weights = try #require(trace[.wordAttention])
            #expect(largestDifference(weights, attention[text]) < 2e-6)
            #expect(weights.first == 0 && weights.last == 0, "start and end are no words")
        }
        let tape = Tape(worker: Worker(), parameters: model.parameters)
        let pass = model(
            PackedBatch(recorded.documents),
            questions: recorded.questions(name).map { PackedBatch($0) }, on: tape)
        #expect(
            largestDifference(
                pass.head.context.value.values, try recorded.file.floats("\(name).context")) < 5e-6)
        if let question = pass.question {
            let query = try recorded.file.floats("\(name).query")
            #expect(largestDifference(question.value.values, query) < 5e-6)
        }
    }

    @Test(arguments: RecordedEncoders.singles + RecordedEncoders.pairs)
    func gradients(name: String) throws {
        let model = try recorded.model(name)
        let gradients = Gradients(for: model.parameters)
        gradients.begin()
        let worker = Worker()
        let tape = Tape(worker: worker, parameters: model.parameters, gradients: gradients)
        let loss = recorded.trainingPass(model, on: tape).reduce(0, +)
        gradients.finish()
        let expected = try #require(scalars["\(name).loss"])
        #expect(abs(loss - expected) < 5e-6 * expected)
        for parameter in model.parameters.all {
            let own = gradients.sum(parameter, on: worker)
            let expected = try recorded.file.floats("\(name).gradients.\(parameter.name)")
            let largest = expected.reduce(0) { max($0, abs($1)) }
            let difference = largestDifference(own, expected)
            #expect(
                difference < 1e-5 * max(0.1, largest),
                "\(parameter.name): \(difference) of \(largest)")
            #expect(
                largest == 0 || own.contains { $0 != 0 }, "\(parameter.name) has a gradient")
            guard parameter.kind == .table else { continue }
            #expect(own[..<parameter.columns].allSatisfy { $0 == 0 }, "padding stays zero")
        }
    }

    /// The steps of section 1's optimiser, over shards of the texts.
    private func train(
        _ model: AttentionClassifier, shards: [Range<Int>], threads: Int,
        each: (_ step: Int, _ loss: Double) throws -> Void
    ) rethrows {
        let workers = Workers(threads: threads)
        var options = Adam.Options()
        (options.isAMSGrad, options.weightDecay) = (true, 1e-5)
        // The recordings are a later PyTorch's.
        options.epsilonFollowsCorrection = true
        let optimizer = Adam(
            parameters: model.parameters, workers: workers, options: options,
            weightDecay: {
                AttentionClassifier.decays($0, ofPairs: model.questionEncoder != nil) ? nil : 0
            })
        let gradients = ShardedGradients(parameters: model.parameters, workers: workers)
        for step in 1...3 {
            optimizer.synchronize()
            let losses = gradients.run(shards: shards.count) { shard, tape in
                recorded.trainingPass(model, shards[shard], on: tape)
            }
            _ = optimizer.step(gradients, rate: 1e-3)
            optimizer.synchronize()
            try each(step, losses.joined().reduce(0, +))
        }
    }

    @Test(arguments: RecordedEncoders.singles, [[0..<5], [0..<2, 2..<5]])
    func adam(name: String, shards: [Range<Int>]) throws {
        let model = try recorded.model(name)
        try train(model, shards: shards, threads: shards.count) { step, loss in
            let expected = try #require(scalars["\(name).loss-before-step-\(step)"])
            #expect(abs(loss - expected) < 5e-6 * expected)
            guard step != 2 else { return }
            for parameter in model.parameters.all {
                let expected = try recorded.file.floats(
                    "\(name).after-step-\(step).\(parameter.name)")
                let difference = largestDifference(
                    model.parameters[parameter].values, expected)
                // A step is 1e-3 whatever the gradient's size: a small gradient's rounding shows.
                #expect(difference < 5e-6, "\(parameter.name) after step \(step): \(difference)")
            }
        }
    }

    @Test(arguments: RecordedEncoders.pairs)
    func stepsHaveTheSameBitsOnAnyNumberOfThreads(name: String) throws {
        let models = try [1, 2, 3].map { threads in
            let model = try recorded.model(name)
            train(model, shards: [0..<2, 2..<4, 4..<5], threads: threads) { _, _ in }
            return model
        }
        for model in models.dropFirst() {
            for parameter in model.parameters.all {
                #expect(
                    model.parameters[parameter].values == models[0].parameters[parameter].values,
                    "\(parameter.name)")
            }
        }
    }
}

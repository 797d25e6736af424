import Diagnostics
import Encoders
import Metrics
import Tensors
import TestSupport
import Testing

/// Guides and adversarial training beside PyTorch's recordings in double precision.
@Suite(
    "Guides and adversarial training",
    .enabled(if: Outside.hasShared, "the recordings are not there"))
struct AdversarialTrainingTests {
    private let experiments: RecordedExperiments
    private var encoders: RecordedEncoders { experiments.encoders }

    init() throws { experiments = try RecordedExperiments() }

    /// Every parameter's gradient after a pass.
    private func gradients(
        _ model: AttentionClassifier, _ pass: (Tape) -> Void
    ) -> [String: [Float]] {
        let gradients = Gradients(for: model.parameters)
        gradients.begin()
        let worker = Worker()
        pass(Tape(worker: worker, parameters: model.parameters, gradients: gradients))
        gradients.finish()
        var values: [String: [Float]] = [:]
        for parameter in model.parameters.all {
            guard parameter.kind == .weight else {
                values[parameter.name] = gradients[parameter]
                continue
            }
            let sum = Tensor(
                [Float](repeating: 0, count: parameter.count), rows: parameter.rows,
                columns: parameter.columns)
            for product in gradients.weights where product.target == parameter {
                product.compute(
                    rows: 0..<parameter.rows, into: sum.pointer, adding: true, on: worker)
            }
            values[parameter.name] = sum.values
        }
        return values
    }

    private func expectRecorded(_ gradients: [String: [Float]], _ recording: String) throws {
        for (name, own) in gradients {
            let expected = try experiments.file.floats("\(recording).gradients.\(name)")
            let largest = expected.reduce(0) { max($0, abs($1)) }
            #expect(
                largestDifference(own, expected) < 1e-5 * max(0.1, largest), "\(name) of \(largest)"
            )
        }
    }

    @Test func aGuideIsAnAveragingModelWithGivenWeights() throws {
        let guide = try encoders.attendedTexts("lstm-tanh").map(\.attention)
        let model = try encoders.model("average-tanh")
        let labels = encoders.values.labels.map { Int($0) }
        var loss = 0.0
        let own = gradients(model) { tape in
            let losses = model.trainingPass(
                PackedBatch(encoders.documents), labels: labels,
                scales: labels.map { $0 == 1 ? encoders.values.positive_weight : 1 }, weight: 1,
                probe: FixedWordAttention(.given(guide)), on: tape)
            loss = losses.reduce(0, +)
        }
        #expect(abs(loss - experiments.values.guide.loss) < 1e-5)
        try expectRecorded(own, "guide")
        let logits = model.trace(
            encoders.documents, [], probe: { FixedWordAttention(.given(Array(guide[$0]))) },
            workers: Workers(threads: 1)
        ) { $1.logits }.flatMap { $0 }
        #expect(largestDifference(logits, try experiments.file.floats("guide.logits")) < 5e-6)
    }

    @Test func theLossOfAdversarialTrainingIsThatRecorded() throws {
        let expected = experiments.values.adversarial_training
        let base = try encoders.attendedTexts("lstm-tanh").map { BaseOutput($0) }
        let model = try encoders.model("lstm-dot")
        var losses: [DivergenceLoss] = []
        let own = gradients(model) { tape in
            losses = model.divergencePass(
                PackedBatch(encoders.documents), base: base, lambda: expected.lambda_, on: tape)
        }
        for (text, loss) in losses.enumerated() {
            #expect(abs(loss.outputDistance - expected.tvd[text]) < 2e-6)
            #expect(abs(loss.attentionDivergence - expected.kl[text]) < 2e-6)
        }
        let sum = losses.reduce(0) { $0 + $1.loss }
        #expect(abs(sum - expected.loss_sum) < 1e-5)
        try expectRecorded(own, "adversarial-training")
        let double = gradients(model) { tape in
            _ = model.divergencePass(
                PackedBatch(encoders.documents), base: base, lambda: expected.lambda_, weight: 2,
                on: tape)
        }
        let name = "attention.score.weight"
        let expectedDouble = try #require(own[name]).map { 2 * $0 }
        #expect(largestDifference(try #require(double[name]), expectedDouble) < 1e-6)
    }

    @Test func severalClassesHaveTheGradientOfSmallChanges() throws {
        let model = try encoders.model("pair-lstm-tanh")
        let base = try encoders.attendedTexts("pair-lstm-dot").map { BaseOutput($0) }
        let questions = try #require(encoders.questions("pair-lstm-tanh"))
        func pass(_ tape: Tape) -> Double {
            model.divergencePass(
                PackedBatch(encoders.documents), questions: PackedBatch(questions), base: base,
                lambda: 5, on: tape
            ).reduce(0) { $0 + $1.loss }
        }
        let own = gradients(model) { _ = pass($0) }
        for name in ["output.bias", "attention.key.bias"] {
            let parameter = try #require(model.parameters.all.first { $0.name == name })
            let values = model.parameters[parameter].buffer
            let gradient = try #require(own[name])
            for index in 0..<3 {
                func loss(_ change: Float) -> Double {
                    values[index] += change
                    defer { values[index] -= change }
                    return pass(
                        Tape(worker: Worker(), parameters: model.parameters, isRecording: true))
                }
                let slope = (loss(1e-2) - loss(-1e-2)) / 2e-2
                #expect(abs(slope - Double(gradient[index])) < 2e-3, "\(name) \(index)")
            }
            #expect(gradient.contains { abs($0) > 1e-2 }, "\(name)")
        }
    }
}

import Foundation
import Optimization
import Tensors
import TestSupport
import Testing

/// The recurrent, convolutional and averaging encoders of Jain & Wallace (2019), written in general
/// operations, against what PyTorch recorded of them in double precision: logits, gradients, three
/// steps of Adam.
@Suite(
    "Models made of general operations follow PyTorch",
    .enabled(if: Outside.hasShared, "the recordings are not there"))
struct RecordedEncodersTests {
    static let singles = ["lstm", "cnn", "average"].flatMap { ["\($0)-tanh", "\($0)-dot"] }

    private struct Recorded: Decodable {
        let inputs, questions: [[Int32]]
        let labels: [Double]
        let answers: [Int]
        let positive_weight: Double
        let scalars: [String: Double]
    }

    private let recorded: Recorded
    private let file: SafetensorsFile

    init() throws {
        let folder = Outside.shared.appendingPathComponent("reference/diagnostics")
        recorded = try JSONDecoder().decode(
            Recorded.self, from: Data(contentsOf: folder.appendingPathComponent("encoders.json")))
        file = try SafetensorsFile(
            path: folder.appendingPathComponent("encoders.safetensors").path)
    }

    /// A recorded model's parameters by name.
    private struct Model {
        let kind: String
        let byName: [String: Parameter]
        let parameters: Parameters

        init(_ name: String, _ file: SafetensorsFile, weights: Parameter.Kind) throws {
            kind = name
            let declarations = ParameterScope.Declarations()
            let scope = ParameterScope(declarations)
            let prefix = "\(name).weights."
            var byName: [String: Parameter] = [:]
            for full in file.names.sorted() where full.hasPrefix(prefix) {
                let short = String(full.dropFirst(prefix.count))
                let shape = try #require(file.entry(full)).shape
                // A convolution's [filters, columns, width] is a linear layer's [filters, columns · width].
                let flat =
                    shape.count > 1 ? [shape[0], shape.dropFirst().reduce(1, *)] : shape
                byName[short] = scope.parameter(
                    short, flat,
                    kind: short.contains("embedding") ? .table : flat.count > 1 ? weights : .dense)
            }
            self.byName = byName
            parameters = Parameters(declarations)
            for (short, parameter) in byName {
                try file.readFloats(
                    prefix + short, shape: nil, into: parameters[parameter].buffer)
            }
        }

        subscript(name: String) -> Parameter {
            guard let parameter = byName[name] else { preconditionFailure("no \(name)") }
            return parameter
        }

        private func linear(
            _ x: Variable, _ name: String, _ documents: [Int], _ tape: Tape
        ) -> Variable {
            tape.linear(
                x, weight: self["\(name).weight"], bias: byName["\(name).bias"],
                documents: documents)
        }

        /// States [rows, size] and one vector for each document [documents, size].
        private func encode(
            _ texts: [[Int32]], _ starts: [Int], _ allowed: [Bool], _ scope: String, _ tape: Tape
        ) -> (states: Variable, last: Variable) {
            let x = tape.embedding(
                table: self["\(scope).embedding.weight"], ids: texts.flatMap { $0 }, zeroRow: 0)
            if kind.contains("lstm") {
                let directions = ["l0", "l0_reverse"].map { suffix in
                    tape.lstm(
                        x,
                        RecurrentParameters(
                            inputWeight: self["\(scope).rnn.weight_ih_\(suffix)"],
                            recurrentWeight: self["\(scope).rnn.weight_hh_\(suffix)"],
                            inputBias: self["\(scope).rnn.bias_ih_\(suffix)"],
                            recurrentBias: self["\(scope).rnn.bias_hh_\(suffix)"]),
                        documents: starts, reversed: suffix != "l0")
                }
                return (
                    tape.concatenation(columns: directions),
                    tape.concatenation(columns: [
                        tape.select(rows: starts.dropFirst().map { $0 - 1 }, of: directions[0]),
                        tape.select(rows: Array(starts.dropLast()), of: directions[1]),
                    ])
                )
            }
            if kind.contains("cnn") {
                let parts = [1, 3, 5, 7].enumerated().map { index, width in
                    linear(
                        tape.unfold(x, width: width, documents: starts),
                        "\(scope).convolutions.\(index)", starts, tape)
                }
                let filtered = tape.relu(tape.concatenation(columns: parts))
                let mask = tape.worker.arena.tensor(rows: filtered.rows, columns: filtered.columns)
                for index in 0..<mask.count {
                    mask.pointer[index] = allowed[index / mask.columns] ? 1 : 0
                }
                let states = tape.elementwiseProduct(filtered, Variable(mask))
                return (states, tape.maximum(states, documents: starts))
            }
            let states = tape.tanh(linear(x, "\(scope).projection", starts, tape), inPlace: true)
            return (states, tape.mean(states, documents: starts))
        }

        /// Logits [documents, outputs].
        func callAsFunction(
            _ texts: [[Int32]], questions: [[Int32]]?, _ tape: Tape
        ) -> Variable {
            func layout(_ texts: [[Int32]]) -> (starts: [Int], allowed: [Bool]) {
                (
                    texts.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1.count) },
                    texts.flatMap { text in
                        text.indices.map { $0 > 0 && $0 < text.count - 1 }
                    }
                )
            }
            let (starts, allowed) = layout(texts)
            let each = Array(0...texts.count)
            let (states, _) = encode(
                texts, starts, allowed, questions == nil ? "encoder" : "P", tape)
            let question = questions.map {
                encode($0, layout($0).starts, layout($0).allowed, "Q", tape).last
            }
            let scale = 1 / Float(states.columns).squareRoot()
            var scores: Variable
            if kind.hasSuffix("tanh") {
                scores = linear(states, "attention.key", starts, tape)
                if let question {
                    scores = tape.sum(
                        scores,
                        tape.broadcast(
                            linear(question, "attention.question", each, tape), documents: starts))
                }
                scores = linear(tape.tanh(scores), "attention.score", starts, tape)
            } else if let question {
                scores = tape.scaled(
                    tape.productWithTranspose(
                        states, question, DocumentMatrices(left: starts, right: each)),
                    by: scale)
            } else {
                scores = tape.scaled(
                    linear(states, "attention.score", starts, tape), by: scale)
            }
            let attention = tape.softmax(
                scores, documents: starts, masked: allowed.map { !$0 })
            let context = tape.weightedSum(states, weights: attention, documents: starts)
            guard let question else { return linear(context, "output", each, tape) }
            let mixed = tape.sum(
                linear(context, "context", each, tape), linear(question, "question", each, tape))
            return linear(tape.tanh(mixed), "output", each, tape)
        }
    }

    /// The loss and its gradient with respect to the logits: Σ of weighted binary cross-entropies.
    private func binaryLoss(_ logits: [Float]) -> (loss: Double, gradient: [Float]) {
        var (loss, gradient) = (0.0, [Float]())
        for (logit, label) in zip(logits, recorded.labels) {
            let p = 1 / (1 + exp(-Double(logit)))
            let weight = label == 1 ? recorded.positive_weight : 1
            loss -= weight * log(label == 1 ? p : 1 - p)
            gradient.append(Float(weight * (p - label)))
        }
        return (loss, gradient)
    }

    private func pass(
        _ model: Model, _ name: String, on tape: Tape
    ) -> (loss: Double, logits: [Float]) {
        guard name.hasPrefix("pair") else {
            let logits = model(recorded.inputs, questions: nil, tape)
            let (loss, gradient) = binaryLoss(logits.value.values)
            let values = logits.value.values
            tape.backward(from: logits, seed: gradient)
            return (loss, values)
        }
        let logits = model(recorded.inputs, questions: recorded.questions, tape)
        let values = logits.value.values
        var (loss, seed) = (0.0, [Float]())
        let share = 1 / Double(recorded.answers.count)
        for (row, answer) in recorded.answers.enumerated() {
            let part = CrossEntropy.loss(values[(3 * row)..<(3 * row + 3)], label: answer)
            loss += share * part.loss
            seed += part.gradient.map { Float($0 * share) }
        }
        tape.backward(from: logits, seed: seed)
        return (loss, values)
    }

    @Test(arguments: singles + singles.map { "pair-\($0)" })
    func gradients(name: String) throws {
        let model = try Model(name, file, weights: .dense)
        let gradients = Gradients(for: model.parameters)
        gradients.begin()
        let tape = Tape(worker: Worker(), parameters: model.parameters, gradients: gradients)
        let (loss, logits) = pass(model, name, on: tape)
        gradients.finish()
        let expected = try #require(recorded.scalars["\(name).loss"])
        // Float32 against double precision, over some ten operations in a row.
        #expect(abs(loss - expected) < 5e-6 * expected)
        #expect(largestDifference(logits, try file.floats("\(name).logits")) < 5e-6)
        for (short, parameter) in model.byName {
            let expected = try file.floats("\(name).gradients.\(short)")
            let scale = max(0.1, expected.reduce(0) { max($0, abs($1)) })
            let difference = largestDifference(gradients[parameter], expected)
            #expect(difference < 1e-5 * scale, "\(short): \(difference) of \(scale)")
        }
    }

    @Test(arguments: singles, [1, 2])
    func adam(name: String, threads: Int) throws {
        let model = try Model(name, file, weights: .weight)
        let workers = Workers(threads: threads)
        var options = Adam.Options()
        (options.isAMSGrad, options.weightDecay) = (true, 1e-5)
        // The recordings are a later PyTorch's.
        options.epsilonFollowsCorrection = true
        let optimizer = Adam(
            parameters: model.parameters, workers: workers, options: options,
            weightDecay: { $0.name.hasPrefix("attention") ? 0 : nil })
        let gradients = ShardedGradients(parameters: model.parameters, workers: workers)
        for step in 1...3 {
            let loss = gradients.run(shards: 1) { _, tape in pass(model, name, on: tape).loss }[0]
            let expected = try #require(recorded.scalars["\(name).loss-before-step-\(step)"])
            #expect(abs(loss - expected) < 5e-6 * expected)
            _ = optimizer.step(gradients, rate: 1e-3)
            guard step != 2 else { continue }
            for (short, parameter) in model.byName {
                let expected = try file.floats("\(name).after-step-\(step).\(short)")
                let difference = largestDifference(
                    model.parameters[parameter].values, expected)
                // A step is 1e-3 whatever the gradient's size: a small gradient's rounding shows.
                #expect(difference < 5e-6, "\(short) after step \(step): \(difference)")
            }
        }
    }
}

import Encoders
import Randomness
import Saliency
import Tensors
import TestSupport
import Testing
import Tokenization

@Suite("What gradients are taken of, and where")
struct DifferentiationTests {
    private let workers = Workers(threads: 1)
    private let document = Recordings.document([2, 7, 11, 30, 8, 8, 3])

    private func model() -> SequenceClassifier {
        let configuration = EncoderConfiguration(
            hiddenSize: 24, layers: 2, heads: 3, intermediateSize: 40, vocabularySize: 50,
            maximumLength: 64)
        let model = SequenceClassifier(configuration, labels: ["a", "b", "c"])
        var generator = SeededGenerator(seed: 8)
        for parameter in model.parameters.all {
            for index in 0..<parameter.count {
                let draw = Float(Int(generator.next() % 2_001)) / 2_000 - 0.5
                model.parameters[parameter].pointer[index] =
                    parameter.name.hasSuffix("LayerNorm.weight") ? 1 + draw / 4 : draw
            }
        }
        return model
    }

    // Σ x · ∂f/∂x at αx is df/dα. The tolerance: float32's 1e-7 by 2h = 0.02, and h² = 1e-4 of the
    // third derivative. With other chunks, of the document's output.
    @Test(arguments: [0.3, 1] as [Float], [0, 1, 2])
    func theDerivativeAlongTheWordEmbeddings(scale: Float, label: Int) throws {
        try checkDerivative(scale, label, .none)
        try checkDerivative(scale, label, OtherChunks(count: 2, sum: [0.5, -1, 1.5]))
    }

    private func checkDerivative(_ scale: Float, _ label: Int, _ others: OtherChunks) throws {
        let model = model()
        func trace(_ output: Differentiation.Output, _ scale: Float) -> Trace {
            model.trace(
                [document], [.wordEmbeddings, .wordEmbeddingGradients],
                Differentiation(of: output, classes: [label], others: [others]),
                probe: { _ in WordEmbeddingScales([scale]) }, workers: workers
            ) { $1 }[0]
        }
        for output in [Differentiation.Output.logit, .probability] {
            let here = trace(output, scale)
            let x = try #require(here[.wordEmbeddings])
            let g = try #require(here[.wordEmbeddingGradients])
            let derivative = zip(x, g).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
            func value(_ scale: Float) -> Double {
                let logits = others.documentLogits(trace(output, scale).logits)
                return output == .logit
                    ? Double(logits[label]) : CrossEntropy.probabilities(logits)[label]
            }
            let step: Float = 0.01
            let difference = (value(scale + step) - value(scale - step)) / 0.02
            #expect(
                abs(derivative - difference) < 3e-3 * max(1, abs(difference)),
                "\(output): backward \(derivative), differences \(difference)")
            #expect(abs(derivative) > 1e-4)
        }
    }

    // Of a model that is sure, 1 - p has no digit left, but p's gradient still has its direction:
    // ∇p₀ = p₀ Σ_j p_j (∇z₀ - ∇z_j), here of p₁ alone.
    @Test(arguments: [20.0, 45, 60])
    func theGradientOfASureProbabilityKeepsItsDirection(gap: Double) throws {
        let model = model()
        func gradient(_ output: Differentiation.Output, _ label: Int) throws -> [Double] {
            let trace = model.trace(
                [document], [.wordEmbeddingGradients],
                Differentiation(
                    of: output, classes: [label],
                    others: [OtherChunks(count: 1, sum: [2 * gap, 0, -500])]), workers: workers
            ) { $1 }[0]
            return try #require(trace[.wordEmbeddingGradients]).map { Double($0) }
        }
        let expected = zip(try gradient(.logit, 0), try gradient(.logit, 1)).map { $0 - $1 }
        let found = try gradient(.probability, 0)
        func product(_ a: [Double], _ b: [Double]) -> Double {
            zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let cosine =
            product(found, expected)
            / (product(found, found) * product(expected, expected)).squareRoot()
        #expect(cosine > 1 - 1e-6)
    }

    @Test func aScaleOfOneChangesNothing() {
        let model = model()
        let plain = model.trace([document], [.wordEmbeddingGradients], workers: workers)[0]
        let scaled = model.trace(
            [document], [.wordEmbeddingGradients], probe: { _ in WordEmbeddingScales([1]) },
            workers: workers
        ) { $1 }[0]
        #expect(plain.logits == scaled.logits)
        #expect(plain[.wordEmbeddingGradients] == scaled[.wordEmbeddingGradients])
    }

    // The last layer's query bias acts on the logit through the [CLS] row of its attention alone:
    // ∂z/∂b_q = Σ_j α_j (g_j - Σ α g) k_j / √d, with g the gradient with respect to α.
    @Test func attentionsGradientExplainsWhatItsQueryDoes() throws {
        let model = model()
        let (hidden, size) = (24, 8)
        let trace = model.trace(
            [document],
            [
                .clsAttention(layer: 1), .clsAttentionGradients(layer: 1),
                .hiddenStates(layer: 1),
            ], Differentiation(classes: [2]), workers: workers
        ) { $1 }[0]
        let alpha = try #require(trace[.clsAttention(layer: 1)])
        let g = try #require(trace[.clsAttentionGradients(layer: 1)])
        let states = try #require(trace[.hiddenStates(layer: 1)])
        func tensor(_ name: String) throws -> Tensor {
            let whole = "bert.encoder.layer.1.attention.self." + name
            return model.parameters[
                try #require(model.parameters.all.first { $0.name == whole })]
        }
        let (weight, bias) = (try tensor("key.weight"), try tensor("key.bias"))
        let query = try tensor("query.bias")
        for place in 0..<hidden {
            let tokens = (0..<trace.tokens).map { place / size * trace.tokens + $0 }
            let mean = tokens.reduce(0.0) { $0 + Double(alpha[$1]) * Double(g[$1]) }
            var expected = 0.0
            for (token, at) in tokens.enumerated() {
                let key = (0..<hidden).reduce(Double(bias[0, place])) {
                    $0 + Double(weight[place, $1]) * Double(states[token * hidden + $1])
                }
                expected += Double(alpha[at]) * (Double(g[at]) - mean) * key
            }
            expected /= Double(size).squareRoot()
            func logit(_ step: Float) -> Double {
                let old = query.pointer[place]
                defer {
                    query.pointer[place] = old
                    model.parameters.changed()
                }
                query.pointer[place] = old + step
                model.parameters.changed()
                return Double(model.logits([document], workers: workers)[0][2])
            }
            let difference = (logit(0.02) - logit(-0.02)) / 0.04
            #expect(
                abs(expected - difference) < 2e-3,
                "query bias \(place): \(expected), differences \(difference)")
        }
        #expect(g.contains { abs($0) > 1e-2 })
    }
}

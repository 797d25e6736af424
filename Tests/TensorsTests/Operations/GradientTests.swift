import Testing

import Tensors
import TestSupport

@Suite("An operation's backward pass agrees with central differences")
struct GradientTests {
    /// Keys for `rows` rows, so that masks stay the same between runs.
    private func keys(_ rows: Int) -> [UInt64] {
        (0..<rows).map { Dropout.rowKey(seed: 3, step: 1, document: 5, position: $0) }
    }

    @Test func linear() {
        expectGradients(inputs: [(5, 7)], parameters: [[3, 7], [3]]) { tape, inputs, parameters in
            tape.linear(
                inputs[0], weight: parameters[0], bias: parameters[1], documents: [0, 2, 5])
        }
    }

    @Test func linearUsedTwiceAddsItsGradients() {
        expectGradients(inputs: [(4, 3)], parameters: [[3, 3], [3]]) { tape, inputs, parameters in
            let once = tape.linear(
                inputs[0], weight: parameters[0], bias: parameters[1], documents: [0, 4])
            return tape.linear(once, weight: parameters[0], bias: parameters[1], documents: [0, 4])
        }
    }

    @Test func gelu() {
        expectGradients(inputs: [(3, 19)], parameters: [[19]]) { tape, inputs, parameters in
            tape.gelu(inputs[0], bias: parameters[0])
        }
    }

    @Test func tanh() {
        expectGradients(inputs: [(3, 5)]) { tape, inputs, _ in tape.tanh(inputs[0]) }
    }

    // None of the drawn values lies within a difference of 0, where there is no derivative.
    @Test func relu() {
        expectGradients(inputs: [(3, 5)]) { tape, inputs, _ in tape.relu(inputs[0]) }
    }

    @Test func rowSelection() {
        expectGradients(inputs: [(6, 4)]) { tape, inputs, _ in
            tape.select(rows: [4, 0, 3], of: inputs[0])
        }
    }

    @Test func dropout() {
        let dropout = Dropout(keys: keys(6), site: 2, probability: 0.4)
        expectGradients(inputs: [(6, 11)]) { tape, inputs, _ in
            tape.dropout(inputs[0], dropout)
        }
    }

    @Test(arguments: [false, true])
    func residualLayerNorm(drops: Bool) {
        let dropout = drops ? Dropout(keys: keys(4), site: 1, probability: 0.3) : nil
        expectGradients(inputs: [(4, 18), (4, 18)], parameters: [[18], [18], [18]]) {
            tape, inputs, parameters in
            tape.residualLayerNorm(
                inputs[0], bias: parameters[0], residual: inputs[1], gamma: parameters[1],
                beta: parameters[2], epsilon: 1e-5, dropout: dropout)
        }
    }

    @Test(arguments: [false, true])
    func selfAttention(drops: Bool) {
        let starts = [0, 3, 4, 9]
        let dropout = drops ? Dropout(keys: keys(9), site: 4, probability: 0.3) : nil
        expectGradients(inputs: [(9, 18)]) { tape, inputs, _ in
            tape.attention(
                queries: AttentionInput(inputs[0], column: 0),
                keys: AttentionInput(inputs[0], column: 6),
                values: AttentionInput(inputs[0], column: 12), heads: 2, headSize: 3,
                queryStarts: starts, keyStarts: starts, dropout: dropout)
        }
    }

    @Test(arguments: [false, true])
    func attentionOfOneRowPerDocument(drops: Bool) {
        let dropout = drops ? Dropout(keys: keys(3), site: 4, probability: 0.3) : nil
        expectGradients(inputs: [(3, 6), (9, 12)]) { tape, inputs, _ in
            tape.attention(
                queries: AttentionInput(inputs[0], column: 0),
                keys: AttentionInput(inputs[1], column: 0),
                values: AttentionInput(inputs[1], column: 6), heads: 2, headSize: 3,
                queryStarts: [0, 1, 2, 3], keyStarts: [0, 3, 4, 9], dropout: dropout)
        }
    }

    // The result is linear in the probabilities, so that differences are exact but for rounding.
    @Test func attentionsProbabilities() {
        let (heads, size, starts) = (2, 3, [0, 3, 4, 9])
        let worker = Worker()
        let tape = Tape(
            worker: worker, parameters: Parameters(ParameterScope.Declarations()),
            isRecording: true)
        let input = worker.arena.tensor(rows: 9, columns: 18)
        input.pointer.update(from: draws(input.count, seed: 1), count: input.count)
        let all = Variable(input)
        var (probabilities, gradients): ([[Float]], [[Float]]) = ([], [])
        let out = tape.attention(
            queries: AttentionInput(all, column: 0), keys: AttentionInput(all, column: 6),
            values: AttentionInput(all, column: 12), heads: heads, headSize: size,
            queryStarts: starts, keyStarts: starts, dropout: nil,
            observe: { probabilities.append($1.values) },
            observeGradient: { gradients.append($1.values) })
        let weights = draws(out.value.count, seed: 77)
        tape.backward(from: out, seed: weights)
        #expect(gradients.count == 3)
        for (document, gradient) in gradients.enumerated() {
            let (first, n) = (starts[document], starts[document + 1] - starts[document])
            #expect(gradient.count == heads * n * n)
            /// Σ weight · (P V) over the document.
            func loss(_ p: [Float]) -> Double {
                var sum = 0.0
                for (place, probability) in p.enumerated() {
                    let (head, query, key) = (place / (n * n), place / n % n, place % n)
                    for column in (head * size)..<((head + 1) * size) {
                        sum +=
                            Double(probability) * Double(input[first + key, 12 + column])
                            * Double(weights[(first + query) * heads * size + column])
                    }
                }
                return sum
            }
            for place in gradient.indices {
                var (above, below) = (probabilities[document], probabilities[document])
                above[place] += 0.5
                below[place] -= 0.5
                #expect(
                    abs(Double(gradient[place]) - (loss(above) - loss(below))) < 1e-5,
                    "document \(document), probability \(place)")
            }
        }
    }

    // tanh's backward pass reads its result, which dropout must leave alone.
    @Test func dropoutAfterTanh() {
        let keys = keys(4)
        expectGradients(inputs: [(4, 6)], parameters: []) { tape, inputs, _ in
            tape.dropout(
                tape.tanh(inputs[0]), Dropout(keys: keys, site: 9, probability: 0.4))
        }
    }

    @Test func embedding() {
        let declarations = ParameterScope.Declarations()
        let scope = ParameterScope(declarations)
        let positions = scope.parameter("positions", [3, 2])
        let segments = scope.parameter("segments", [2, 2])
        let words = scope.parameter("words", [4, 2], kind: .table)
        let parameters = Parameters(declarations)
        let gradients = Gradients(for: parameters)
        gradients.begin()
        let tape = Tape(worker: Worker(), parameters: parameters, gradients: gradients)
        let sum = tape.embedding(
            words: words, positions: positions, segments: segments, wordIDs: [3, 1, 3],
            positionIDs: [0, 1, 0], segmentIDs: [0, 0, 1])
        tape.backward(from: sum, seed: [1, 2, 4, 8, 16, 32])
        gradients.finish()
        #expect(gradients[words] == [0, 0, 4, 8, 0, 0, 17, 34], "rows of words add up by id")
        #expect(gradients[positions] == [17, 34, 4, 8, 0, 0])
        #expect(gradients[segments] == [5, 10, 16, 32])
    }

    @Test func embeddingWithoutSegments() {
        let declarations = ParameterScope.Declarations()
        let scope = ParameterScope(declarations)
        let positions = scope.parameter("positions", [2, 2])
        let words = scope.parameter("words", [3, 2], kind: .table)
        let parameters = Parameters(declarations)
        parameters[positions].pointer.update(from: [1, 2, 3, 4], count: 4)
        parameters[words].pointer.update(from: [10, 20, 30, 40, 50, 60], count: 6)
        let gradients = Gradients(for: parameters)
        gradients.begin()
        let tape = Tape(worker: Worker(), parameters: parameters, gradients: gradients)
        let sum = tape.embedding(
            words: words, positions: positions, segments: nil, wordIDs: [2, 0],
            positionIDs: [0, 1], segmentIDs: [0, 1])
        #expect(sum.value.values == [51, 62, 13, 24])
        tape.backward(from: sum, seed: [1, 2, 4, 8])
        gradients.finish()
        #expect(gradients[words] == [4, 8, 0, 0, 1, 2])
        #expect(gradients[positions] == [1, 2, 4, 8])
    }

    @Test func crossEntropy() {
        let logits: [Float] = [0.3, -1.2, 2.5]
        let (loss, gradient) = CrossEntropy.loss(logits, label: 1)
        // -log(e^-1.2 / (e^0.3 + e^-1.2 + e^2.5)), by hand.
        #expect(abs(loss - 3.827_097) < 1e-5, "loss \(loss)")
        for index in logits.indices {
            var (above, below) = (logits, logits)
            above[index] += 1e-3
            below[index] -= 1e-3
            let difference =
                (CrossEntropy.loss(above, label: 1).loss - CrossEntropy.loss(below, label: 1).loss)
                / (Double(above[index]) - Double(below[index]))
            #expect(abs(difference - gradient[index]) < 1e-5, "logit \(index)")
        }
    }
}

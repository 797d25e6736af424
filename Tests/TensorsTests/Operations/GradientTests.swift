import Testing

import Tensors

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

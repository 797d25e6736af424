import Tensors

/// A bidirectional LSTM of one layer: hᵢ is the state of the forward direction at i beside that of the
/// backward direction, and `last` the states with which both end, forward at the end symbol, backward
/// at the start symbol. Both start from zeros. D = 2H.
package struct LSTMEncoder: WordEncoder {
    package static let name = "lstm"
    package let embedding: WordEmbedding
    /// D = 2H.
    package let hiddenSize: Int
    /// `rnn.…_l0`: from the first token to the last.
    let forward: RecurrentParameters
    /// `rnn.…_l0_reverse`: from the last to the first.
    let backward: RecurrentParameters

    /// Embeddings, and in each direction four gates, a cell and a state; then the head's.
    package static func passNumbers(_ shape: WordEncoderShape) -> Int {
        2 * shape.embeddingSize + 16 * shape.hiddenSize
    }

    package init(_ scope: ParameterScope, _ shape: WordEncoderShape) {
        embedding = WordEmbedding(scope, shape)
        hiddenSize = 2 * shape.hiddenSize
        (forward, backward) = (
            Self.direction(scope["rnn"], shape, "l0"),
            Self.direction(scope["rnn"], shape, "l0_reverse")
        )
    }

    private static func direction(
        _ scope: ParameterScope, _ shape: WordEncoderShape, _ suffix: String
    ) -> RecurrentParameters {
        RecurrentParameters(
            scope, gates: 4, inputs: shape.embeddingSize, hidden: shape.hiddenSize, suffix: suffix)
    }

    package func states(_ x: EmbeddedTokens, _ batch: PackedBatch, on tape: Tape) -> Variable {
        let (forward, backward) = directions(x, batch, on: tape)
        return tape.concatenation(columns: [forward, backward])
    }

    package func last(_ x: EmbeddedTokens, _ batch: PackedBatch, on tape: Tape) -> Variable {
        let (forward, backward) = directions(x, batch, on: tape)
        return tape.concatenation(columns: [
            tape.select(rows: batch.starts.dropFirst().map { $0 - 1 }, of: forward),
            tape.select(rows: Array(batch.starts.dropLast()), of: backward),
        ])
    }

    /// A direction's states before the token that is left out stay; its steps after it run anew.
    package func omissions(
        _ x: Variable, _ batch: PackedBatch, on tape: Tape
    ) -> OmissionStates {
        let runs = [
            LSTMOmission(x, forward, documents: batch.starts, on: tape),
            LSTMOmission(x, backward, documents: batch.starts, reversed: true, on: tape),
        ]
        let whole = tape.concatenation(columns: runs.map { Variable($0.states) })
        return OmissionStates(whole: whole) { shorter in
            let states = tape.tensor(rows: shorter.batch.tokens, columns: hiddenSize)
            for (direction, run) in runs.enumerated() {
                run.write(
                    leavingOut: shorter.omitted, to: states, column: direction * hiddenSize / 2)
            }
            return Variable(states)
        }
    }

    private func directions(
        _ x: EmbeddedTokens, _ batch: PackedBatch, on tape: Tape
    ) -> (forward: Variable, backward: Variable) {
        (
            tape.lstm(x.rows, forward, documents: batch.starts, places: x.places),
            tape.lstm(
                x.rows, backward, documents: batch.starts, reversed: true, places: x.places)
        )
    }

    /// Within ±1/√H, all weights and biases.
    package func initializeLayers(_ parameters: Parameters, seed: UInt64) {
        let bound = 1 / Double(hiddenSize / 2).squareRoot()
        for layer in [forward, backward] {
            for parameter in [
                layer.inputWeight, layer.recurrentWeight, layer.inputBias, layer.recurrentBias,
            ] {
                parameters.initialize(parameter, uniform: bound, seed: seed)
            }
        }
    }
}

import Tensors

/// A sequence-to-sequence model with one attention head (Snell et al. 2021, section 2; `SequenceCopying`
/// of `Sea-Snell/AttentionDynamics`): an LSTM reads the source, another one, from the state in which
/// the first ended, the target; each of its states d attends to the source's states h.
///
///     α = softmax over s of (Q d_t + q) · h_s,  c_t = P Σ α h_s + p,
///     p(word t) = softmax(O tanh(M [d_t; c_t] + m) + o).
///
/// Source and target share a vocabulary and its table, whose width is that of the states. With two
/// directions h, and the state in which the encoder ends, are the means of both directions'.
///
/// Outside of training a pair's numbers do not depend on the others or on the number of threads.
package final class SequenceToSequence: Sendable {
    /// The size of a model.
    package struct Shape: Sendable, Hashable {
        /// Ids lie below it.
        package var vocabularySize: Int
        /// Of a state, and of an embedding.
        package var hiddenSize: Int
        /// Whether the encoder reads the source in both directions.
        package var isBidirectional: Bool

        /// A size.
        package init(vocabularySize: Int, hiddenSize: Int = 256, isBidirectional: Bool = false) {
            self.vocabularySize = vocabularySize
            self.hiddenSize = hiddenSize
            self.isBidirectional = isBidirectional
        }
    }

    /// What the weights of attention are.
    package enum Attention: Sendable {
        /// Softmax of the scores.
        case learned
        /// 1 / n at each of n source positions; Q and q get no gradient.
        case uniform
    }

    /// Every number of the model, under the names that PyTorch's layers give them: `embedding`,
    /// `encoder`, `decoder`, `query` (Q), `project` (P), `mix` (M), `output` (O).
    package let parameters: Parameters
    /// The size.
    package let shape: Shape
    private let embedding: Parameter
    /// From the first word to the last, and of two directions from the last to the first.
    private let encoder: [RecurrentParameters]
    private let decoder: RecurrentParameters
    private let query, project, mix, output: LinearParameters

    /// A model whose parameters are all zero.
    package init(_ shape: Shape) {
        let declarations = ParameterScope.Declarations()
        let scope = ParameterScope(declarations)
        let width = shape.hiddenSize
        func recurrent(_ name: String, _ suffix: String = "l0") -> RecurrentParameters {
            RecurrentParameters(
                scope[name], gates: 4, inputs: width, hidden: width, suffix: suffix)
        }
        self.shape = shape
        embedding = scope["embedding"].parameter(
            "weight", [shape.vocabularySize, width], kind: .table)
        encoder =
            [recurrent("encoder")]
            + (shape.isBidirectional ? [recurrent("encoder", "l0_reverse")] : [])
        decoder = recurrent("decoder")
        query = LinearParameters(scope["query"], inputs: width, outputs: width)
        project = LinearParameters(scope["project"], inputs: width, outputs: width)
        mix = LinearParameters(scope["mix"], inputs: 2 * width, outputs: width)
        output = LinearParameters(
            scope["output"], inputs: width, outputs: shape.vocabularySize)
        parameters = Parameters(declarations)
    }

    /// New values for all parameters as PyTorch starts them, each from a stream of its own: the table
    /// from N(0, 1), LSTMs within ±1/√H, linear layers within ±1/√inputs.
    package func initialize(seed: UInt64) {
        parameters.initializeNormal(embedding, zeroRow: -1, seed: seed)
        for layer in encoder + [decoder] { layer.initialize(parameters, seed: seed) }
        for layer in [query, project, mix, output] { layer.initialize(parameters, seed: seed) }
    }

    /// The values of a pass over a batch.
    package struct Pass {
        /// h [source rows, H].
        package let states: Variable
        /// d [target rows, H].
        package let decoded: Variable
        /// α: of each pair a matrix [target rows, source rows], one after the other, as `matrices` says.
        package let attention: Variable
        /// Where each pair's weights lie.
        package let matrices: DocumentMatrices
        /// [target rows, vocabulary].
        package let logits: Variable
    }

    /// A pass over a batch, teacher forced: every word is predicted after the true words before it.
    package func callAsFunction(
        _ pairs: PackedPairs, _ attention: Attention = .learned, on tape: Tape
    ) -> Pass {
        let (h, last) = encode(pairs, on: tape)
        let (d, _) = tape.lstm(
            tape.embedding(table: embedding, ids: pairs.inputs), decoder,
            documents: pairs.targetStarts, from: last)
        let matrices = DocumentMatrices(left: pairs.targetStarts, right: pairs.sourceStarts)
        let weights =
            switch attention {
            case .learned:
                tape.softmax(
                    tape.productWithTranspose(
                        query(d, documents: pairs.targetStarts, on: tape), h, matrices),
                    documents: matrices.rowStarts)
            case .uniform: Self.uniform(matrices)
            }
        let c = project(
            tape.product(weights, h, matrices), documents: pairs.targetStarts, on: tape)
        return Pass(
            states: h, decoded: d, attention: weights, matrices: matrices,
            logits: logits(d, c, documents: pairs.targetStarts, on: tape))
    }

    /// h, and the state that the decoder starts from.
    private func encode(
        _ pairs: PackedPairs, on tape: Tape
    ) -> (states: Variable, last: LSTMState) {
        let x = tape.embedding(table: embedding, ids: pairs.sources)
        let directions = encoder.enumerated().map { index, layer in
            tape.lstm(
                x, layer, documents: pairs.sourceStarts, reversed: index == 1, from: nil)
        }
        guard directions.count == 2 else { return directions[0] }
        let (forward, backward) = (directions[0], directions[1])
        func mean(_ a: Variable, _ b: Variable) -> Variable {
            tape.scaled(tape.sum(a, b), by: 0.5)
        }
        return (
            mean(forward.states, backward.states),
            LSTMState(
                states: mean(forward.last.states, backward.last.states),
                cells: mean(forward.last.cells, backward.last.cells))
        )
    }

    /// O tanh(M [d; c] + m) + o.
    private func logits(
        _ d: Variable, _ c: Variable, documents: [Int], on tape: Tape
    ) -> Variable {
        let mixed = mix(tape.concatenation(columns: [d, c]), documents: documents, on: tape)
        return output(tape.tanh(mixed, inPlace: true), documents: documents, on: tape)
    }

    /// The same weight for every source row, of each pair.
    private static func uniform(_ matrices: DocumentMatrices) -> Variable {
        let rows = matrices.rowStarts
        let weights = zip(rows, rows.dropFirst()).flatMap { start, end in
            Array(repeating: 1 / Float(end - start), count: end - start)
        }
        return Variable(Tensor(weights, rows: weights.count, columns: 1))
    }

    /// One shard of a training step: forward, each pair's mean cross-entropy over its words, and
    /// backward with each pair's loss weighted by `weight`.
    ///
    /// - Returns: each pair's loss, not weighted.
    package func trainingPass(
        _ pairs: PackedPairs, _ attention: Attention = .learned, weight: Double, on tape: Tape
    ) -> [Double] {
        let logits = self(pairs, attention, on: tape).logits
        var seed = [Float](repeating: 0, count: logits.rows * logits.columns)
        let losses = (0..<pairs.count).map { pair in
            let rows = pairs.targets(pair)
            let share = 1 / Double(rows.count)
            return rows.reduce(0) { sum, row in
                let loss = CrossEntropy.loss(
                    logits.value.elements(ofRow: row), label: Int(pairs.words[row])
                ) { seed[row * logits.columns + $0] = Float($1 * share * weight) }
                return sum + loss * share
            }
        }
        tape.backward(from: logits, seed: seed)
        return losses
    }

    /// The logits of each source position alone: those of one-hot attention at each row of a pair.
    ///
    /// M [d; c] is the sum of what M makes of d and of c, so that M's products are those of targets and
    /// sources, and not of both together.
    ///
    /// - Parameters:
    ///   - pass: over `pairs`.
    ///   - pair: its number.
    /// - Returns: [target rows · source rows, vocabulary], a target row's after those of the one before.
    func oneHotLogits(_ pass: Pass, _ pairs: PackedPairs, pair: Int, on tape: Tape) -> Variable {
        let sources = Array(pairs.sourceStarts[pair]..<pairs.sourceStarts[pair + 1])
        let targets = Array(pairs.targets(pair))
        func zeros(_ rows: Int) -> Variable {
            Variable(
                Tensor(
                    storage: Storage(count: rows * shape.hiddenSize), offset: 0, rows: rows,
                    columns: shape.hiddenSize))
        }
        let d = tape.select(rows: targets, of: pass.decoded)
        let ofTargets = mix(
            tape.concatenation(columns: [d, zeros(targets.count)]),
            documents: [0, targets.count], on: tape)
        let c = project(
            tape.select(rows: sources, of: pass.states), documents: [0, sources.count], on: tape)
        let ofSources = tape.linear(
            tape.concatenation(columns: [zeros(sources.count), c]), weight: mix.weight, bias: nil,
            documents: [0, sources.count])
        let mixed = tape.sum(
            tape.select(
                rows: targets.indices.flatMap { Array(repeating: $0, count: sources.count) },
                of: ofTargets),
            tape.select(rows: targets.flatMap { _ in Array(sources.indices) }, of: ofSources))
        return output(
            tape.tanh(mixed, inPlace: true), documents: [0, mixed.rows], on: tape)
    }
}

extension RecurrentParameters {
    /// New values within ±1/√H, weights and biases: PyTorch's.
    func initialize(_ parameters: Parameters, seed: UInt64) {
        for parameter in [inputWeight, recurrentWeight, inputBias, recurrentBias] {
            parameters.initialize(parameter, uniform: 1 / Double(hidden).squareRoot(), seed: seed)
        }
    }
}

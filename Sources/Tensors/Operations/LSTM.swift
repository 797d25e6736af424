import CKernels

extension Tape {
    /// A long short-term memory (Hochreiter & Schmidhuber 1997; PyTorch's `LSTM`, one layer, one
    /// direction) over each document's rows, from a state of zeros:
    ///
    ///     i, f, o = σ(W x + b + U h' + b'),  g = tanh(W x + b + U h' + b'),
    ///     c = f c' + i g,  h = o tanh(c),
    ///
    /// with the rows of W, U, b and b' in the order i, f, g, o.
    ///
    /// All documents take a step together. The input's product, and the gradients of all four
    /// parameters, are one product, or one sum, over all steps.
    ///
    /// - Parameters:
    ///   - x: [rows, inputs].
    ///   - layer: its parameters, with 4 gates.
    ///   - documents: where each document's rows begin, and the end.
    ///   - reversed: from each document's last row to its first.
    /// - Returns: h [rows, hidden], in the order of `x`: the last state of a document is its last row,
    ///   reversed its first.
    /// - Complexity: O(rows · hidden · (inputs + hidden)).
    package func lstm(
        _ x: Variable, _ layer: RecurrentParameters, documents: [Int], reversed: Bool = false
    ) -> Variable {
        checkDocuments(documents, cover: x)
        layer.check(gates: 4, name: "an LSTM")
        let hidden = layer.hidden
        let inputs = linear(
            x, weight: layer.inputWeight, bias: layer.inputBias, documents: documents)
        let gates = inputs.take()
        let schedule = RecurrentSchedule(documents: documents, reversed: reversed)
        let (states, cells) = lstmStates(gates, layer, schedule)
        let out = Variable(states)
        record { tape in
            guard let dOut = out.gradient else { return }
            let (dGates, _) = tape.destination(inputs)
            let mark = tape.worker.arena.mark
            let product = RecurrentProduct(tape: tape, weight: layer.recurrentWeight)
            let dNext = RecurrentProduct.rows(schedule.width, columns: hidden, on: tape)
            let dCells = RecurrentProduct.rows(schedule.width, columns: hidden, on: tape)
            let dStep = RecurrentProduct.rows(schedule.width, columns: 4 * hidden, on: tape)
            for step in schedule.rows.indices.reversed() {
                tape.worker.measure(.elementwise) {
                    schedule.withRows(step) {
                        warrant_lstm_backward(
                            $0, hidden, $1, $2, gates.pointer, cells.pointer, dOut.pointer,
                            dNext.pointer, dCells.pointer, dGates.pointer, dStep.pointer)
                    }
                }
                if step > 0 { schedule.backward(step, product, dStep, into: dNext) }
            }
            tape.worker.arena.rewind(to: mark)
            tape.recurrentGradients(layer, schedule, states: states, gates: dGates)
        }
        return out
    }

    /// Runs all steps.
    ///
    /// - Parameter gates: the input's part [rows, 4 · hidden], replaced by i, f, g, o.
    /// - Returns: h and c [rows, hidden].
    func lstmStates(
        _ gates: Tensor, _ layer: RecurrentParameters, _ schedule: RecurrentSchedule
    ) -> (states: Tensor, cells: Tensor) {
        let hidden = layer.hidden
        let states = tensor(rows: gates.rows, columns: hidden)
        let cells = tensor(rows: gates.rows, columns: hidden)
        let product = RecurrentProduct(tape: self, weight: layer.recurrentWeight)
        let last = RecurrentProduct.rows(schedule.width, columns: hidden, on: self)
        let recurrent = RecurrentProduct.rows(schedule.width, columns: 4 * hidden, on: self)
        let bias = parameters[layer.recurrentBias].pointer
        for step in schedule.rows.indices {
            if step > 0 {
                product.forward(last, rows: schedule.rows[step].count, into: recurrent)
            }
            worker.measure(.elementwise) {
                schedule.withRows(step) {
                    warrant_lstm_forward(
                        $0, hidden, $1, $2, gates.pointer, step > 0 ? recurrent.pointer : nil, bias,
                        cells.pointer, states.pointer, last.pointer)
                }
            }
        }
        return (states, cells)
    }
}

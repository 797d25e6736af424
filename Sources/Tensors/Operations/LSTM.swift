import CKernels

/// The state of an LSTM between two steps, of each document.
package struct LSTMState {
    /// h [documents, hidden].
    package let states: Variable
    /// c [documents, hidden].
    package let cells: Variable

    /// A state of any origin.
    package init(states: Variable, cells: Variable) {
        precondition(
            states.rows == cells.rows && states.columns == cells.columns,
            "a cell for every state")
        self.states = states
        self.cells = cells
    }
}

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
    ///   - places: the row of `x` that each row of the documents reads, so that a word that stands in
    ///     several places is multiplied once; nil: its own.
    /// - Returns: h [rows, hidden], in the documents' order: the last state of a document is its last
    ///   row, reversed its first.
    /// - Complexity: O(rows · hidden · (inputs + hidden)).
    package func lstm(
        _ x: Variable, _ layer: RecurrentParameters, documents: [Int], reversed: Bool = false,
        places: [Int]? = nil
    ) -> Variable {
        let inputs = inputs(x, layer, documents, places)
        return steps(inputs, layer, documents, reversed: reversed, from: nil).states
    }

    /// The same from a state of the caller's, such as an encoder's last one: a decoder.
    ///
    /// - Parameters:
    ///   - documents: where each document's rows begin, and the end; every document has a row.
    ///   - start: the state before each document's first step; nil: zeros.
    /// - Returns: h [rows, hidden], and the state after each document's last step.
    package func lstm(
        _ x: Variable, _ layer: RecurrentParameters, documents: [Int], reversed: Bool = false,
        from start: LSTMState?
    ) -> (states: Variable, last: LSTMState) {
        let ranges = zip(documents, documents.dropFirst())
        precondition(ranges.allSatisfy { $0 < $1 }, "a document without rows has no last state")
        precondition(
            start.map { $0.states.rows == documents.count - 1 } ?? true,
            "a state for each document")
        let (states, cells) = steps(
            inputs(x, layer, documents, nil), layer, documents, reversed: reversed, from: start)
        let last = select(rows: ranges.map { reversed ? $0 : $1 - 1 }, of: states)
        return (states, LSTMState(states: last, cells: cells))
    }

    /// W x + b of each row [rows, 4 · hidden].
    private func inputs(
        _ x: Variable, _ layer: RecurrentParameters, _ documents: [Int], _ places: [Int]?
    ) -> Variable {
        layer.check(gates: 4, name: "an LSTM")
        guard let places else {
            checkDocuments(documents, cover: x)
            return linear(
                x, weight: layer.inputWeight, bias: layer.inputBias, documents: documents)
        }
        let products = linear(
            x, weight: layer.inputWeight, bias: layer.inputBias, documents: [0, x.rows])
        let inputs = select(rows: places, of: products)
        checkDocuments(documents, cover: inputs)
        return inputs
    }

    /// All steps.
    ///
    /// - Parameter inputs: W x + b, which is overwritten.
    /// - Returns: h [rows, hidden], and c after the last step [documents, hidden], zeros for a document
    ///   without rows.
    private func steps(
        _ inputs: Variable, _ layer: RecurrentParameters, _ documents: [Int], reversed: Bool,
        from start: LSTMState?
    ) -> (states: Variable, cells: Variable) {
        let hidden = layer.hidden
        let gates = inputs.take()
        let schedule = RecurrentSchedule(
            documents: documents, reversed: reversed, startRow: start.map { _ in inputs.rows })
        let (states, cells) = lstmStates(gates, layer, schedule, from: start)
        let out = Variable(states)
        let end = Variable(tensor(rows: documents.count - 1, columns: hidden))
        end.value.clear()
        for (document, (first, next)) in zip(documents, documents.dropFirst()).enumerated()
        where first < next {
            end.value.row(document).update(
                from: cells.row(reversed ? first : next - 1), count: hidden)
        }
        record { tape in
            guard out.gradient != nil || end.gradient != nil else { return }
            let dOut = tape.accumulator(out)
            let (dGates, _) = tape.destination(inputs)
            let dStart = start.map {
                (states: tape.accumulator($0.states), cells: tape.accumulator($0.cells))
            }
            let mark = tape.worker.arena.mark
            let product = RecurrentProduct(tape: tape, weight: layer.recurrentWeight)
            let dNext = RecurrentProduct.rows(schedule.width, columns: hidden, on: tape)
            let dCells = RecurrentProduct.rows(schedule.width, columns: hidden, on: tape)
            let dStep = RecurrentProduct.rows(schedule.width, columns: 4 * hidden, on: tape)
            if let dEnd = end.gradient {
                // A document's row stays as it is until its last step comes.
                for (slot, document) in schedule.order.prefix(schedule.width).enumerated() {
                    dCells.row(slot).update(from: dEnd.row(document), count: hidden)
                }
            }
            for step in schedule.rows.indices.reversed() {
                tape.worker.measure(.elementwise) {
                    schedule.withRows(step) {
                        warrant_lstm_backward(
                            $0, hidden, $1, $2, gates.pointer, cells.pointer, dOut,
                            dNext.pointer, dCells.pointer, dGates.pointer, dStep.pointer)
                    }
                }
                if step > 0 {
                    schedule.backward(step, product, dStep, into: dNext)
                } else if let dStart {
                    product.backward(dStep, rows: schedule.width, into: dNext)
                    for (slot, document) in schedule.order.enumerated() {
                        let place = document * hidden
                        warrant_add(dStart.states + place, dNext.row(slot), hidden)
                        warrant_add(dStart.cells + place, dCells.row(slot), hidden)
                    }
                }
            }
            tape.worker.arena.rewind(to: mark)
            tape.recurrentGradients(
                layer, schedule, states: states, start: start?.states.value, gates: dGates)
        }
        return (out, end)
    }

    /// Runs all steps.
    ///
    /// - Parameters:
    ///   - gates: the input's part [rows, 4 · hidden], replaced by i, f, g, o.
    ///   - start: h and c before the first step; nil: zeros.
    /// - Returns: h [rows, hidden], and c, with those before the first step behind the others.
    func lstmStates(
        _ gates: Tensor, _ layer: RecurrentParameters, _ schedule: RecurrentSchedule,
        from start: LSTMState? = nil
    ) -> (states: Tensor, cells: Tensor) {
        let hidden = layer.hidden
        let states = tensor(rows: gates.rows, columns: hidden)
        let cells = tensor(rows: gates.rows + (start?.cells.rows ?? 0), columns: hidden)
        let product = RecurrentProduct(tape: self, weight: layer.recurrentWeight)
        let last = RecurrentProduct.rows(schedule.width, columns: hidden, on: self)
        let recurrent = RecurrentProduct.rows(schedule.width, columns: 4 * hidden, on: self)
        let bias = parameters[layer.recurrentBias].pointer
        if let start {
            cells.row(gates.rows).update(
                from: start.cells.value.pointer, count: start.cells.value.count)
            for (slot, document) in schedule.order.enumerated() {
                last.row(slot).update(from: start.states.value.row(document), count: hidden)
            }
        }
        for step in schedule.rows.indices {
            let hasState = step > 0 || start != nil
            if hasState {
                product.forward(last, rows: schedule.rows[step].count, into: recurrent)
            }
            worker.measure(.elementwise) {
                schedule.withRows(step) {
                    warrant_lstm_forward(
                        $0, hidden, $1, $2, gates.pointer, hasState ? recurrent.pointer : nil, bias,
                        cells.pointer, states.pointer, last.pointer)
                }
            }
        }
        return (states, cells)
    }
}

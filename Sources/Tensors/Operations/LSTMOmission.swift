import CKernels

/// One direction of an LSTM over documents, and over the same documents each without one of its rows.
///
/// Up to the row that is left out the states are those of the whole document; from there on the steps
/// run anew, those of many documents together. The input's product is shared by all. So what is left is
/// half of the recurrent steps on average, and where a product of rows gives a row the same bits in any
/// company (`warrant_matmul_is_row_invariant`) the states have the bits of a pass over the shorter
/// document.
///
/// For passes that do not record.
package struct LSTMOmission {
    /// h of the whole documents [rows, hidden].
    package let states: Tensor
    private let tape: Tape
    private let layer: RecurrentParameters
    private let documents: [Int]
    private let reversed: Bool
    /// W x + b of the whole documents [rows, 4 · hidden].
    private let inputs: Tensor
    /// c of the whole documents [rows, hidden].
    private let cells: Tensor

    /// Runs over the whole documents.
    ///
    /// - Parameters:
    ///   - x: [rows, inputs].
    ///   - layer: its parameters, with 4 gates.
    ///   - documents: where each document's rows begin, and the end.
    ///   - reversed: from each document's last row to its first.
    package init(
        _ x: Variable, _ layer: RecurrentParameters, documents: [Int], reversed: Bool = false,
        on tape: Tape
    ) {
        precondition(!tape.isRecording, "what is left out has no gradient")
        tape.checkDocuments(documents, cover: x)
        layer.check(gates: 4, name: "an LSTM")
        inputs =
            tape.linear(
                x, weight: layer.inputWeight, bias: layer.inputBias, documents: documents
            ).value
        (states, cells) = tape.lstmStates(
            tape.copy(inputs), layer, RecurrentSchedule(documents: documents, reversed: reversed))
        self.tape = tape
        self.layer = layer
        self.documents = documents
        self.reversed = reversed
    }

    /// A document without a row, and where its run goes on.
    private struct Omission {
        /// The row that the steps after it begin next to.
        let row: Int
        /// How many steps run anew.
        let steps: Int
        /// Where the state of the first of them goes.
        let place: Int
    }

    /// Writes h of documents each without a row.
    ///
    /// - Parameters:
    ///   - rows: what is left out, one row a document; a document may be named any number of times.
    ///   - out: [Σ over `rows` of its document's rows - 1, columns]: the shorter documents one after the
    ///     other.
    ///   - column: the first of `hidden` columns that are written.
    /// - Complexity: O(Σ over `rows` of the rows behind it · hidden²).
    package func write(leavingOut rows: [Int], to out: Tensor, column: Int) {
        let mark = tape.worker.arena.mark
        run(keepStates(rows, out, column), out, column)
        tape.worker.arena.rewind(to: mark)
    }

    /// Copies the states that stay; returns what runs anew, the longest run first.
    private func keepStates(_ rows: [Int], _ out: Tensor, _ column: Int) -> [Omission] {
        precondition(column + layer.hidden <= out.columns, "the columns are there")
        var first = 0
        var omissions: [Omission] = []
        for row in rows {
            precondition(row >= 0 && row < states.rows, "no row \(row)")
            let (start, end) = bounds(row)
            precondition(first + end - start - 1 <= out.rows, "a place for every row")
            let kept = reversed ? (row + 1)..<end : start..<row
            for from in kept {
                let to = first + from - start - (reversed ? 1 : 0)
                (out.row(to) + column).update(from: states.row(from), count: layer.hidden)
            }
            // In the shorter document the row before keeps its place, and the one behind moves up.
            omissions.append(
                Omission(
                    row: row, steps: reversed ? row - start : end - row - 1,
                    place: first + row - start - (reversed ? 1 : 0)))
            first += end - start - 1
        }
        return omissions.enumerated().sorted {
            ($1.element.steps, $0.offset) < ($0.element.steps, $1.offset)
        }.map(\.element)
    }

    private func run(_ omissions: [Omission], _ out: Tensor, _ column: Int) {
        let (count, hidden, step) = (omissions.count, layer.hidden, reversed ? -1 : 1)
        guard let longest = omissions.first?.steps, longest > 0 else { return }
        let product = RecurrentProduct(tape: tape, weight: layer.recurrentWeight)
        let last = RecurrentProduct.rows(count, columns: hidden, on: tape)
        let recurrent = RecurrentProduct.rows(count, columns: 4 * hidden, on: tape)
        let bias = tape.parameters[layer.recurrentBias].pointer
        // A step's rows lie in one half, those of the step before in the other.
        let gates = tape.tensor(rows: 2 * count, columns: 4 * hidden)
        let own = tape.tensor(rows: 2 * count, columns: hidden)
        let ownCells = tape.tensor(rows: 2 * count, columns: hidden)
        for (index, omission) in omissions.enumerated() {
            let (before, bounds) = (omission.row - step, bounds(omission.row))
            // A document that begins with what is left out begins with zeros.
            if before >= bounds.start && before < bounds.end {
                last.row(index).update(from: states.row(before), count: hidden)
                ownCells.row(count + index).update(from: cells.row(before), count: hidden)
            } else {
                ownCells.row(count + index).update(repeating: 0, count: hidden)
            }
        }
        let halves = [0, 1].map { half in (0..<count).map { Int32(half * count + $0) } }
        var active = count
        for number in 0..<longest {
            while omissions[active - 1].steps <= number { active -= 1 }
            product.forward(last, rows: active, into: recurrent)
            let half = number % 2
            for (index, omission) in omissions.prefix(active).enumerated() {
                gates.row(half * count + index).update(
                    from: inputs.row(omission.row + step * (number + 1)), count: 4 * hidden)
            }
            tape.worker.measure(.elementwise) {
                warrant_lstm_forward(
                    active, hidden, halves[half], halves[1 - half], gates.pointer,
                    recurrent.pointer, bias, ownCells.pointer, own.pointer, last.pointer)
            }
            for (index, omission) in omissions.prefix(active).enumerated() {
                (out.row(omission.place + step * number) + column)
                    .update(from: last.row(index), count: hidden)
            }
        }
    }

    /// Where the row's document begins and ends.
    private func bounds(_ row: Int) -> (start: Int, end: Int) {
        var (low, high) = (0, documents.count - 1)
        while high - low > 1 {
            let middle = (low + high) / 2
            if documents[middle] <= row { low = middle } else { high = middle }
        }
        return (documents[low], documents[high])
    }
}

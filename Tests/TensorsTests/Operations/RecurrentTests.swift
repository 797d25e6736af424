import Testing

import Tensors
import TestSupport

@Suite("Recurrent layers", .serialized)
struct RecurrentTests {
    /// Documents of 3, 0, 1, 5 and 5 rows.
    private static let starts = [0, 3, 3, 4, 9, 14]

    private func layer(
        _ tape: Tape, _ cell: Cell, _ x: Variable, _ p: [Parameter], _ documents: [Int],
        reversed: Bool
    ) -> Variable {
        let layer = RecurrentParameters(
            inputWeight: p[0], recurrentWeight: p[1], inputBias: p[2], recurrentBias: p[3])
        return cell == .lstm
            ? tape.lstm(x, layer, documents: documents, reversed: reversed)
            : tape.gru(x, layer, documents: documents, reversed: reversed)
    }

    enum Cell: Int, CaseIterable, CustomTestStringConvertible {
        case lstm = 4
        case gru = 3
        var gates: Int { rawValue }
        var testDescription: String { self == .lstm ? "LSTM" : "GRU" }
    }

    @Test(arguments: Cell.allCases, [false, true])
    func gradients(cell: Cell, reversed: Bool) {
        let (hidden, inputs) = (3, 2)
        let size = cell.gates * hidden
        expectGradients(
            inputs: [(14, inputs)], parameters: [[size, inputs], [size, hidden], [size], [size]]
        ) { tape, x, p in
            layer(tape, cell, x[0], p, Self.starts, reversed: reversed)
        }
    }

    @Test("two layers, used twice, forward and back", arguments: Cell.allCases)
    func stacked(cell: Cell) {
        let size = cell.gates * 2
        expectGradients(
            inputs: [(6, 2)], parameters: [[size, 2], [size, 2], [size], [size]]
        ) { tape, x, p in
            let forward = layer(tape, cell, x[0], p, [0, 4, 6], reversed: false)
            let back = layer(tape, cell, forward, p, [0, 4, 6], reversed: true)
            return [tape.concatenation(columns: [forward, back])]
        }
    }

    @Test("states and cells after the last step, from a given state", arguments: [false, true])
    func decoder(reversed: Bool) {
        let (hidden, inputs, documents) = (3, 2, [0, 2, 3, 7])
        expectGradients(
            inputs: [(7, inputs), (3, hidden), (3, hidden)],
            parameters: [[4 * hidden, inputs], [4 * hidden, hidden], [4 * hidden], [4 * hidden]]
        ) { tape, x, p in
            let (states, last) = tape.lstm(
                x[0],
                RecurrentParameters(
                    inputWeight: p[0], recurrentWeight: p[1], inputBias: p[2],
                    recurrentBias: p[3]),
                documents: documents, reversed: reversed,
                from: LSTMState(states: x[1], cells: x[2]))
            return [states, last.states, last.cells]
        }
        // The cells alone carry a gradient back, too.
        expectGradients(
            inputs: [(7, inputs), (3, hidden), (3, hidden)],
            parameters: [[4 * hidden, inputs], [4 * hidden, hidden], [4 * hidden], [4 * hidden]]
        ) { tape, x, p in
            tape.lstm(
                x[0],
                RecurrentParameters(
                    inputWeight: p[0], recurrentWeight: p[1], inputBias: p[2],
                    recurrentBias: p[3]),
                documents: documents, reversed: reversed,
                from: LSTMState(states: x[1], cells: x[2])
            ).last.cells
        }
    }

    @Test(
        "a document read in two parts, the second from the first's last state, gives its states",
        arguments: [false, true])
    func continued(reversed: Bool) {
        let (hidden, inputs) = (5, 3)
        let declarations = ParameterScope.Declarations()
        let declared = RecurrentParameters(
            ParameterScope(declarations), gates: 4, inputs: inputs, hidden: hidden)
        let parameters = Parameters(declarations)
        for (index, parameter) in parameters.all.enumerated() {
            parameters[parameter].pointer.update(
                from: draws(parameter.count, seed: UInt64(index) + 7), count: parameter.count)
        }
        let worker = Worker()
        let tape = Tape(worker: worker, parameters: parameters)
        let x = worker.arena.tensor(rows: 9, columns: inputs)
        x.pointer.update(from: draws(x.count, seed: 1), count: x.count)
        let all = Variable(x)
        // Two documents, of 4 and 5 rows, cut behind 1 and 3 rows.
        let whole = tape.lstm(all, declared, documents: [0, 4, 9], reversed: reversed)
        let cuts = (early: [0, 4, 5, 6], late: [1, 2, 3, 7, 8])
        let starts = (early: [0, 1, 4], late: [0, 3, 5])
        let (first, second) =
            reversed
            ? ((cuts.late, starts.late), (cuts.early, starts.early))
            : ((cuts.early, starts.early), (cuts.late, starts.late))
        let head = tape.lstm(
            tape.select(rows: first.0, of: all), declared, documents: first.1, reversed: reversed,
            from: nil)
        let rest = tape.lstm(
            tape.select(rows: second.0, of: all), declared, documents: second.1,
            reversed: reversed, from: head.last)
        let expected = [first.0, second.0].map { tape.select(rows: $0, of: whole).value.values }
        #expect(largestDifference(head.states.value.values, expected[0]) < 1e-6)
        #expect(largestDifference(rest.states.value.values, expected[1]) < 1e-6)
    }

    /// The recurrence as the formula has it, in double precision, for one document.
    private func reference(
        _ cell: Cell, _ x: [[Double]], _ p: [[Double]], hidden: Int
    ) -> [[Double]] {
        func exp(_ x: Double) -> Double {
            // e^x = (e^(x / 2^10))^(2^10), by Taylor.
            let small = x / 1_024
            var (term, sum) = (1.0, 1.0)
            for n in 1...12 {
                term *= small / Double(n)
                sum += term
            }
            for _ in 0..<10 { sum *= sum }
            return sum
        }
        func sigma(_ x: Double) -> Double { 1 / (1 + exp(-x)) }
        func tanh(_ x: Double) -> Double { 2 * sigma(2 * x) - 1 }
        func affine(_ weight: [Double], _ bias: [Double], _ x: [Double]) -> [Double] {
            bias.indices.map { row in
                x.indices.reduce(bias[row]) { $0 + weight[row * x.count + $1] * x[$1] }
            }
        }
        var h = [Double](repeating: 0, count: hidden)
        var c = h
        return x.map { row in
            let (a, b) = (affine(p[0], p[2], row), affine(p[1], p[3], h))
            for j in 0..<hidden {
                if cell == .lstm {
                    let s = (0..<4).map { a[$0 * hidden + j] + b[$0 * hidden + j] }
                    c[j] = sigma(s[1]) * c[j] + sigma(s[0]) * tanh(s[2])
                    h[j] = sigma(s[3]) * tanh(c[j])
                } else {
                    let r = sigma(a[j] + b[j])
                    let z = sigma(a[hidden + j] + b[hidden + j])
                    let n = tanh(a[2 * hidden + j] + r * b[2 * hidden + j])
                    h[j] = (1 - z) * n + z * h[j]
                }
            }
            return h
        }
    }

    @Test("states are those of the formula", arguments: Cell.allCases, [false, true])
    func formula(cell: Cell, reversed: Bool) {
        let (hidden, inputs) = (37, 11)
        let size = cell.gates * hidden
        let declarations = ParameterScope.Declarations()
        let declared = RecurrentParameters(
            ParameterScope(declarations)["rnn"], gates: cell.gates, inputs: inputs,
            hidden: hidden)
        let handles = [
            declared.inputWeight, declared.recurrentWeight, declared.inputBias,
            declared.recurrentBias,
        ]
        #expect(handles.map(\.name).first == "rnn.weight_ih_l0")
        #expect(handles[1].shape == [size, hidden])
        let parameters = Parameters(declarations)
        for (index, handle) in handles.enumerated() {
            parameters[handle].pointer.update(
                from: draws(handle.count, seed: UInt64(index) + 7), count: handle.count)
        }
        let p = handles.map { parameters[$0].values.map { Double($0) } }
        let worker = Worker()
        let tape = Tape(worker: worker, parameters: parameters)
        let tensor = worker.arena.tensor(rows: 14, columns: inputs)
        tensor.pointer.update(from: draws(tensor.count, seed: 1, scale: 4), count: tensor.count)
        let states = layer(tape, cell, Variable(tensor), handles, Self.starts, reversed: reversed)
        for (start, end) in zip(Self.starts, Self.starts.dropFirst()) {
            var rows = Array(start..<end)
            if reversed { rows.reverse() }
            let x = rows.map { row in (0..<inputs).map { Double(tensor[row, $0]) } }
            let expected = reference(cell, x, p, hidden: hidden)
            for (step, row) in rows.enumerated() {
                for column in 0..<hidden {
                    // 48 products and 5 steps, each rounded to within 6e-8.
                    #expect(
                        abs(Double(states.value[row, column]) - expected[step][column]) < 5e-6,
                        "row \(row), column \(column)")
                }
            }
        }
    }

    @Test(
        "a document gives the same bits alone and in a batch, gradients included",
        arguments: Cell.allCases, Precision.available)
    func company(cell: Cell, precision: Precision) throws {
        let (hidden, inputs) = (64, 32)
        let declarations = ParameterScope.Declarations()
        let declared = RecurrentParameters(
            ParameterScope(declarations), gates: cell.gates, inputs: inputs, hidden: hidden)
        let handles = [
            declared.inputWeight, declared.recurrentWeight, declared.inputBias,
            declared.recurrentBias,
        ]
        let parameters = Parameters(declarations)
        for (index, handle) in handles.enumerated() {
            parameters[handle].pointer.update(
                from: draws(handle.count, seed: UInt64(index) + 7, scale: 0.3),
                count: handle.count)
        }
        let lengths = (0..<40).map { 1 + $0 * $0 % 23 }
        let starts = lengths.reduce(into: [0]) { $0.append(($0.last ?? 0) + $1) }
        let values = draws(starts[40] * inputs, seed: 1)
        let worker = Worker(precision: precision)
        func run(
            _ first: Int, _ last: Int, reversed: Bool, packs: Bool
        ) throws -> ([Float], [Float]) {
            worker.arena.rewind()
            let tape = Tape(
                worker: worker, parameters: parameters, isRecording: !packs, packsWeights: packs)
            let documents = starts[first...last].map { $0 - starts[first] }
            let rows = starts[last] - starts[first]
            let x = worker.arena.tensor(rows: rows, columns: inputs)
            let from = starts[first] * inputs
            x.pointer.update(
                from: Array(values[from..<(from + x.count)]), count: x.count)
            let variable = Variable(x)
            let states = layer(tape, cell, variable, handles, documents, reversed: reversed)
            let result = states.value.values
            if packs { return (result, []) }
            tape.backward(
                from: states,
                seed: Array(repeating: 0.25, count: states.value.count))
            return (result, try #require(variable.gradient).values)
        }
        for (reversed, packs) in [(false, false), (true, false), (false, true)] {
            let together = try run(0, 40, reversed: reversed, packs: packs)
            let alone = try (0..<40).map {
                try run($0, $0 + 1, reversed: reversed, packs: packs)
            }
            #expect(alone.flatMap(\.0) == together.0, "states")
            // Products in bfloat16 go over a whole batch; in float32 over each document.
            if precision == .fp32 {
                #expect(alone.flatMap(\.1) == together.1, "gradients")
            }
        }
    }
}

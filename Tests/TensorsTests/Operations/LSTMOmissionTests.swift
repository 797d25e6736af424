import CKernels
import Tensors
import TestSupport
import Testing

@Suite("Documents without one of their rows")
struct LSTMOmissionTests {
    /// Documents of 4, 0, 1, 6 and 2 rows.
    private static let starts = [0, 4, 4, 5, 11, 13]
    private static let (inputs, hidden) = (7, 16)

    /// The range of the document that a row belongs to.
    private func document(_ row: Int) -> Range<Int> {
        let number = Self.starts.lastIndex { $0 <= row } ?? 0
        return Self.starts[number]..<Self.starts[number + 1]
    }

    private func makeTape() -> (Tape, RecurrentParameters, Variable) {
        let declarations = ParameterScope.Declarations()
        let layer = RecurrentParameters(
            ParameterScope(declarations), gates: 4, inputs: Self.inputs, hidden: Self.hidden)
        let parameters = Parameters(declarations)
        for (number, parameter) in parameters.all.enumerated() {
            let values = draws(parameter.count, seed: UInt64(number + 1))
            parameters[parameter].pointer.update(from: values, count: values.count)
        }
        let tape = Tape(worker: Worker(), parameters: parameters, packsWeights: true)
        let x = Variable(
            Tensor(draws(13 * Self.inputs, seed: 9), rows: 13, columns: Self.inputs))
        return (tape, layer, x)
    }

    @Test("states are those of a run over the shorter document", arguments: [false, true])
    func states(reversed: Bool) {
        let (tape, layer, x) = makeTape()
        // First, last and middle rows, in any order, one of them twice; row 4 is a document of its own.
        let rows = [8, 0, 3, 5, 10, 8, 4, 11, 12, 1]
        let run = LSTMOmission(
            x, layer, documents: Self.starts, reversed: reversed, on: tape)
        let whole = tape.lstm(x, layer, documents: Self.starts, reversed: reversed)
        #expect(run.states.values == whole.value.values)
        let total = rows.reduce(0) { $0 + document($1).count - 1 }
        let column = 3
        let out = Tensor(
            [Float](repeating: 7, count: total * (Self.hidden + 5)), rows: total,
            columns: Self.hidden + 5)
        run.write(leavingOut: rows, to: out, column: column)
        var first = 0
        for row in rows {
            let kept = document(row).filter { $0 != row }
            if kept.isEmpty { continue }
            let shorter = tape.lstm(
                tape.select(rows: kept, of: x), layer, documents: [0, kept.count],
                reversed: reversed)
            let own = (0..<kept.count).flatMap { place in
                (0..<Self.hidden).map { out[first + place, column + $0] }
            }
            let expected = shorter.value.values
            #expect(largestDifference(own, expected) < 1e-6, "without row \(row)")
            if warrant_instruction_set() == 2 { #expect(own == expected, "without row \(row)") }
            first += kept.count
        }
        for row in 0..<total {
            #expect([0, 1, 2, 19, 20].allSatisfy { out[row, $0] == 7 }, "other columns stay")
        }
    }

    @Test func windowsAreThoseOfUnfolding() {
        let (tape, _, x) = makeTape()
        let starts = [0, 4, 13]
        var sources: [Int32] = []
        for (start, end) in zip(starts, starts.dropFirst()) {
            for row in start..<end {
                for neighbour in (row - 1)...(row + 1) {
                    sources.append(neighbour < start || neighbour >= end ? -1 : Int32(neighbour))
                }
            }
        }
        let unfolded = tape.unfold(x, width: 3, documents: starts)
        #expect(tape.windows(x, sources, width: 3).value.values == unfolded.value.values)
        let one = tape.windows(x, [12, -1, 0], width: 3)
        #expect(one.rows == 1 && one.columns == 3 * Self.inputs)
        #expect(one.value[0, 0] == x.value[12, 0] && one.value[0, 1] == 0)
        #expect(one.value[0, 2] == x.value[0, 0])
    }
}

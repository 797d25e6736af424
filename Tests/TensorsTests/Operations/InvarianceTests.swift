import Tensors
import TestSupport
import Testing

@Suite("What a row gives does not depend on what lies beside it")
struct InvarianceTests {
    /// A BERT layer's shapes: the products whose kernel oneDNN chooses by size.
    static let shapes = [(384, 1_152), (384, 384), (384, 1_536), (1_536, 384), (384, 2), (31, 7)]

    @Test(arguments: shapes, Precision.available)
    func linear(shape: (inputs: Int, outputs: Int), precision: Precision) {
        let (inputs, outputs) = shape
        let declarations = ParameterScope.Declarations()
        let scope = ParameterScope(declarations)
        let weight = scope.parameter("weight", [outputs, inputs])
        let bias = scope.parameter("bias", [outputs])
        let parameters = Parameters(declarations)
        parameters[weight].pointer.update(
            from: draws(weight.count, seed: 1), count: weight.count)
        parameters[bias].pointer.update(from: draws(outputs, seed: 2), count: outputs)
        let worker = Worker(precision: precision)
        let values = draws(700 * inputs, seed: 3)

        func rows(_ count: Int, documents: [Int], packsWeights: Bool) -> [Float] {
            worker.arena.rewind()
            let tape = Tape(worker: worker, parameters: parameters, packsWeights: packsWeights)
            let x = worker.arena.tensor(rows: count, columns: inputs)
            x.pointer.update(from: values, count: count * inputs)
            return tape.linear(Variable(x), weight: weight, bias: bias, documents: documents).value
                .values
        }
        for count in [1, 2, 7, 15, 16, 17, 33, 64, 100, 255, 400, 699] {
            for packs in [false, true] {
                let all = rows(700, documents: [0, count, 700], packsWeights: packs)
                #expect(
                    rows(count, documents: [0, count], packsWeights: packs)
                        == Array(all[0..<(count * outputs)]),
                    "\(count) rows of \(inputs)→\(outputs), packed: \(packs)")
            }
        }
    }

    @Test func dropoutMasksFollowTheDocumentNotTheBatch() {
        func row(_ document: Int, _ position: Int) -> UInt64 {
            Dropout.rowKey(seed: 1, step: 2, document: document, position: position)
        }
        func masked(_ keys: [UInt64]) -> [Float] {
            let worker = Worker()
            let tape = Tape(worker: worker, parameters: Parameters(.init()))
            let x = worker.arena.tensor(rows: keys.count, columns: 200)
            x.buffer.update(repeating: 1)
            return tape.dropout(
                Variable(x), Dropout(keys: keys, site: 3, probability: 0.25)
            ).value.values
        }
        let together = masked([row(0, 0), row(0, 1), row(1, 0)])
        #expect(masked([row(1, 0)]) == Array(together[400...]))
        #expect(Array(together[0..<200]) != Array(together[200..<400]))
        let kept = together.count { $0 != 0 }
        // 600 draws at 0.75: six standard deviations are 64.
        #expect(abs(kept - 450) < 64, "\(kept) of 600 kept")
        #expect(together.allSatisfy { $0 == 0 || abs($0 - 4 / 3) < 1e-6 })
    }
}

import Testing

import Tensors
import TestSupport

/// Documents of 3, 0, 1 and 5 rows.
private let starts = [0, 3, 3, 4, 9]

@Suite("General operations agree with differences, and with their definitions")
struct GeneralOperationTests {
    /// A value that no operation made.
    private func variable(_ values: [Float], _ columns: Int, on worker: Worker = Worker())
        -> Variable
    {
        let tensor = worker.arena.tensor(rows: values.count / columns, columns: columns)
        tensor.pointer.update(from: values, count: values.count)
        return Variable(tensor)
    }

    private func tape(_ worker: Worker = Worker()) -> Tape {
        Tape(worker: worker, parameters: Parameters(ParameterScope.Declarations()))
    }

    @Test func sums() {
        expectGradients(inputs: [(3, 4), (3, 4)], parameters: [[4]]) { tape, x, p in
            [tape.sum(x[0], x[1]), tape.sum(x[0], x[0]), tape.sum(x[1], row: p[0])]
        }
        #expect(tape().sum(variable([1, 2], 2), variable([3, 5], 2)).value.values == [4, 7])
    }

    @Test func elementwiseProducts() {
        expectGradients(inputs: [(3, 4), (3, 4)], parameters: [[4]]) { tape, x, p in
            [
                tape.elementwiseProduct(x[0], x[1]), tape.elementwiseProduct(x[0], x[0]),
                tape.elementwiseProduct(x[1], row: p[0]), tape.scaled(x[0], by: -3),
                tape.scaled(x[1], rows: [2, 0, -0.5]),
            ]
        }
        let product = tape().elementwiseProduct(variable([1, 2], 2), variable([3, 5], 2))
        #expect(product.value.values == [3, 10])
        let scaled = tape().scaled(variable([1, 2, 3, 4], 2), rows: [0.5, 3])
        #expect(scaled.value.values == [0.5, 1, 9, 12])
    }

    @Test func sigmoid() {
        expectGradients(inputs: [(3, 5)], scale: 6) { tape, x, _ in tape.sigmoid(x[0]) }
        let values = tape().sigmoid(variable([0, 100, -100, -.infinity], 4)).value.values
        #expect(values[0] == 0.5 && values[1] == 1 && values[3] == 0)
        #expect(abs(values[2]) < 1e-37)
    }

    @Test func columns() {
        expectGradients(inputs: [(3, 2), (3, 3)]) { tape, x, _ in
            let all = tape.concatenation(columns: [x[0], x[1], x[0]])
            return [all, tape.columns(1..<4, of: all), tape.columns(2..<2, of: x[1])]
        }
        let tape = tape()
        let all = tape.concatenation(columns: [variable([1, 2, 3, 4], 2), variable([5, 6], 1)])
        #expect(all.value.values == [1, 2, 5, 3, 4, 6])
        #expect(tape.columns(1..<3, of: all).value.values == [2, 5, 4, 6])
    }

    @Test func products() {
        let matrices = DocumentMatrices(left: starts, right: [0, 2, 4, 4, 7])
        expectGradients(inputs: [(9, 4), (7, 4), (7, 3)]) { tape, x, _ in
            let scores = tape.productWithTranspose(x[0], x[1], matrices)
            return [scores, tape.product(scores, x[2], matrices)]
        }
        // A document with itself.
        let own = DocumentMatrices(left: starts, right: starts)
        expectGradients(inputs: [(9, 2)], scale: 1) { tape, x, _ in
            tape.product(tape.productWithTranspose(x[0], x[0], own), x[0], own)
        }
        #expect(matrices.starts == [0, 6, 6, 6, 21])
        #expect(matrices.rowStarts == [0, 2, 4, 6, 6, 9, 12, 15, 18, 21])
    }

    @Test("attention made of general operations is attention")
    func attention() throws {
        let worker = Worker()
        let tape = Tape(
            worker: worker, parameters: Parameters(ParameterScope.Declarations()),
            isRecording: true)
        let (rows, size) = (9, 4)
        let documents = [0, 3, 4, 9]
        func input(_ seed: UInt64) -> Variable {
            variable(draws(rows * size, seed: seed), size, on: worker)
        }
        let (q, k, v) = (input(1), input(2), input(3))
        let fused = tape.attention(
            queries: AttentionInput(q, column: 0), keys: AttentionInput(k, column: 0),
            values: AttentionInput(v, column: 0), heads: 1, headSize: size,
            queryStarts: documents, keyStarts: documents, dropout: nil)
        let own = DocumentMatrices(left: documents, right: documents)
        let (q2, k2, v2) = (input(1), input(2), input(3))
        let scores = tape.scaled(tape.productWithTranspose(q2, k2, own), by: 0.5)
        let general = tape.product(tape.softmax(scores, documents: own.rowStarts), v2, own)
        let seed = draws(rows * size, seed: 4)
        tape.backward(from: [(fused, seed), (general, seed)])
        func close(_ a: [Float], _ b: [Float]) -> Bool {
            zip(a, b).allSatisfy { abs($0 - $1) < 2e-6 }
        }
        #expect(close(fused.value.values, general.value.values))
        for (a, b) in [(q, q2), (k, k2), (v, v2)] {
            #expect(close(try #require(a.gradient).values, try #require(b.gradient).values))
        }
    }

    @Test func attentionPooling() throws {
        let masked = [false, true, false, true, false, false, true, false, false]
        for mask in [nil, masked] {
            expectGradients(inputs: [(9, 3), (9, 1)], scale: 4) { tape, x, _ in
                let weights = tape.softmax(x[1], documents: starts, masked: mask)
                return [weights, tape.weightedSum(x[0], weights: weights, documents: starts)]
            }
        }
        let scores = variable(draws(9, seed: 1, scale: 200), 1)
        let weights = tape().softmax(scores, documents: starts, masked: masked).value.values
        // The third document has one row, which is masked.
        let shares = [0..<3, 3..<4, 4..<9].map { weights[$0].reduce(0, +) }
        #expect(zip(shares, [1, 0, 1]).allSatisfy { abs($0 - $1) < 1e-6 })
        #expect(zip(weights, masked).allSatisfy { !$1 || $0 == 0 })
    }

    @Test func pooling() {
        expectGradients(inputs: [(9, 4)], scale: 20) { tape, x, _ in
            [tape.mean(x[0], documents: starts), tape.maximum(x[0], documents: starts)]
        }
        let x = variable([1, 5, 3, 5, 2, 4, 7, 8], 2)
        #expect(tape().mean(x, documents: [0, 2, 2, 4]).value.values == [2, 5, 0, 0, 4.5, 6])
        #expect(tape().maximum(x, documents: [0, 2, 2, 4]).value.values == [3, 5, 0, 0, 7, 8])
    }

    @Test("the gradient of a maximum goes to the first of equal elements")
    func equalMaxima() {
        let tape = Tape(
            worker: Worker(), parameters: Parameters(ParameterScope.Declarations()),
            isRecording: true)
        let x = variable([1, 3, 3], 1)
        tape.backward(from: tape.maximum(x, documents: [0, 3]), seed: [2])
        #expect(x.gradient?.values == [0, 2, 0])
    }

    @Test func rowsOfDocuments() {
        expectGradients(inputs: [(9, 2), (4, 3)]) { tape, x, _ in
            [
                tape.reversed(x[0], documents: starts), tape.broadcast(x[1], documents: starts),
                tape.select(rows: [2, 2, 8, 0], of: x[0]),
            ]
        }
        let x = variable([0, 1, 2, 3, 4], 1)
        #expect(tape().reversed(x, documents: [0, 3, 3, 5]).value.values == [2, 1, 0, 4, 3])
        #expect(tape().broadcast(x, documents: [0, 2, 2, 3, 3, 4]).value.values == [0, 0, 2, 4])
    }

    @Test(arguments: [1, 3, 5, 7]) func unfold(width: Int) {
        expectGradients(inputs: [(9, 2)], parameters: [[3, 2 * width], [3]]) { tape, x, p in
            let rows = tape.unfold(x[0], width: width, documents: starts)
            return [rows, tape.linear(rows, weight: p[0], bias: p[1], documents: starts)]
        }
        let rows = tape().unfold(variable([1, 2, 3, 4, 5, 6], 2), width: 3, documents: [0, 2, 3])
        #expect(
            rows.value.values == [0, 1, 3, 0, 2, 4, 1, 3, 0, 2, 4, 0, 0, 5, 0, 0, 6, 0],
            "column by column: the row before, the row, the row after")
    }

    @Test(arguments: [Parameter.Kind.table, .dense])
    func tableWithARowOfZeros(kind: Parameter.Kind) {
        let declarations = ParameterScope.Declarations()
        let table = ParameterScope(declarations).parameter("table", [4, 2], kind: kind)
        let parameters = Parameters(declarations)
        parameters[table].pointer.update(from: [9, 9, 1, 2, 3, 4, 5, 6], count: 8)
        let gradients = Gradients(for: parameters)
        gradients.begin()
        let tape = Tape(worker: Worker(), parameters: parameters, gradients: gradients)
        let ids: [Int32] = [2, 0, 3, 2]
        let rows = tape.embedding(table: table, ids: ids, zeroRow: 0)
        #expect(rows.value.values == [3, 4, 0, 0, 5, 6, 3, 4])
        #expect(tape.embedding(table: table, ids: [0]).value.values == [9, 9])
        tape.backward(from: rows, seed: [1, 2, 4, 8, 16, 32, 64, 128])
        gradients.finish()
        #expect(gradients[table] == [0, 0, 0, 0, 65, 130, 16, 32])
    }

    @Test("a document gives the same bits alone and in a batch, gradients included")
    func company() throws {
        let (columns, documents) = (24, [0, 5, 17, 17, 60])
        let values = draws(60 * columns, seed: 1)
        /// What every operation gives for documents `first`..., and the gradient of the input.
        func run(_ first: Int, _ last: Int) throws -> [[Float]] {
            let worker = Worker()
            let tape = Tape(
                worker: worker, parameters: Parameters(ParameterScope.Declarations()),
                isRecording: true)
            let base = documents[first]
            let starts = documents[first...last].map { $0 - base }
            let range = (base * columns)..<(documents[last] * columns)
            let x = variable(Array(values[range]), columns, on: worker)
            let own = DocumentMatrices(left: starts, right: starts)
            let scores = tape.columns(0..<1, of: x)
            let outputs = [
                tape.product(tape.productWithTranspose(x, x, own), x, own),
                tape.softmax(scores, documents: starts),
                tape.weightedSum(x, weights: scores, documents: starts),
                tape.mean(x, documents: starts), tape.maximum(x, documents: starts),
                tape.unfold(x, width: 5, documents: starts), tape.sigmoid(x),
            ]
            let results = outputs.map(\.value.values)
            tape.backward(from: outputs.map { ($0, Array(repeating: 0.5, count: $0.value.count)) })
            return results + [try #require(x.gradient).values]
        }
        let together = try run(0, 4)
        let alone = try (0..<4).filter { documents[$0] < documents[$0 + 1] }
            .map { try run($0, $0 + 1) }
        for output in together.indices where output != 2 && output != 3 && output != 4 {
            #expect(alone.flatMap { $0[output] } == together[output], "output \(output)")
        }
        // By document: the third one is empty.
        for output in 2...4 {
            let rows = together[output]
            let kept = rows[..<(2 * columns)] + rows[(3 * columns)...]
            #expect(alone.flatMap { $0[output] } == Array(kept), "output \(output)")
        }
    }
}

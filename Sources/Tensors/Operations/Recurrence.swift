import CKernels

/// The parameters of one direction of a recurrent layer, as PyTorch's `LSTM` and `GRU` name and order
/// them.
package struct RecurrentParameters: Sendable {
    /// `weight_ih` [gates · hidden, inputs].
    package let inputWeight: Parameter
    /// `weight_hh` [gates · hidden, hidden].
    package let recurrentWeight: Parameter
    /// `bias_ih` [gates · hidden].
    package let inputBias: Parameter
    /// `bias_hh` [gates · hidden].
    package let recurrentBias: Parameter

    /// Four parameters that have been declared.
    package init(
        inputWeight: Parameter, recurrentWeight: Parameter, inputBias: Parameter,
        recurrentBias: Parameter
    ) {
        self.inputWeight = inputWeight
        self.recurrentWeight = recurrentWeight
        self.inputBias = inputBias
        self.recurrentBias = recurrentBias
    }

    /// Declares `weight_ih_l0`, `weight_hh_l0`, `bias_ih_l0` and `bias_hh_l0` in a scope.
    ///
    /// - Parameters:
    ///   - gates: 4 for an LSTM, 3 for a GRU.
    ///   - suffix: of the names, such as `l0_reverse` for the other direction.
    package init(
        _ scope: ParameterScope, gates: Int, inputs: Int, hidden: Int, suffix: String = "l0"
    ) {
        let size = gates * hidden
        self.init(
            inputWeight: scope.parameter(
                "weight_ih_\(suffix)", [size, inputs], kind: .weight),
            recurrentWeight: scope.parameter(
                "weight_hh_\(suffix)", [size, hidden], kind: .weight),
            inputBias: scope.parameter("bias_ih_\(suffix)", [size]),
            recurrentBias: scope.parameter("bias_hh_\(suffix)", [size]))
    }

    /// The size of a state.
    package var hidden: Int { recurrentWeight.columns }

    func check(gates: Int, name: String) {
        precondition(
            [inputWeight.rows, recurrentWeight.rows, inputBias.count, recurrentBias.count]
                .allSatisfy { $0 == gates * hidden }, "\(name) has \(gates) gates")
    }
}

/// The order in which a recurrent layer takes the rows of packed documents: at every step one row of
/// each document that is long enough, the longest document first, so that the documents of a step are
/// the first ones of the step before.
struct RecurrentSchedule {
    /// By step, the row of each document.
    let rows: [[Int32]]
    /// The documents in the order in which a step takes them; those without rows are the last ones.
    let order: [Int]
    /// Where the documents of the first step have their state before it; nil: they start from zeros.
    private let before: [Int32]?
    /// How many documents the first step has.
    var width: Int { rows.first?.count ?? 0 }

    /// - Parameter startRow: where the state of document 0 before its first row lies, the others behind
    ///   it; nil: there is none.
    init(documents: [Int], reversed: Bool, startRow: Int? = nil) {
        let lengths = zip(documents, documents.dropFirst()).map { $1 - $0 }
        let order = lengths.indices.sorted { (lengths[$1], $0) < (lengths[$0], $1) }
        self.order = order
        var active = order.count
        rows = (0..<(lengths.max() ?? 0)).map { step in
            while active > 0 && lengths[order[active - 1]] <= step { active -= 1 }
            return order.prefix(active).map { document in
                let place = reversed ? lengths[document] - 1 - step : step
                return Int32(documents[document] + place)
            }
        }
        before = startRow.map { start in order.map { Int32(start + $0) } }
    }

    /// Calls `body` with the rows of a step and of the documents' rows before, if they have one.
    func withRows(
        _ step: Int,
        _ body: (Int, UnsafePointer<Int32>?, _ previous: UnsafePointer<Int32>?) -> Void
    ) {
        rows[step].withUnsafeBufferPointer { current in
            guard let previous = step > 0 ? rows[step - 1] : before else {
                return body(current.count, current.baseAddress, nil)
            }
            previous.withUnsafeBufferPointer {
                body(current.count, current.baseAddress, $0.baseAddress)
            }
        }
    }

    /// For each row of `states` the row before it in time; where a document begins its row of `start`,
    /// or zeros.
    func shifted(_ states: Tensor, start: Tensor?, on tape: Tape) -> Tensor {
        let before = tape.tensor(rows: states.rows, columns: states.columns)
        before.clear()
        if let start {
            for (row, document) in zip(rows.first ?? [], order) {
                before.row(Int(row)).update(from: start.row(document), count: states.columns)
            }
        }
        for (earlier, later) in zip(rows, rows.dropFirst()) {
            for (from, to) in zip(earlier, later) {
                before.row(Int(to)).update(from: states.row(Int(from)), count: states.columns)
            }
        }
        return before
    }
}

/// The product of a step's rows with a recurrent weight, in float32 whatever the worker's precision.
/// A row's bits do not depend on the rows beside it.
struct RecurrentProduct {
    let tape: Tape
    let weight: Parameter

    /// Zeros for `count` rows, with room for those that a product adds.
    static func rows(_ count: Int, columns: Int, on tape: Tape) -> Tensor {
        let rows = tape.tensor(rows: count, columns: columns)
        rows.pointer.update(repeating: 0, count: Arena.productRows(count) * columns)
        return rows
    }

    /// c = a Wᵀ of the first `count` rows.
    func forward(_ a: Tensor, rows count: Int, into c: Tensor) {
        let packed =
            tape.packsRecurrentWeights && tape.worker.precision == .fp32
            ? tape.parameters.packed(weight, for: tape.worker) : nil
        run(a, rows: count, into: c, packed: packed, isTransposed: true)
    }

    /// c = a W of the first `count` rows.
    func backward(_ a: Tensor, rows count: Int, into c: Tensor) {
        run(a, rows: count, into: c, packed: nil, isTransposed: false)
    }

    private func run(
        _ a: Tensor, rows count: Int, into c: Tensor, packed: PackedWeights?, isTransposed: Bool
    ) {
        guard count > 0 else { return }
        let worker = tape.worker
        let w = tape.parameters[weight].pointer
        var shape = warrant_matmul()
        (shape.batch, shape.m) = (1, Arena.productRows(count))
        (shape.n, shape.k, shape.c_row) = (c.columns, a.columns, c.columns)
        (shape.a_row, shape.a_column) = (a.columns, 1)
        (shape.b_row, shape.b_column) =
            isTransposed ? (1, weight.columns) : (weight.columns, 1)
        shape.is_packed = packed == nil ? 0 : 1
        guard warrant_matmul_is_row_invariant(worker.products, &shape) != 0 else {
            for row in 0..<count {
                worker.multiply(
                    0, isTransposed ? 1 : 0, 1, c.columns, a.columns, a.row(row), a.columns, w,
                    weight.columns, false, c.row(row), c.columns)
            }
            return
        }
        worker.multiply(
            shape, a.pointer, packed?.pointer ?? UnsafeRawPointer(w), nil, c.pointer, "recurrence")
    }
}

extension Tape {
    /// Adds the gradients of a recurrent weight and its bias.
    ///
    /// - Parameters:
    ///   - states: h [rows, hidden].
    ///   - start: h before each document's first row [documents, hidden]; nil: zeros.
    ///   - dGates: of U h' + b' [rows, gates · hidden].
    func recurrentGradients(
        _ layer: RecurrentParameters, _ schedule: RecurrentSchedule, states: Tensor,
        start: Tensor? = nil, gates dGates: Tensor
    ) {
        guard let gradients else { return }
        if !gradients.isFrozen(layer.recurrentBias) {
            warrant_column_sums(
                gradients.accumulator(layer.recurrentBias), dGates.pointer, dGates.rows,
                dGates.columns)
        }
        guard !gradients.isFrozen(layer.recurrentWeight) else { return }
        let before = schedule.shifted(states, start: start, on: self)
        addGradient(layer.recurrentWeight, .full(dy: dGates, x: before))
    }
}

extension RecurrentSchedule {
    /// The gradient of the states before a step, of the documents that take it; zeros for those that
    /// end before it.
    func backward(
        _ step: Int, _ product: RecurrentProduct, _ dStep: Tensor, into dNext: Tensor
    ) {
        let count = rows[step].count
        product.backward(dStep, rows: count, into: dNext)
        let ended = rows[step - 1].count - count
        dNext.row(count).update(repeating: 0, count: ended * dNext.columns)
    }
}

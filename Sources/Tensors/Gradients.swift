import CKernels

/// The gradients of one shard: dense parameters as one buffer, weights as the operands of their
/// products, tables as the rows that were used. A parameter may be used any number of times, or not
/// at all: then its gradient is zero. A frozen one (`Parameters.freeze`) has none.
///
/// Unchecked: written by the one worker that runs the shard, read after it has ended.
package final class Gradients: @unchecked Sendable {
    /// Rows of a table and what is to be added to each, in the order of the shard's tokens.
    package struct Rows {
        /// The table.
        package let parameter: Parameter
        /// Of each row of `values`.
        package let ids: [Int32]
        /// [ids.count, columns].
        package let values: Tensor
    }

    /// A weight's gradient in this shard: dyᵀ x. Both live as long as the shard's arena is not
    /// rewound.
    package struct WeightProduct {
        enum Operands {
            case full(dy: Tensor, x: Tensor)
            case half(dy: BFloat16Tensor, x: BFloat16Tensor)
        }
        /// What was multiplied by.
        let weight: Parameter
        /// The part of it that has a gradient: all, unless parts of a joined weight are frozen.
        package let target: Parameter
        let operands: Operands
    }

    /// The gradients of dense parameters, laid out like their values.
    package let dense: Storage
    /// The products that are weights' gradients, in the order of the backward pass.
    package private(set) var weights: [WeightProduct] = []
    /// What tables are to be given, in the order of the backward pass.
    package private(set) var rows: [Rows] = []
    private var written: [Bool]
    private let parameters: [Parameter]
    private let isFrozen: [Bool]

    /// Room for the gradients of `parameters`.
    package init(for parameters: Parameters) {
        dense = Storage(count: parameters.storages[Parameter.denseStorage].count)
        written = Array(repeating: false, count: parameters.all.count)
        self.parameters = parameters.all
        isFrozen = parameters.isFrozen
    }

    /// Forgets the last shard's gradients without touching the memory.
    package func begin() {
        for index in written.indices { written[index] = false }
        rows.removeAll(keepingCapacity: true)
        weights.removeAll(keepingCapacity: true)
    }

    /// Sets to zero what no operation wrote, and what is frozen.
    package func finish() {
        for index in parameters.indices where !written[index] || isFrozen[index] {
            if parameters[index].kind == .dense { clear(parameters[index]) }
        }
    }

    private func clear(_ parameter: Parameter) {
        (dense.base + parameter.offset).update(repeating: 0, count: parameter.count)
    }

    /// Whether no part of a parameter has a gradient.
    func isFrozen(_ parameter: Parameter) -> Bool { parameter.indices.allSatisfy { isFrozen[$0] } }

    /// Where a parameter's gradient goes, and whether something stands there that is to be added
    /// to.
    func destination(_ parameter: Parameter) -> (UnsafeMutablePointer<Float>, accumulate: Bool) {
        precondition(parameter.kind == .dense, "\(parameter.name) has no gradient of its own")
        let isWritten = parameter.indices.contains { written[$0] }
        for index in parameter.indices where !written[index] {
            // Of a joined parameter a part may have been used alone.
            if isWritten { clear(parameters[index]) }
            written[index] = true
        }
        return (dense.base + parameter.offset, isWritten)
    }

    /// Where a parameter's gradient is added to: zero, or what stands there.
    func accumulator(_ parameter: Parameter) -> UnsafeMutablePointer<Float> {
        let (pointer, accumulate) = destination(parameter)
        if !accumulate { pointer.update(repeating: 0, count: parameter.count) }
        return pointer
    }

    /// Leaves behind a product that is a weight's gradient in this shard.
    func add(_ operands: WeightProduct.Operands, to weight: Parameter) {
        var rest = weight.indices
        while !rest.isEmpty {
            let part = rest.prefix { !isFrozen[$0] }
            if part.count == weight.indices.count {
                weights.append(WeightProduct(weight: weight, target: weight, operands: operands))
            } else if !part.isEmpty {
                weights.append(
                    WeightProduct(
                        weight: weight, target: .joined(Array(parameters[part])),
                        operands: operands))
            }
            rest = rest.dropFirst(max(1, part.count))
        }
    }

    /// Adds rows to a table's gradient, in their order; `values` [ids.count, columns] must live until
    /// the step is done.
    func add(rows ids: [Int32], values: Tensor, to parameter: Parameter) {
        precondition(parameter.kind != .weight, "\(parameter.name) is no table")
        if isFrozen(parameter) { return }
        guard parameter.kind == .table else {
            let (sums, columns) = (accumulator(parameter), parameter.columns)
            for (row, id) in ids.enumerated() {
                warrant_add(sums + Int(id) * columns, values.pointer + row * columns, columns)
            }
            return
        }
        rows.append(Rows(parameter: parameter, ids: ids, values: values))
    }

    /// A dense parameter's gradient; zero where no operation wrote one.
    package subscript(parameter: Parameter) -> [Float] {
        precondition(parameter.kind != .weight, "\(parameter.name)'s gradient is the batch's")
        guard parameter.kind == .dense else { return rowSums(parameter) }
        guard parameter.indices.allSatisfy({ written[$0] && !isFrozen[$0] }) else {
            precondition(
                parameter.indices.count == 1 || !parameter.indices.contains { written[$0] },
                "\(parameter.name) is written in part: ask for its parts")
            return Array(repeating: 0, count: parameter.count)
        }
        return Array(
            UnsafeBufferPointer(start: dense.base + parameter.offset, count: parameter.count))
    }

    private func rowSums(_ parameter: Parameter) -> [Float] {
        var sums = [Float](repeating: 0, count: parameter.count)
        let columns = parameter.columns
        for entry in rows where entry.parameter == parameter {
            for (row, id) in entry.ids.enumerated() {
                for column in 0..<columns {
                    sums[Int(id) * columns + column] += entry.values[row, column]
                }
            }
        }
        return sums
    }
}

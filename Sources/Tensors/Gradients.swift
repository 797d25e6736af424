import CKernels

/// The gradients of one shard: dense parameters as one buffer, weights as the operands of their
/// products, tables as the rows that were used.
///
/// Unchecked: written by the one worker that runs the shard, read after it has ended.
public final class Gradients: @unchecked Sendable {
    /// Rows of a table and what is to be added to each, in the order of the shard's tokens.
    struct Rows {
        let parameter: Parameter
        let ids: [Int32]
        let values: Tensor
    }

    /// A weight's gradient in this shard: dyᵀ x. Both live as long as the shard's arena is not
    /// rewound.
    struct WeightProduct {
        enum Operands {
            case full(dy: Tensor, x: Tensor)
            case half(dy: HalfTensor, x: HalfTensor)
        }
        let weight: Parameter
        let operands: Operands
    }

    let dense: Storage
    private(set) var weights: [WeightProduct] = []
    private(set) var rows: [Rows] = []
    private var written: [Bool]
    private let parameters: [Parameter]

    /// Room for the gradients of `parameters`.
    public init(for parameters: Parameters) {
        dense = Storage(count: parameters.storages[Parameter.denseStorage].count)
        written = Array(repeating: false, count: parameters.all.count)
        self.parameters = parameters.all
    }

    /// Forgets the last shard's gradients without touching the memory.
    package func begin() {
        for index in written.indices { written[index] = false }
        rows.removeAll(keepingCapacity: true)
        weights.removeAll(keepingCapacity: true)
    }

    /// Sets to zero what no operation wrote.
    package func finish() {
        for (parameter, isWritten) in zip(parameters, written)
        where !isWritten && parameter.kind == .dense {
            (dense.base + parameter.offset).update(repeating: 0, count: parameter.count)
        }
    }

    /// Where a parameter's gradient goes, and whether something stands there that is to be added
    /// to.
    func destination(_ parameter: Parameter) -> (UnsafeMutablePointer<Float>, accumulate: Bool) {
        precondition(parameter.kind == .dense, "\(parameter.name) has no gradient of its own")
        let isWritten = written[parameter.indices.lowerBound]
        for index in parameter.indices {
            precondition(written[index] == isWritten, "\(parameter.name) is written in part")
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
    func add(_ product: WeightProduct) { weights.append(product) }

    /// Adds rows to a table's gradient; `values` [ids.count, columns] must live until the step is
    /// done.
    func add(rows ids: [Int32], values: Tensor, to parameter: Parameter) {
        rows.append(Rows(parameter: parameter, ids: ids, values: values))
    }

    /// A dense parameter's gradient; zero where no operation wrote one.
    public subscript(parameter: Parameter) -> [Float] {
        precondition(parameter.kind != .weight, "\(parameter.name)'s gradient is the batch's")
        guard parameter.kind == .dense else { return rowSums(parameter) }
        guard written[parameter.indices.lowerBound] else {
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

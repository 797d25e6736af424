import CKernels

/// The gradients of one shard: dense parameters as one buffer, tables as the rows that were used.
///
/// Unchecked: written by the one worker that runs the shard, read after it has ended.
public final class Gradients: @unchecked Sendable {
    /// Rows of a table and what is to be added to each, in the order of the shard's tokens.
    struct Rows {
        let parameter: Parameter
        let ids: [Int32]
        let values: Tensor
    }

    let dense: Storage
    private(set) var rows: [Rows] = []
    private var written: [Bool]
    private let parameters: [Parameter]

    /// Room for the gradients of `parameters`.
    public init(for parameters: Parameters) {
        dense = Storage(count: parameters.storages[0].count)
        written = Array(repeating: false, count: parameters.all.count)
        self.parameters = parameters.all
    }

    /// Forgets the last shard's gradients without touching the memory.
    package func begin() {
        for index in written.indices { written[index] = false }
        rows.removeAll(keepingCapacity: true)
    }

    /// Sets to zero what no operation wrote.
    package func finish() {
        for (parameter, isWritten) in zip(parameters, written)
        where !isWritten && parameter.storage == 0 {
            (dense.base + parameter.offset).update(repeating: 0, count: parameter.count)
        }
    }

    /// Where a parameter's gradient goes, and whether something stands there that is to be added
    /// to.
    func destination(_ parameter: Parameter) -> (UnsafeMutablePointer<Float>, accumulate: Bool) {
        precondition(parameter.storage == 0, "\(parameter.name) is kept by row")
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

    /// Adds rows to a table's gradient; `values` [ids.count, columns] must live until the step is
    /// done.
    func add(rows ids: [Int32], values: Tensor, to parameter: Parameter) {
        rows.append(Rows(parameter: parameter, ids: ids, values: values))
    }

    /// A dense parameter's gradient; zero where no operation wrote one.
    public subscript(parameter: Parameter) -> [Float] {
        guard parameter.storage == 0 else { return rowSums(parameter) }
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

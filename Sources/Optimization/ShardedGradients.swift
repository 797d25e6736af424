import CKernels
import Tensors

/// The gradient of a batch, as the sum over its shards.
///
/// A batch is cut into shards by content, never by thread count. As many shards as there are
/// workers run at a time. The gradients of linear layers' weights, nearly all there is, are products
/// of what the shards left behind: each worker computes blocks of them, over the shards in their
/// order, into one buffer. The others are in a buffer of each shard's, and added up in shard order.
/// So every element is a sum in the same order whatever the number of threads.
///
/// Shards may use a parameter differently often, or not at all: where no shard uses it, its gradient
/// is zero.
package final class ShardedGradients {
    /// A table's gradient: unique rows, and their values one after the other.
    struct RowSums {
        let parameter: Parameter
        var ids: [Int32] = []
        var values: [Float] = []
        var slots: [Int32]

        init(_ parameter: Parameter) {
            self.parameter = parameter
            slots = Array(repeating: -1, count: parameter.rows)
        }

        mutating func clear() {
            for id in ids { slots[Int(id)] = -1 }
            ids.removeAll(keepingCapacity: true)
            values.removeAll(keepingCapacity: true)
        }

        mutating func add(_ rows: Gradients.Rows) {
            let columns = parameter.columns
            for (row, id) in rows.ids.enumerated() {
                let source = rows.values.pointer + row * columns
                let slot = Int(slots[Int(id)])
                if slot < 0 {
                    slots[Int(id)] = Int32(ids.count)
                    ids.append(id)
                    values.append(contentsOf: UnsafeBufferPointer(start: source, count: columns))
                } else {
                    values.withUnsafeMutableBufferPointer { values in
                        guard let base = values.baseAddress else { return }
                        warrant_add(base + slot * columns, source, columns)
                    }
                }
            }
        }
    }

    let workers: Workers
    /// Storages whose sum, in this order, is the dense gradient.
    private(set) var denseParts: [Storage] = []
    /// The gradient of all weights of linear layers.
    var weights: Storage { weightGradients.storage }
    private let weightGradients: WeightGradients
    private(set) var rowSums: [RowSums]
    private var shards: [Gradients] = []
    /// The sum of all shards but the last ones, where there are more than run at a time.
    private var total: Storage?
    private let parameters: Parameters
    /// Slices have a fixed size, so that sums over slices are in the same order for any thread
    /// count.
    static let slice = 1 << 16

    /// Buffers for gradients of `parameters` are made once they are needed: one for each shard that
    /// runs at the same time, and one for the sum where there are more shards.
    package init(parameters: Parameters, workers: Workers) {
        self.parameters = parameters
        self.workers = workers
        weightGradients = WeightGradients(parameters: parameters, workers: workers)
        rowSums = parameters.tables.map { RowSums($0) }
    }

    /// Runs `body` for each shard on a tape of its own, backward pass included, and sums the
    /// gradients.
    ///
    /// - Parameter shards: how many there are, at least one.
    /// - Returns: what `body` returned, by shard.
    package func run<Result: Sendable>(
        shards shardCount: Int, _ body: @Sendable (Int, Tape) -> Result
    ) -> [Result] {
        precondition(shardCount > 0, "a batch has a shard")
        var results: [Result] = []
        weightGradients.begin()
        for index in rowSums.indices { rowSums[index].clear() }
        denseParts = []
        for first in stride(from: 0, to: shardCount, by: workers.count) {
            let wave = min(workers.count, shardCount - first)
            // Only before another wave overwrites them are the last one's gradients added up.
            if first > 0 { addUp() }
            while shards.count < wave { shards.append(Gradients(for: parameters)) }
            let buffers = shards
            let parameters = parameters
            let output = Results<Result>(count: wave)
            workers.runEach(wave) { index, worker in
                worker.arena.rewind()
                let gradients = buffers[index]
                gradients.begin()
                // Optimizers say what they change.
                let tape = Tape(
                    worker: worker, parameters: parameters, gradients: gradients,
                    packsRecurrentWeights: true)
                output.set(index, body(first + index, tape))
                gradients.finish()
            }
            results += output.all
            weightGradients.add(
                shards.prefix(wave).flatMap(\.weights), isLast: first + wave == shardCount)
            denseParts += shards.prefix(wave).map(\.dense)
            for shard in shards.prefix(wave) {
                for rows in shard.rows {
                    guard let index = rowSums.firstIndex(where: { $0.parameter == rows.parameter })
                    else { continue }
                    rowSums[index].add(rows)
                }
            }
        }
        return results
    }

    /// Adds the parts up into `total`, in their order.
    private func addUp() {
        let count = parameters.storages[Parameter.denseStorage].count
        let sum = total ?? Storage(count: count)
        total = sum
        let parts = denseParts
        workers.run((count + Self.slice - 1) / Self.slice) { slice, worker in
            let start = slice * Self.slice
            worker.measure(.optimizer) {
                Self.withParts(parts, from: start) {
                    warrant_sum_parts(
                        sum.base + start, $0, parts.count, min(Self.slice, count - start))
                }
            }
        }
        denseParts = [sum]
    }

    /// The parts' elements from `start` on, as kernels take them.
    static func withParts<Result>(
        _ parts: [Storage], from start: Int,
        _ body: (UnsafePointer<UnsafePointer<Float>?>?) -> Result
    ) -> Result {
        parts.map { UnsafePointer($0.base + start) as UnsafePointer<Float>? }
            .withUnsafeBufferPointer { body($0.baseAddress) }
    }

    /// The Euclidean norm of the whole gradient.
    package func norm() -> Double {
        let (parts, count) = (denseParts, parameters.storages[Parameter.denseStorage].count)
        let partial = workers.map((count + Self.slice - 1) / Self.slice) { slice, worker in
            let start = slice * Self.slice
            return worker.measure(.optimizer) {
                Self.withParts(parts, from: start) {
                    warrant_sum_of_squares($0, parts.count, min(Self.slice, count - start))
                }
            }
        }
        var squares = partial.reduce(0, +) + weightGradients.squares.reduce(0, +)
        for sums in rowSums {
            sums.values.withUnsafeBufferPointer { values in
                guard let base = values.baseAddress else { return }
                squares += sumOfSquares(base, count: values.count)
            }
        }
        return squares.squareRoot()
    }
}

/// Results that workers fill in, each its own.
///
/// Unchecked: every element is written by one worker, and read after all have ended.
private final class Results<Element: Sendable>: @unchecked Sendable {
    private let elements: UnsafeMutablePointer<Element?>
    private let count: Int

    init(count: Int) {
        self.count = count
        elements = .allocate(capacity: count)
        elements.initialize(repeating: nil, count: count)
    }

    func set(_ index: Int, _ element: Element) { elements[index] = element }
    var all: [Element] { (0..<count).compactMap { elements[$0] } }

    deinit {
        elements.deinitialize(count: count)
        elements.deallocate()
    }
}

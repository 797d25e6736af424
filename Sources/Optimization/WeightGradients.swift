import Tensors

/// The gradient of the weights of linear layers: the sum of the products dyᵀ x that a batch's shards
/// left behind, computed into one buffer.
///
/// The sum runs over the shards in their order, and within a shard over its products. A product is
/// computed in blocks of rows that depend on its weight's shape alone, so the bits do not depend on
/// how many shards' products are at hand at a time, which is the number of workers.
final class WeightGradients {
    /// Laid out like the weights' values.
    let storage: Storage
    /// Σ of squares, block by block, once the last products are in.
    private(set) var squares: [Double] = []
    private let parameters: Parameters
    private let workers: Workers
    /// Of each declared parameter: whether a product has been written there in this batch.
    private var isWritten: [Bool]
    /// What has had a product in this batch.
    private var targets: Set<Parameter> = []

    init(parameters: Parameters, workers: Workers) {
        self.parameters = parameters
        self.workers = workers
        storage = Storage(count: parameters.storages[Parameter.weightStorage].count)
        isWritten = Array(repeating: false, count: parameters.all.count)
    }

    /// Forgets the last batch's products without touching the memory.
    func begin() {
        for index in isWritten.indices { isWritten[index] = false }
        targets.removeAll(keepingCapacity: true)
        squares = []
    }

    /// Rows of a weight.
    private struct Block {
        let weight: Parameter
        let rows: Range<Int>
        var offset: Int { weight.offset + rows.lowerBound * weight.columns }
        var count: Int { rows.count * weight.columns }
    }

    /// What one worker computes: the products in their order, into `block` or, where weights overlap
    /// in part, whole ones one after the other.
    private struct Task {
        var products: [Gradients.WeightProduct]
        /// For each product: whether it is added to what stands there.
        var adds: [Bool]
        var block: Block?
        /// Whether Σ of squares of the block is wanted.
        var isFinal: Bool
    }

    /// Adds products; with `isLast`, what has had none is set to zero, and squares are summed up.
    func add(_ products: [Gradients.WeightProduct], isLast: Bool) {
        targets.formUnion(products.map(\.target))
        // Blocks that no other weight overlaps are summed up while they are in the cache.
        let alone = Set(Self.groups(Array(targets)).filter { $0.count == 1 }.flatMap { $0 })
        var tasks: [Task] = []
        let byTarget = Dictionary(grouping: products.indices) { products[$0].target }
        for group in Self.groups(Array(byTarget.keys)) {
            let members = group.flatMap { byTarget[$0] ?? [] }.sorted().map { products[$0] }
            tasks += self.tasks(group, members) { isLast && alone.contains($0) }
        }
        let (gradient, all) = (storage, tasks)
        let sums = workers.map(all.count) { index, worker in
            Self.run(all[index], into: gradient, on: worker)
        }
        guard isLast else { return }
        for parameter in parameters.all
        where parameter.kind == .weight && !isWritten[parameter.indices.lowerBound] {
            clear(parameter)
        }
        sumSquares(
            known: zip(tasks, sums).compactMap { task, sum in
                task.isFinal ? task.block.map { ($0, sum) } : nil
            })
    }

    /// Parameters in groups: those of a group overlap, directly or through others. In the order of
    /// their place, so that nothing depends on the order of a set.
    private static func groups(_ parameters: [Parameter]) -> [[Parameter]] {
        var groups: [[Parameter]] = []
        var end = 0
        for parameter in parameters.sorted(by: {
            ($0.indices.lowerBound, $0.indices.upperBound)
                < ($1.indices.lowerBound, $1.indices.upperBound)
        }) {
            if let last = groups.indices.last, parameter.indices.lowerBound < end {
                groups[last].append(parameter)
            } else {
                groups.append([parameter])
            }
            end = max(end, parameter.indices.upperBound)
        }
        return groups
    }

    private static func blocks(_ weight: Parameter) -> [Block] {
        let size = max(64, (1 << 18) / weight.columns)
        return stride(from: 0, to: weight.rows, by: size).map {
            Block(weight: weight, rows: $0..<min(weight.rows, $0 + size))
        }
    }

    /// The tasks of one group's products.
    private func tasks(
        _ group: [Parameter], _ products: [Gradients.WeightProduct],
        isFinal: (Parameter) -> Bool
    ) -> [Task] {
        var adds: [Bool] = []
        for product in products {
            let indices = product.target.indices
            let isAdded = indices.contains { isWritten[$0] }
            for index in indices where !isWritten[index] {
                // A part alone has had a product before: the others start at zero.
                if isAdded { clear(parameters.all[index]) }
                isWritten[index] = true
            }
            adds.append(isAdded)
        }
        guard group.count == 1, let weight = group.first else {
            return [Task(products: products, adds: adds, block: nil, isFinal: false)]
        }
        return Self.blocks(weight).map {
            Task(products: products, adds: adds, block: $0, isFinal: isFinal(weight))
        }
    }

    /// Returns Σ of squares where it is wanted.
    private static func run(_ task: Task, into gradient: Storage, on worker: Worker) -> Double {
        for (product, adds) in zip(task.products, task.adds) {
            for block in task.block.map({ [$0] }) ?? blocks(product.target) {
                product.compute(
                    rows: block.rows, into: gradient.base + product.target.offset, adding: adds,
                    on: worker)
            }
        }
        guard task.isFinal, let block = task.block else { return 0 }
        return squares(block, of: gradient, on: worker)
    }

    private static func squares(_ block: Block, of gradient: Storage, on worker: Worker) -> Double {
        worker.measure(.optimizer) {
            sumOfSquares(gradient.base + block.offset, count: block.count)
        }
    }

    private func clear(_ parameter: Parameter) {
        (storage.base + parameter.offset).update(repeating: 0, count: parameter.count)
    }

    /// Squares by blocks that depend on the batch alone: those of a weight that no other overlaps,
    /// and of every parameter in a group of overlapping ones.
    private func sumSquares(known: [(Block, Double)]) {
        let blocks = Self.groups(Array(targets)).flatMap { group -> [Block] in
            if group.count == 1 { return Self.blocks(group[0]) }
            return Set(group.flatMap(\.indices)).sorted()
                .flatMap { Self.blocks(parameters.all[$0]) }
        }
        let sums = Dictionary(known.map { ($0.0.offset, $0.1) }) { first, _ in first }
        let missing = blocks.filter { sums[$0.offset] == nil }
        let gradient = storage
        let rest = workers.map(missing.count) { index, worker in
            Self.squares(missing[index], of: gradient, on: worker)
        }
        let found = Dictionary(zip(missing.map(\.offset), rest)) { first, _ in first }
        squares = blocks.compactMap { sums[$0.offset] ?? found[$0.offset] }
    }
}

import CKernels
import Synchronization

/// One trained tensor, or several that lie next to each other, within `Parameters`.
package struct Parameter: Sendable, Hashable {
    /// The checkpoint's name, such as `bert.encoder.layer.0.output.dense.weight`.
    package let name: String
    /// `[outputs, inputs]` for a weight, `[size]` for a bias.
    package let shape: [Int]
    /// Which of the declared parameters it is made of.
    package let indices: Range<Int>
    /// Its storage within `Parameters`, and where it begins there, in floats.
    package let storage, offset: Int

    /// How a parameter's gradient comes about.
    package enum Kind: Sendable {
        /// Each shard has a gradient of its own; they are added up.
        case dense
        /// The weight of linear layers: its gradient is a product that is computed once, over all
        /// shards, straight into the batch's gradient.
        case weight
        /// An embedding table: the gradient is kept as the rows that a pass used, and the optimizer
        /// leaves other rows alone until they are needed.
        case table
    }

    /// Where dense parameters, and where weights of linear layers, are stored.
    package static let denseStorage = 0, weightStorage = 1

    /// How its gradient comes about.
    package var kind: Kind {
        storage == Self.denseStorage ? .dense : storage == Self.weightStorage ? .weight : .table
    }

    /// The number of elements.
    package var count: Int { shape.reduce(1, *) }
    /// The first dimension.
    package var rows: Int { shape.count > 1 ? shape[0] : 1 }
    /// The last dimension.
    package var columns: Int { shape[shape.count - 1] }

    /// One parameter over all of `parts`, which were declared one after the other and differ at
    /// most in their first dimension.
    package static func joined(_ parts: [Parameter]) -> Parameter {
        guard let first = parts.first, let last = parts.last else {
            preconditionFailure("nothing to join")
        }
        for (part, next) in zip(parts, parts.dropFirst()) {
            precondition(
                part.storage == next.storage && part.offset + part.count == next.offset
                    && part.shape.dropFirst() == next.shape.dropFirst(),
                "\(part.name) and \(next.name) do not lie next to each other")
        }
        let size = parts.reduce(0) { $0 + $1.shape[0] }
        return Parameter(
            name: "\(first.name)…\(last.name)", shape: [size] + first.shape.dropFirst(),
            indices: first.indices.lowerBound..<last.indices.upperBound, storage: first.storage,
            offset: first.offset)
    }
}

/// Declares a model's parameters under scoped names, in the way a checkpoint names them.
package struct ParameterScope {
    /// The declarations so far, shared by all scopes of a model.
    package final class Declarations {
        var parameters: [Parameter] = []
        /// Of the storages: dense parameters, weights of linear layers, and each table by row.
        var sizes: [Int] = [0, 0]
        /// No declarations yet.
        package init() {}

        /// How many numbers were declared: no memory is taken before they are.
        package var count: Int { sizes.reduce(0, +) }
    }

    let declarations: Declarations
    let prefix: String

    /// The outermost scope.
    package init(_ declarations: Declarations, prefix: String = "") {
        self.declarations = declarations
        self.prefix = prefix
    }

    /// The scope `name` within this one: `weights["encoder"]["layer.3"]`.
    package subscript(name: String) -> ParameterScope {
        ParameterScope(declarations, prefix: prefix.isEmpty ? name : "\(prefix).\(name)")
    }

    /// Declares a parameter.
    package func parameter(
        _ name: String, _ shape: [Int], kind: Parameter.Kind = .dense
    ) -> Parameter {
        let index = declarations.parameters.count
        if kind == .table { declarations.sizes.append(0) }
        let storage =
            switch kind {
            case .dense: Parameter.denseStorage
            case .weight: Parameter.weightStorage
            case .table: declarations.sizes.count - 1
            }
        let parameter = Parameter(
            name: prefix.isEmpty ? name : "\(prefix).\(name)", shape: shape,
            indices: index..<(index + 1), storage: storage, offset: declarations.sizes[storage])
        declarations.parameters.append(parameter)
        declarations.sizes[storage] += parameter.count
        return parameter
    }
}

/// Weights as oneDNN likes them best, for products of a forward pass.
final class PackedWeights: Sendable {
    private let storage: Storage
    /// The first byte.
    var pointer: UnsafeRawPointer { UnsafeRawPointer(storage.base) }

    init(bytes: Int) { storage = Storage(count: (bytes + 3) / 4) }
}

/// The values of a model's parameters, in one storage for the dense ones, one for the weights of
/// linear layers, and one for each table.
///
/// Unchecked: values, and what is frozen, change only between passes (`AdamW.step`, loading), never
/// during one.
package final class Parameters: @unchecked Sendable {
    /// Every parameter in the order of declaration.
    package let all: [Parameter]
    /// The values by storage.
    package let storages: [Storage]
    /// Of each parameter in the order of declaration: whether training leaves it as it is.
    package private(set) var isFrozen: [Bool]
    private let derived = Mutex(Derived())

    /// What is made of the values when it is needed, and out of date once they change.
    private struct Derived {
        /// A stretch of a storage in one precision.
        struct Stretch: Hashable {
            let storage, offset, count: Int
            let precision: Precision
        }

        /// Values in bfloat16, by storage.
        var halves: [Int: Storage] = [:]
        /// By stretch; nil where packing brings nothing on this machine.
        var packed: [Stretch: PackedWeights?] = [:]
    }

    /// Values for all that was declared, zero at first.
    package init(_ declarations: ParameterScope.Declarations) {
        all = declarations.parameters
        storages = declarations.sizes.map { Storage(count: $0) }
        isFrozen = Array(repeating: false, count: all.count)
    }

    private init(_ original: Parameters, storages: [Storage]) {
        all = original.all
        isFrozen = original.isFrozen
        self.storages = storages
    }

    /// From now on training leaves `parameters` as they are: they get no gradient, count for no norm,
    /// and an optimizer neither moves them nor lets them decay. Gradients flow through them.
    ///
    /// - Precondition: gradients and optimizers for these parameters are made afterwards.
    package func freeze(_ parameters: [Parameter]) {
        for index in parameters.flatMap(\.indices) { isFrozen[index] = true }
    }

    /// A parameter's values as `[rows, columns]`.
    package subscript(parameter: Parameter) -> Tensor {
        Tensor(
            storage: storages[parameter.storage], offset: parameter.offset, rows: parameter.rows,
            columns: parameter.columns)
    }

    /// A parameter's values in bfloat16.
    func half(_ parameter: Parameter) -> UnsafeMutablePointer<UInt16> {
        halves(storage: parameter.storage).advanced(by: parameter.offset)
    }

    /// A storage's values in bfloat16; those of weights the optimizer keeps up to date.
    package func halves(storage index: Int) -> UnsafeMutablePointer<UInt16> {
        let storage = derived.withLock { derived in
            if let halves = derived.halves[index] { return halves }
            let halves = Storage(count: (storages[index].count + 1) / 2)
            warrant_round(Self.half(of: halves), storages[index].base, storages[index].count)
            derived.halves[index] = halves
            return halves
        }
        return Self.half(of: storage)
    }

    private static func half(of storage: Storage) -> UnsafeMutablePointer<UInt16> {
        UnsafeMutableRawPointer(storage.base).assumingMemoryBound(to: UInt16.self)
    }

    /// A weight packed for products on `worker`; nil where that brings nothing on this machine.
    func packed(_ weight: Parameter, for worker: Worker) -> PackedWeights? {
        let stretch = Derived.Stretch(
            storage: weight.storage, offset: weight.offset, count: weight.count,
            precision: worker.precision)
        return derived.withLock { derived in
            if let known = derived.packed[stretch] { return known }
            let type = worker.precision.type
            let size = warrant_packed_size(worker.products, weight.rows, weight.columns, type)
            var packed: PackedWeights?
            if size > 0 {
                let made = PackedWeights(bytes: size)
                check(
                    warrant_pack(
                        worker.products, weight.rows, weight.columns, type, self[weight].pointer,
                        UnsafeMutableRawPointer(mutating: made.pointer)), "packing")
                packed = made
            }
            derived.packed[stretch] = .some(packed)
            return packed
        }
    }

    /// Forgets what was made of the values: they have changed.
    ///
    /// - Parameter keepingWeights: the caller has brought the weights' halves up to date itself.
    package func changed(keepingWeights: Bool = false) {
        derived.withLock {
            $0.packed.removeAll()
            $0.halves = $0.halves.filter { keepingWeights && $0.key == Parameter.weightStorage }
        }
    }

    /// How many numbers the model has.
    package var count: Int { storages.reduce(0) { $0 + $1.count } }

    /// Those whose gradient is kept by row.
    package var tables: [Parameter] { all.filter { $0.kind == .table } }

    /// An independent copy of all values: a checkpoint. What is frozen is so in the copy.
    package func copy() -> Parameters {
        let copies = storages.map { storage in
            let copy = Storage(count: storage.count)
            copy.base.update(from: storage.base, count: storage.count)
            return copy
        }
        return Parameters(self, storages: copies)
    }

    /// Rounds every value to what a file of `format` holds: then the model in memory is the one on
    /// disk.
    package func round(to format: FloatFormat) {
        guard format != .f32 else { return }
        let block = 4_096
        let bytes = UnsafeMutableRawPointer.allocate(byteCount: block * 2, alignment: 64)
        defer { bytes.deallocate() }
        for storage in storages {
            for start in stride(from: 0, to: storage.count, by: block) {
                let count = min(block, storage.count - start)
                format.encode(storage.base + start, into: bytes, count: count)
                format.decode(bytes, into: storage.base + start, count: count)
            }
        }
        changed()
    }
}

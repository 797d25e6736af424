import CKernels
import Tensors

/// Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2), and clipping of the
/// gradient by its global norm.
///
/// Weights of rank 2 decay, biases and LayerNorm's parameters do not. A row of an embedding table
/// that a batch does not use still decays and still moves by its momentum; such steps are left out
/// until the row is needed and then made up for in one go, with the bits that single steps would
/// have given. Frozen parameters stay as they are.
package final class AdamW: Optimizer {
    /// What stays the same over a run.
    package struct Options: Sendable {
        /// Decay of the first moment.
        package var beta1: Float = 0.9
        /// Decay of the second moment.
        package var beta2: Float = 0.999
        /// Added to the denominator.
        package var epsilon: Float = 1e-8
        /// Decoupled weight decay, for weights of rank 2.
        package var weightDecay: Float = 0.01
        /// The largest norm of the whole gradient.
        package var clippingNorm: Double = 1

        /// The usual values.
        package init() {}
    }

    private let options: Options
    private let parameters: Parameters
    private let isFrozen: [Bool]
    private let workers: Workers
    private let moments1: [Storage]
    private let moments2: [Storage]
    private var steps: [warrant_adamw_step] = []
    private var waiting: WaitingRows

    /// An optimizer for `parameters`, with moments of zero.
    package init(parameters: Parameters, workers: Workers, options: Options = Options()) {
        self.options = options
        self.parameters = parameters
        self.workers = workers
        isFrozen = parameters.isFrozen
        moments1 = parameters.storages.map { Storage(count: $0.count) }
        moments2 = parameters.storages.map { Storage(count: $0.count) }
        waiting = WaitingRows(parameters.tables)
    }

    // MARK: State

    /// Both moments of a parameter's gradient.
    package func state(of parameter: Parameter) -> [(name: String, values: Tensor)] {
        [("moment1", moments1.view(of: parameter)), ("moment2", moments2.view(of: parameter))]
    }

    package func resume(after count: Int) {
        // No row waits for any of them, so that their number is all that is needed.
        steps = Array(repeating: step(rate: 0, scale: 1), count: count)
        waiting = WaitingRows(parameters.tables, after: count)
    }

    // MARK: Steps

    private func step(rate: Float, scale: Float) -> warrant_adamw_step {
        let number = steps.count + 1
        return warrant_adamw_step(
            learning_rate: rate, beta1: options.beta1, beta2: options.beta2,
            epsilon: options.epsilon, weight_decay: options.weightDecay,
            correction1: Self.correction(options.beta1, number),
            correction2: Self.correction(options.beta2, number), gradient_scale: scale)
    }

    /// 1 - βᵗ, in double precision.
    private static func correction(_ beta: Float, _ number: Int) -> Float {
        Float(1 - power(beta, number))
    }

    /// One step along `gradients`.
    ///
    /// - Precondition: `prepare(rows:)` was called for the rows that the pass read.
    /// - Returns: the gradient's norm before clipping; where it is not finite, nothing has changed.
    package func step(_ gradients: ShardedGradients, rate: Float) -> Double {
        precondition(
            isFrozen == parameters.isFrozen, "what is frozen is said before the optimizer is made")
        let norm = gradients.norm()
        // No multiple of what is not a number is one: there is no step along it.
        guard norm.isFinite else { return norm }
        // PyTorch's clip_grad_norm_: the norm plus 1e-6 divides.
        let scale = min(1, options.clippingNorm / (norm + 1e-6))
        let step = step(rate: rate, scale: Float(scale))
        update(Parameter.denseStorage, gradients.denseParts, step)
        update(Parameter.weightStorage, [gradients.weights], step)
        parameters.changed(keepingWeights: workers.precision == .bf16)
        updateRows(gradients, step)
        steps.append(step)
        return norm
    }

    /// Updates all parameters of a storage whose gradient is the sum of `parts`.
    private func update(_ storage: Int, _ parts: [Storage], _ step: warrant_adamw_step) {
        guard parameters.storages[storage].count > 0 else { return }
        // Slices end where parameters do, since decay differs between them.
        let moving = parameters.all.filter { $0.storage == storage && !isFrozen($0) }
        let slices = moving.flatMap { parameter in
            stride(from: 0, to: parameter.count, by: ShardedGradients.slice).map { start in
                (
                    parameter.offset + start,
                    min(ShardedGradients.slice, parameter.count - start),
                    parameter.shape.count > 1
                )
            }
        }
        let (values, m, v) = (parameters.storages[storage], moments1[storage], moments2[storage])
        // In bfloat16 the products' copy of the weights is brought up to date in the same pass.
        let isHalf = workers.precision == .bf16 && storage == Parameter.weightStorage
        let halves = SendablePointer(isHalf ? parameters.halves(storage: storage) : nil)
        workers.run(slices.count) { index, worker in
            let (offset, size, decays) = slices[index]
            var step = step
            if !decays { step.weight_decay = 0 }
            worker.measure(.optimizer) {
                ShardedGradients.withParts(parts, from: offset) {
                    warrant_adamw(
                        values.base + offset, halves.pointer.map { $0 + offset }, $0, parts.count,
                        m.base + offset, v.base + offset, size, step)
                }
            }
        }
    }

    private func isFrozen(_ parameter: Parameter) -> Bool {
        isFrozen[parameter.indices.lowerBound]
    }

    private func updateRows(_ gradients: ShardedGradients, _ step: warrant_adamw_step) {
        for (table, sums) in gradients.rowSums.enumerated() where !isFrozen(sums.parameter) {
            let columns = sums.parameter.columns
            let storage = sums.parameter.storage
            let (values, m, v) = (
                parameters.storages[storage], moments1[storage], moments2[storage]
            )
            for (slot, id) in sums.ids.enumerated() {
                waiting.step(id, of: table, after: steps.count)
                let offset = Int(id) * columns
                sums.values.withUnsafeBufferPointer { gradient in
                    var row = gradient.baseAddress.map { $0 + slot * columns }
                    warrant_adamw(
                        values.base + offset, nil, &row, 1, m.base + offset, v.base + offset,
                        columns, step)
                }
            }
        }
    }

    package func prepare(rows: [Int32]) { catchUp(rows) }

    package func synchronize() { catchUp(nil) }

    /// - Parameter rows: nil: every one.
    private func catchUp(_ rows: [Int32]?) {
        for (table, parameter) in parameters.tables.enumerated() where !isFrozen(parameter) {
            let columns = parameter.columns
            let (values, m, v) = (
                parameters.storages[parameter.storage], moments1[parameter.storage],
                moments2[parameter.storage]
            )
            let steps = steps
            waiting.prepare(rows, of: table, steps: steps.count, workers) { row, from in
                steps.withUnsafeBufferPointer { steps in
                    guard let base = steps.baseAddress else { return }
                    warrant_adamw_idle(
                        values.base + row * columns, m.base + row * columns,
                        v.base + row * columns, columns, base + from, steps.count - from)
                }
            }
        }
    }
}

/// Unchecked: every slice of what it points to is written by one worker.
private struct SendablePointer: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<UInt16>?

    init(_ pointer: UnsafeMutablePointer<UInt16>?) { self.pointer = pointer }
}

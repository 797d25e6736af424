import CKernels
import Tensors

/// Adam (Kingma & Ba 2015) with L2 decay added to the gradient and, if wanted, the largest second
/// moment so far in place of the present one (AMSGrad: Reddi, Kale & Kumar 2018), as PyTorch 1.0 has
/// it:
///
///     g ← g + decay · p,  m ← β₁ m + (1 - β₁) g,  v ← β₂ v + (1 - β₂) g²,  v̂ ← max(v̂, v),
///     p ← p - rate · √(1 - β₂ᵗ) / (1 - β₁ᵗ) · m / (√v̂ + ε),
///
/// with v in place of v̂ without AMSGrad. PyTorch since 1.3 adds ε after the correction, which is ε
/// √(1 - β₂ᵗ) in this formula (`epsilonFollowsCorrection`): the two differ where gradients are as small
/// as those of decay alone.
///
/// Every row of a table moves at every step, whether a batch used it or not, since decay and momentum
/// move it; the steps of rows that a batch does not use are left out until the row is needed and then
/// made up for in one go, with the bits that single steps would have given. Frozen parameters stay as
/// they are.
package final class Adam: Optimizer {
    /// What stays the same over a run.
    package struct Options: Sendable {
        /// Decay of the first moment.
        package var beta1: Float = 0.9
        /// Decay of the second moment.
        package var beta2: Float = 0.999
        /// Added to the denominator.
        package var epsilon: Float = 1e-8
        /// Whether √v̂ is divided by √(1 - β₂ᵗ) before ε is added, as PyTorch does since 1.3.
        package var epsilonFollowsCorrection = false
        /// L2 decay, of every parameter unless said otherwise.
        package var weightDecay: Float = 0
        /// Whether the largest second moment so far divides.
        package var isAMSGrad = false
        /// The largest norm of the whole gradient, decay apart; nil: any.
        package var clippingNorm: Double?

        /// The values of PyTorch 1.0.
        package init() {}
    }

    private let options: Options
    private let parameters: Parameters
    private let workers: Workers
    private let isFrozen: [Bool]
    /// Of each declared parameter.
    private let decay: [Float]
    private let moments1, moments2: [Storage]
    private let maxima: [Storage]?
    private var steps: [warrant_adam_step] = []
    private var waiting: WaitingRows

    /// An optimizer for `parameters`, with moments of zero.
    ///
    /// - Parameter weightDecay: of single parameters, where it is not that of the options.
    package init(
        parameters: Parameters, workers: Workers, options: Options = Options(),
        weightDecay: (Parameter) -> Float? = { _ in nil }
    ) {
        self.options = options
        self.parameters = parameters
        self.workers = workers
        isFrozen = parameters.isFrozen
        decay = parameters.all.map { weightDecay($0) ?? options.weightDecay }
        moments1 = parameters.storages.map { Storage(count: $0.count) }
        moments2 = parameters.storages.map { Storage(count: $0.count) }
        maxima =
            options.isAMSGrad ? parameters.storages.map { Storage(count: $0.count) } : nil
        waiting = WaitingRows(parameters.tables)
    }

    /// Both moments of a parameter's gradient, and of AMSGrad the largest second one.
    package func state(of parameter: Parameter) -> [(name: String, values: Tensor)] {
        [("moment1", moments1.view(of: parameter)), ("moment2", moments2.view(of: parameter))]
            + (maxima.map { [("maximum", $0.view(of: parameter))] } ?? [])
    }

    package func resume(after count: Int) {
        // No row waits for any of them, so that their number is all that is needed.
        steps = Array(repeating: constants(rate: 0, scale: 1, number: 1), count: count)
        waiting = WaitingRows(parameters.tables, after: count)
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
            let largest = maxima?[parameter.storage]
            let (steps, decay) = (steps, decay[parameter.indices.lowerBound])
            waiting.prepare(rows, of: table, steps: steps.count, workers) { row, from in
                let offset = row * columns
                steps.withUnsafeBufferPointer { steps in
                    guard let base = steps.baseAddress else { return }
                    warrant_adam_idle(
                        values.base + offset, m.base + offset, v.base + offset,
                        largest.map { $0.base + offset }, columns, base + from,
                        steps.count - from, decay)
                }
            }
        }
    }

    /// What the elements of a step have in common.
    private func constants(rate: Float, scale: Double, number: Int) -> warrant_adam_step {
        let correction1 = 1 - power(options.beta1, number)
        let correction2 = (1 - power(options.beta2, number)).squareRoot()
        let epsilon =
            options.epsilonFollowsCorrection
            ? Float(Double(options.epsilon) * correction2) : options.epsilon
        return warrant_adam_step(
            rate: Float(Double(rate) * correction2 / correction1),
            beta1: options.beta1, beta2: options.beta2, epsilon: epsilon, weight_decay: 0,
            gradient_scale: Float(scale))
    }

    package func step(_ gradients: ShardedGradients, rate: Float) -> Double {
        precondition(
            isFrozen == parameters.isFrozen, "what is frozen is said before the optimizer is made")
        let norm = gradients.norm()
        guard norm.isFinite else { return norm }
        let scale = options.clippingNorm.map { min(1, $0 / (norm + 1e-6)) } ?? 1
        let step = constants(rate: rate, scale: scale, number: steps.count + 1)
        var work = updates(Parameter.weightStorage, [gradients.weights], step)
        for (table, sums) in gradients.rowSums.enumerated() where !isFrozen(sums.parameter) {
            for id in sums.ids { waiting.step(id, of: table, after: steps.count) }
            work += updates(sums, step)
        }
        work += updates(Parameter.denseStorage, gradients.denseParts, step)
        // All in one call: each has to wake the other threads.
        let all = work
        workers.run(all.count) { index, worker in worker.measure(.optimizer) { all[index]() } }
        steps.append(step)
        parameters.changed()
        return norm
    }

    private func isFrozen(_ parameter: Parameter) -> Bool {
        isFrozen[parameter.indices.lowerBound]
    }

    /// A part of a step, of elements that no other part has.
    private typealias Update = @Sendable () -> Void

    /// Updates the rows of a table that a batch has used.
    private func updates(
        _ sums: ShardedGradients.RowSums, _ step: warrant_adam_step
    ) -> [Update] {
        let (storage, columns) = (sums.parameter.storage, sums.parameter.columns)
        let (values, m, v) = (parameters.storages[storage], moments1[storage], moments2[storage])
        let largest = maxima?[storage]
        var step = step
        step.weight_decay = decay[sums.parameter.indices.lowerBound]
        let (ids, rows, constants) = (sums.ids, sums.values, step)
        let group = 64
        return stride(from: 0, to: ids.count, by: group).map { first -> Update in
            {
                rows.withUnsafeBufferPointer { rows in
                    for slot in first..<min(ids.count, first + group) {
                        let offset = Int(ids[slot]) * columns
                        var row = rows.baseAddress.map { $0 + slot * columns }
                        warrant_adam(
                            values.base + offset, &row, 1, m.base + offset, v.base + offset,
                            largest.map { $0.base + offset }, columns, constants)
                    }
                }
            }
        }
    }

    /// Updates all parameters of a storage whose gradient is the sum of `parts`.
    private func updates(
        _ storage: Int, _ parts: [Storage], _ step: warrant_adam_step
    ) -> [Update] {
        let (values, m, v) = (parameters.storages[storage], moments1[storage], moments2[storage])
        let largest = maxima?[storage]
        let moving = parameters.all.filter { $0.storage == storage && !isFrozen($0) }
        return moving.flatMap { parameter in
            var step = step
            step.weight_decay = decay[parameter.indices.lowerBound]
            let constants = step
            return stride(from: 0, to: parameter.count, by: ShardedGradients.slice).map {
                start -> Update in
                let offset = parameter.offset + start
                let size = min(ShardedGradients.slice, parameter.count - start)
                return {
                    ShardedGradients.withParts(parts, from: offset) {
                        warrant_adam(
                            values.base + offset, $0, parts.count, m.base + offset,
                            v.base + offset, largest.map { $0.base + offset }, size, constants)
                    }
                }
            }
        }
    }
}

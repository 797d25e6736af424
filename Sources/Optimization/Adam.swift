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
/// move it. Frozen parameters stay as they are.
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
    private var steps = 0
    /// The gradient of a table as a whole, zero between steps; made once there is one.
    private var tableGradients: [Int: Storage] = [:]

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
    }

    /// Both moments of a parameter's gradient, and of AMSGrad the largest second one.
    package func state(of parameter: Parameter) -> [(name: String, values: Tensor)] {
        [("moment1", moments1.view(of: parameter)), ("moment2", moments2.view(of: parameter))]
            + (maxima.map { [("maximum", $0.view(of: parameter))] } ?? [])
    }

    package func resume(after count: Int) { steps = count }

    /// Nothing to do: no row waits for a step.
    package func prepare(rows: [Int32]) {}

    /// Nothing to do: no row waits for a step.
    package func synchronize() {}

    package func step(_ gradients: ShardedGradients, rate: Float) -> Double {
        precondition(
            isFrozen == parameters.isFrozen, "what is frozen is said before the optimizer is made")
        let norm = gradients.norm()
        guard norm.isFinite else { return norm }
        steps += 1
        let scale = options.clippingNorm.map { min(1, $0 / (norm + 1e-6)) } ?? 1
        let correction1 = 1 - power(options.beta1)
        let correction2 = (1 - power(options.beta2)).squareRoot()
        let epsilon =
            options.epsilonFollowsCorrection
            ? Float(Double(options.epsilon) * correction2) : options.epsilon
        let step = warrant_adam_step(
            rate: Float(Double(rate) * correction2 / correction1),
            beta1: options.beta1, beta2: options.beta2, epsilon: epsilon, weight_decay: 0,
            gradient_scale: Float(scale))
        update(Parameter.denseStorage, gradients.denseParts, step)
        update(Parameter.weightStorage, [gradients.weights], step)
        for sums in gradients.rowSums where !isFrozen[sums.parameter.indices.lowerBound] {
            let (storage, columns) = (sums.parameter.storage, sums.parameter.columns)
            let whole = tableGradients[storage] ?? Storage(count: sums.parameter.count)
            tableGradients[storage] = whole
            for (slot, id) in sums.ids.enumerated() {
                let row = sums.values[(slot * columns)..<((slot + 1) * columns)]
                (whole.base + Int(id) * columns).update(from: Array(row), count: columns)
            }
            update(storage, [whole], step)
            for id in sums.ids {
                (whole.base + Int(id) * columns).update(repeating: 0, count: columns)
            }
        }
        parameters.changed()
        return norm
    }

    /// βᵗ, in double precision.
    private func power(_ beta: Float) -> Double {
        var (power, square, bits) = (1.0, Double(beta), steps)
        while bits > 0 {
            if bits & 1 == 1 { power *= square }
            square *= square
            bits >>= 1
        }
        return power
    }

    /// Updates all parameters of a storage whose gradient is the sum of `parts`.
    private func update(_ storage: Int, _ parts: [Storage], _ step: warrant_adam_step) {
        let slices = parameters.all.filter {
            $0.storage == storage && !isFrozen[$0.indices.lowerBound]
        }.flatMap { parameter in
            stride(from: 0, to: parameter.count, by: ShardedGradients.slice).map { start in
                (
                    parameter.offset + start, min(ShardedGradients.slice, parameter.count - start),
                    decay[parameter.indices.lowerBound]
                )
            }
        }
        let (values, m, v) = (parameters.storages[storage], moments1[storage], moments2[storage])
        let largest = maxima?[storage]
        workers.run(slices.count) { index, worker in
            let (offset, size, decay) = slices[index]
            var step = step
            step.weight_decay = decay
            worker.measure(.optimizer) {
                ShardedGradients.withParts(parts, from: offset) {
                    warrant_adam(
                        values.base + offset, $0, parts.count, m.base + offset, v.base + offset,
                        largest.map { $0.base + offset }, size, step)
                }
            }
        }
    }
}
